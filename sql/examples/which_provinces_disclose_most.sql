-- zh: 各省公开率是多少？（同一报告范围，基数不少于30件）
-- en: What share of requests is disclosed in each province, comparing one scope of reports, on a base of 30 or more?
SELECT
    region_name,
    scope_code,
    outcome_report_count,
    outcome_disposed_count AS base_count,
    disclosed_over_disposed_rate
FROM mart.region_year
WHERE report_year = 2024
    AND region_code LIKE '__0000'
    AND region_code <> '000000'
    AND outcome_disposed_count >= 30
ORDER BY scope_code, disclosed_over_disposed_rate DESC, region_name
