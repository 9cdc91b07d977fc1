-- zh: 不予公开的理由各有多少件？
-- en: For which reasons are requests not disclosed?
SELECT form.label_zh, form.label_en, sum(request.request_count) AS request_count, count(*) AS report_count
FROM core.request AS request
INNER JOIN core.report AS report ON request.report_id = report.report_id AND report.is_latest
INNER JOIN meta.form_cell AS form
    ON report.edition_code = form.edition_code
    AND form.cell_code = concat_ws('.', 'requests', request.outcome_code, request.applicant_code)
WHERE starts_with(request.outcome_code, 'denied_')
    AND request.applicant_code = 'total'
    AND request.state_code = 'reported'
GROUP BY form.label_zh, form.label_en, form.sort_order
ORDER BY request_count DESC, form.sort_order
