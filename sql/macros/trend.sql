-- Every metric of the few rows of this place is made a row, and those of the one asked for are kept
WITH here AS (
    SELECT region_year.*, found.region_path_text
    FROM mart.region_year AS region_year
    INNER JOIN mart.find_place(place) AS found ON region_year.region_code = found.division_code
),
numbers AS (
    SELECT
        region_code,
        region_path_text,
        scope_code,
        report_year,
        report_count AS reports,
        comparable_report_count AS comparable_reports,
        published_over_due_rate AS published_share,
        has_comparable_panel,
        is_series_break,
        COLUMNS('_(count|rate)$')::DOUBLE
    FROM here
)
SELECT
    region_code,
    region_path_text,
    scope_code,
    metric_column AS metric_name,
    report_year,
    metric_value AS value,
    reports AS report_count,
    comparable_reports AS comparable_report_count,
    published_share AS published_over_due_rate,
    has_comparable_panel,
    is_series_break
FROM numbers UNPIVOT INCLUDE NULLS (metric_value FOR metric_column IN (COLUMNS('_(count|rate)$')))
WHERE metric_column = metric
ORDER BY region_code, scope_code, report_year
