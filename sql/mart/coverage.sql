-- grain: one row per report year, region and level of organs (or all of them): what was owed and what came
-- Regions are the nation (000000), provinces, prefectures and counties; each counts what is owed anywhere within it.
WITH owed AS (
    SELECT
        report_year,
        division_level,
        obligation_status_code AS status,
        deadline_basis_code AS basis,
        CASE WHEN length(region_code) >= 6 THEN left(region_code, 2) || '0000' END AS province_code,
        CASE WHEN length(region_code) >= 6 AND substr(region_code, 3, 2) <> '00' THEN left(region_code, 4) || '00' END
            AS prefecture_code,
        CASE WHEN length(region_code) >= 6 AND substr(region_code, 5, 2) <> '00' THEN left(region_code, 6) END
            AS county_code
    FROM core.obligation
),
placed AS (
    SELECT owed.*, place.region_code
    FROM owed
    CROSS JOIN LATERAL unnest(list_distinct(['000000', province_code, prefecture_code, county_code]))
        AS place (region_code)
    WHERE place.region_code IS NOT NULL
),
counted AS (
    SELECT
        report_year,
        region_code,
        coalesce(division_level, 'all') AS division_level,
        count(*) AS expected_count,
        count(*) FILTER (status IN ('on_time', 'late', 'after_close', 'date_unknown')) AS published_count,
        count(*) FILTER (status = 'on_time') AS on_time_count,
        count(*) FILTER (status = 'late') AS late_count,
        count(*) FILTER (status = 'after_close') AS after_close_count,
        count(*) FILTER (status = 'date_unknown') AS date_unknown_count,
        count(*) FILTER (status = 'unreadable') AS unreadable_count,
        count(*) FILTER (status = 'not_found') AS not_found_count,
        count(*) FILTER (status = 'blocked') AS blocked_count,
        count(*) FILTER (status = 'not_due') AS not_due_count,
        count(*) FILTER (basis = 'assumed') AS assumed_deadline_count
    FROM placed
    GROUP BY GROUPING SETS ((report_year, region_code, division_level), (report_year, region_code))
),
named AS (
    SELECT division_code, division_name
    FROM core.division
    QUALIFY row_number() OVER (PARTITION BY division_code ORDER BY holder_number DESC) = 1
)
SELECT
    counted.report_year,
    counted.region_code,
    named.division_name AS region_name,
    counted.division_level,
    counted.expected_count,
    counted.published_count,
    counted.on_time_count,
    counted.late_count,
    counted.after_close_count,
    counted.published_count - counted.date_unknown_count AS dated_count,
    counted.date_unknown_count,
    counted.unreadable_count,
    counted.not_found_count,
    counted.blocked_count,
    counted.not_due_count,
    counted.expected_count - counted.not_due_count AS due_count,
    counted.assumed_deadline_count,
    counted.published_count / nullif(due_count, 0) AS published_over_due_rate,
    counted.on_time_count / nullif(dated_count, 0) AS on_time_over_dated_rate
FROM counted
LEFT JOIN named ON counted.region_code = named.division_code
