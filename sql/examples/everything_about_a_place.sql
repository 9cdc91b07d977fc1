-- zh: 一地一年各机关的情况如何？（应公布而未见者也列出）
-- en: What is known of every agency of a place in one year, including those whose report is missing?
SELECT
    agency_name,
    obligation_status_code,
    request_received_count,
    request_disposed_count,
    disclosed_over_disposed_rate,
    licensing_decision_count,
    penalty_decision_count
FROM mart.metrics('孟津区', 2022)
ORDER BY agency_name
