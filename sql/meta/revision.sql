-- grain: one row per version of a report and cell whose number or state differs from the version before it
-- Only what was captured can be compared: a change between two captures of one page leaves one row, not its history.
WITH versions AS (
    SELECT report_id, agency_id, report_year, version_number
    FROM core.report
    WHERE report_year IS NOT NULL AND version_change_code <> 'copy'
),
changes AS (
    SELECT
        later.agency_id,
        later.report_year,
        later.version_number,
        later.report_id,
        earlier.report_id AS previous_report_id
    FROM versions AS later
    INNER JOIN versions AS earlier
        ON later.agency_id = earlier.agency_id
        AND later.report_year = earlier.report_year
        AND later.version_number = earlier.version_number + 1
),
before AS (
    SELECT changes.report_id, cell.cell_code, cell.value, cell.unit, cell.state_code, cell.raw_text
    FROM changes
    INNER JOIN core.cell AS cell ON changes.previous_report_id = cell.report_id
),
after AS (
    SELECT changes.report_id, cell.cell_code, cell.value, cell.unit, cell.state_code, cell.raw_text
    FROM changes
    INNER JOIN core.cell AS cell ON changes.report_id = cell.report_id
),
pairs AS (
    SELECT
        coalesce(after.report_id, before.report_id) AS report_id,
        coalesce(after.cell_code, before.cell_code) AS cell_code,
        before.value AS previous_value,
        after.value,
        coalesce(after.unit, before.unit) AS unit,
        -- A cell that one edition of the form does not have at all is not printed there either
        coalesce(before.state_code, 'absent') AS previous_state_code,
        coalesce(after.state_code, 'absent') AS state_code,
        coalesce(before.raw_text, '') AS previous_raw_text,
        coalesce(after.raw_text, '') AS raw_text
    FROM before
    FULL JOIN after ON before.report_id = after.report_id AND before.cell_code = after.cell_code
)
SELECT
    changes.agency_id,
    changes.report_year,
    changes.version_number,
    pairs.report_id,
    changes.previous_report_id,
    pairs.cell_code,
    pairs.previous_value,
    pairs.value,
    CAST(pairs.value - pairs.previous_value AS DECIMAL(24, 8)) AS difference,
    pairs.unit,
    pairs.previous_state_code,
    pairs.state_code,
    pairs.previous_raw_text,
    pairs.raw_text
FROM pairs
INNER JOIN changes ON pairs.report_id = changes.report_id
WHERE pairs.value IS DISTINCT FROM pairs.previous_value OR pairs.state_code <> pairs.previous_state_code
