-- grain: one row per agency, report year and channel of table 4
-- The form says which channels there are, so a cell that was never read counts as not reported.
WITH form AS (
    SELECT DISTINCT
        edition_code,
        split_part(cell_code, '.', 2) AS channel_code
    FROM meta.form_cell
    WHERE starts_with(cell_code, 'disputes.')
),
picked AS (
    SELECT
        report_id,
        channel_code,
        max(case_count) FILTER (outcome_code = 'upheld') AS upheld,
        max(case_count) FILTER (outcome_code = 'corrected') AS corrected,
        max(case_count) FILTER (outcome_code = 'other') AS other,
        max(case_count) FILTER (outcome_code = 'pending') AS pending,
        max(case_count) FILTER (outcome_code = 'total') AS total
    FROM core.dispute
    GROUP BY report_id, channel_code
),
cases AS (
    SELECT
        report.agency_id,
        report.report_year,
        form.channel_code,
        report.report_id,
        picked.upheld AS upheld_case_count,
        picked.corrected AS corrected_case_count,
        picked.other AS other_case_count,
        picked.pending AS pending_case_count,
        picked.total AS total_case_count,
        TRY_CAST(picked.upheld::HUGEINT + picked.corrected + picked.other AS BIGINT) AS closed_case_count
    FROM core.report AS report
    INNER JOIN form ON report.edition_code = form.edition_code
    LEFT JOIN picked ON report.report_id = picked.report_id AND form.channel_code = picked.channel_code
    WHERE report.is_latest AND report.report_year IS NOT NULL
)
SELECT
    cases.*,
    corrected_case_count / nullif(closed_case_count, 0) AS corrected_over_closed_rate,
    corrected_case_count / nullif(upheld_case_count::DOUBLE + corrected_case_count, 0) AS corrected_over_merits_rate,
    corrected_case_count / nullif(total_case_count, 0) AS corrected_over_total_rate,
    pending_case_count / nullif(total_case_count, 0) AS pending_over_total_rate
FROM cases
