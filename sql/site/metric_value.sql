-- grain: one row per agency, report year and share of the area ($area as in agency_year.sql), with its operands
SELECT metric.agency_id, metric.report_year, metric.column_name, metric.numerator, metric.denominator
FROM mart.metric AS metric
INNER JOIN mart.agency_year AS report
    ON metric.agency_id = report.agency_id AND metric.report_year = report.report_year
WHERE
    CASE
        WHEN $area = '00' THEN report.division_level IN ('national', 'province')
        ELSE coalesce(left(report.region_code, 2), 'none') = $area
    END
    AND list_contains($columns, metric.column_name)
    -- Shares put together from another regulation's form are no like with like
    AND metric.comparability_code <> 'bridge'
ORDER BY metric.report_year, metric.agency_id, metric.column_name
