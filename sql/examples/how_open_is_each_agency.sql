-- zh: 一地各机关的公开率是多少？（以办理结果总计为分母，并列出基数）
-- en: What share of requests does each agency of a place disclose in full or in part, and on what base?
SELECT
    agency_name,
    report_year,
    request_disposed_count AS base_count,
    round(disclosed_over_disposed_rate, 4) AS disclosed_rate
FROM mart.metrics('江苏省', 2024)
WHERE disclosed_over_disposed_rate IS NOT NULL AND grade_code = 'holds'
ORDER BY disclosed_rate DESC, base_count DESC, agency_name
