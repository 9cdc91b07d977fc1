-- zh: 各年应公布多少份、已有多少份、按期多少份？
-- en: How many reports are owed for each year, how many are here, how many came in time?
SELECT
    report_year,
    expected_count,
    published_count,
    on_time_count,
    late_count,
    date_unknown_count,
    not_found_count,
    published_over_due_rate
FROM mart.coverage
WHERE region_code = '000000' AND division_level = 'all'
ORDER BY report_year
