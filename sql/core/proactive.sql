-- grain: one row per report, subject and measure of table 2, out of the cells
SELECT
    report_id,
    row_code AS subject_code,
    column_code AS measure_code,
    value,
    unit,
    state_code
FROM core.cell
WHERE table_code = 'proactive'
