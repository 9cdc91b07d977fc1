-- grain: one row per report, indicator and measure of the statistics table of the 2014 edition, out of the cells
SELECT
    report_id,
    row_code AS statistic_code,
    column_code AS measure_code,
    value,
    unit,
    state_code
FROM core.cell
WHERE table_code = 'stats'
