-- grain: one row per report, channel and outcome of table 4, out of the cells
-- A printed 1.5 is no count: it stays in core.cell, here it is illegible.
SELECT
    report_id,
    row_code AS channel_code,
    column_code AS outcome_code,
    CASE WHEN value = trunc(value) THEN CAST(value AS BIGINT) END AS case_count,
    CASE WHEN value <> trunc(value) THEN 'illegible' ELSE state_code END AS state_code
FROM core.cell
WHERE table_code = 'disputes'
