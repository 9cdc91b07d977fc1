-- zh: 各省行政许可、处罚、强制各多少件，由多少份报告报出？
-- en: How many licences, penalties and coercive measures are there in each province, and in how many reports?
SELECT
    region_name,
    scope_code,
    licensing_decision_count,
    licensing_report_count,
    penalty_decision_count,
    penalty_report_count,
    coercion_decision_count,
    coercion_report_count
FROM mart.region_year
WHERE report_year = 2024 AND region_code LIKE '__0000' AND region_code <> '000000' AND scope_code <> 'all'
ORDER BY licensing_decision_count DESC NULLS LAST, region_name, scope_code
