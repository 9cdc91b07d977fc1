-- zh: 一省各市县的年报公布率、按期率是多少？
-- en: What share of the reports due was published in each prefecture and county of a province, and what share in time?
SELECT
    region_code,
    region_name,
    due_count,
    published_count,
    published_over_due_rate,
    on_time_over_dated_rate
FROM mart.coverage
WHERE report_year = 2022 AND division_level = 'all' AND starts_with(region_code, '41') AND region_code <> '410000'
ORDER BY published_over_due_rate DESC NULLS LAST, region_code
