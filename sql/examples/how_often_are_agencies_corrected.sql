-- zh: 某年复议、诉讼各审结多少件，纠错率是多少？
-- en: How many reviews and lawsuits were closed in a year, and how often was the agency corrected?
SELECT
    channel_code,
    sum(closed_case_count) AS closed_case_count,
    sum(corrected_case_count) AS corrected_case_count,
    sum(corrected_case_count) / nullif(sum(closed_case_count), 0) AS corrected_over_closed_rate,
    count(*) AS report_count
FROM mart.dispute_year
WHERE report_year = 2024 AND closed_case_count IS NOT NULL
GROUP BY channel_code
ORDER BY channel_code
