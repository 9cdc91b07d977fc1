-- grain: one row per report, channel group and outcome of table 4
-- The form says which cells a group has, so a cell that was never read counts as not reported and empties the group.
WITH form AS (
    SELECT
        edition_code,
        split_part(cell_code, '.', 2) AS channel_code,
        split_part(cell_code, '.', 3) AS outcome_code
    FROM meta.form_cell
    WHERE starts_with(cell_code, 'disputes.')
),
grouped AS (
    SELECT
        edition_code,
        channel_code,
        outcome_code,
        CASE WHEN starts_with(channel_code, 'lit_') THEN 'litigation' ELSE channel_code END AS channel_group_code
    FROM form
)
SELECT
    report.report_id,
    grouped.channel_group_code,
    grouped.outcome_code,
    CASE WHEN count(dispute.case_count) = count(*) THEN TRY_CAST(sum(dispute.case_count) AS BIGINT) END AS case_count
FROM core.report AS report
INNER JOIN grouped ON report.edition_code = grouped.edition_code
LEFT JOIN core.dispute AS dispute
    ON report.report_id = dispute.report_id
    AND grouped.channel_code = dispute.channel_code
    AND grouped.outcome_code = dispute.outcome_code
GROUP BY report.report_id, grouped.channel_group_code, grouped.outcome_code
