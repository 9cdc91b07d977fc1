-- grain: one row per report, outcome group and applicant group of table 3
-- The form says which cells a group has, so a cell that was never read counts as not reported and empties the group.
-- Where one merged row (other_total) is printed for 其他处理 instead of its three, its number is the group's.
WITH form AS (
    SELECT
        edition_code,
        split_part(cell_code, '.', 2) AS outcome_code,
        split_part(cell_code, '.', 3) AS applicant_code
    FROM meta.form_cell
    WHERE starts_with(cell_code, 'requests.')
),
grouped AS (
    SELECT
        edition_code,
        outcome_code,
        applicant_code,
        outcome_code = 'other_total' AS is_merged_row,
        coalesce(nullif(regexp_extract(outcome_code, '^(denied|unavailable|unprocessed|other)_', 1), ''), outcome_code)
            AS outcome_group_code,
        CASE WHEN starts_with(applicant_code, 'legal_') THEN 'organisation' ELSE applicant_code END
            AS applicant_group_code
    FROM form
),
added AS (
    SELECT
        report.report_id,
        grouped.outcome_group_code,
        grouped.applicant_group_code,
        grouped.is_merged_row,
        CASE WHEN count(request.request_count) = count(*) THEN TRY_CAST(sum(request.request_count) AS BIGINT) END
            AS request_count
    FROM core.report AS report
    INNER JOIN grouped ON report.edition_code = grouped.edition_code
    LEFT JOIN core.request AS request
        ON report.report_id = request.report_id
        AND grouped.outcome_code = request.outcome_code
        AND grouped.applicant_code = request.applicant_code
    GROUP BY report.report_id, grouped.outcome_group_code, grouped.applicant_group_code, grouped.is_merged_row
)
SELECT
    report_id,
    outcome_group_code,
    applicant_group_code,
    coalesce(
        max(request_count) FILTER (NOT is_merged_row),
        max(request_count) FILTER (is_merged_row)
    ) AS request_count
FROM added
GROUP BY report_id, outcome_group_code, applicant_group_code
