-- severity: error
-- table: core.cell
-- scope: report
-- message: a fact table and the cell it was made from disagree
WITH fact AS (
    SELECT report_id, concat_ws('.', 'requests', outcome_code, applicant_code) AS cell_code,
        CAST(request_count AS DECIMAL(24, 8)) AS value, state_code
    FROM core.request
    UNION ALL
    SELECT report_id, concat_ws('.', 'proactive', subject_code, measure_code), value, state_code
    FROM core.proactive
    UNION ALL
    SELECT report_id, concat_ws('.', 'disputes', channel_code, outcome_code),
        CAST(case_count AS DECIMAL(24, 8)), state_code
    FROM core.dispute
    UNION ALL
    SELECT report_id, concat_ws('.', 'stats', statistic_code, measure_code), value, state_code
    FROM core.statistic
),
cell AS (
    -- A printed count that is no whole number stays in core.cell and is illegible in its fact table
    SELECT
        report_id,
        cell_code,
        table_code NOT IN ('proactive', 'stats') AND coalesce(value <> trunc(value), false) AS is_broken_count,
        CASE WHEN is_broken_count THEN 'illegible' ELSE state_code END AS state_code,
        CASE WHEN NOT is_broken_count THEN value END AS value
    FROM core.cell
    WHERE table_code IN ('requests', 'proactive', 'disputes', 'stats')
)
SELECT
    coalesce(fact.report_id, cell.report_id) AS report_id,
    coalesce(fact.cell_code, cell.cell_code) AS cell_code,
    fact.value AS fact_value,
    cell.value AS cell_value,
    fact.state_code AS fact_state,
    cell.state_code AS cell_state
FROM fact
FULL JOIN cell ON fact.report_id = cell.report_id AND fact.cell_code = cell.cell_code
WHERE fact.value IS DISTINCT FROM cell.value OR fact.state_code IS DISTINCT FROM cell.state_code
