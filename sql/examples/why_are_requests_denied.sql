-- zh: 某年不予公开的理由各有多少件？
-- en: For which reasons are requests not disclosed in a year?
SELECT
    reason.outcome_code,
    any_value(form.label_zh) AS label_zh,
    any_value(form.label_en) AS label_en,
    any_value(reason.request_count) AS request_count,
    any_value(reason.report_count) AS report_count
FROM (
    SELECT outcome_code, sum(request_count) AS request_count, count(request_count) AS report_count
    FROM mart.request_reason
    WHERE report_year = 2024 AND outcome_group_code = 'denied'
    GROUP BY outcome_code
) AS reason
INNER JOIN meta.form_cell AS form ON form.cell_code = concat_ws('.', 'requests', reason.outcome_code, 'total')
WHERE form.edition_code = 'ED_2021'
GROUP BY reason.outcome_code
ORDER BY request_count DESC, reason.outcome_code
