-- zh: 各年报告的读全率、勾稽相符率如何？
-- en: How much of the reports of each year was read, and how far do their figures agree?
SELECT
    report_year,
    count(*) AS report_count,
    sum(read_number_count) / nullif(sum(printed_number_count), 0) AS read_over_printed_rate,
    sum(hard_passed_count) / nullif(sum(hard_assessed_count), 0) AS hard_passed_over_assessed_rate,
    count(*) FILTER (grade_code = 'contradictory') AS contradictory_report_count
FROM mart.quality
WHERE is_latest
GROUP BY report_year
ORDER BY report_year
