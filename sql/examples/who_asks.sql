-- zh: 某年申请由哪些人提出，各占多少？
-- en: Who makes the requests of a year, and what share is each kind of applicant?
SELECT
    applicant_code,
    sum(request_received_count) AS request_received_count,
    sum(request_received_count) / nullif(sum(all_kinds_received_count), 0) AS received_over_all_kinds_rate,
    count(*) AS report_count
FROM mart.applicant_mix
-- Both sums over the same reports: those that give every kind
WHERE report_year = 2024 AND request_received_count IS NOT NULL AND all_kinds_received_count IS NOT NULL
GROUP BY applicant_code
ORDER BY request_received_count DESC, applicant_code
