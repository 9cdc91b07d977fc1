-- grain: one row per agency, report year and kind of applicant (the six columns of table 3, the printed total left out)
-- The form says which cells there are, so a cell that was never read counts as not reported.
WITH form AS (
    SELECT DISTINCT
        edition_code,
        split_part(cell_code, '.', 3) AS applicant_code
    FROM meta.form_cell
    WHERE starts_with(cell_code, 'requests.') AND NOT ends_with(cell_code, '.total')
),
picked AS (
    SELECT
        report_id,
        applicant_code,
        max(request_count) FILTER (outcome_code = 'new_received') AS received,
        max(request_count) FILTER (outcome_code = 'carried_in') AS carried_in,
        max(request_count) FILTER (outcome_code = 'total_disposed') AS disposed,
        max(request_count) FILTER (outcome_code = 'carried_out') AS carried_out,
        max(request_count) FILTER (outcome_code = 'granted') AS granted,
        max(request_count) FILTER (outcome_code = 'granted_partial') AS granted_partial
    FROM core.request
    WHERE
        applicant_code <> 'total'
        AND outcome_code IN ('new_received', 'carried_in', 'total_disposed', 'carried_out', 'granted', 'granted_partial')
    GROUP BY report_id, applicant_code
),
mix AS (
    SELECT
        report.agency_id,
        report.report_year,
        form.applicant_code,
        report.report_id,
        picked.received AS request_received_count,
        -- Of all kinds of applicants together, and only where each of them is reported
        CASE
            WHEN count(picked.received) OVER by_report = count(*) OVER by_report
                THEN TRY_CAST(sum(picked.received) OVER by_report AS BIGINT)
        END AS all_kinds_received_count,
        picked.carried_in AS request_carried_in_count,
        picked.disposed AS request_disposed_count,
        picked.carried_out AS request_carried_out_count,
        picked.granted AS granted_count,
        picked.granted_partial AS granted_partial_count
    FROM core.report AS report
    INNER JOIN form ON report.edition_code = form.edition_code
    LEFT JOIN picked ON report.report_id = picked.report_id AND form.applicant_code = picked.applicant_code
    WHERE report.is_latest AND report.report_year IS NOT NULL
    WINDOW by_report AS (PARTITION BY report.report_id)
)
SELECT
    mix.*,
    request_received_count / nullif(all_kinds_received_count, 0) AS received_over_all_kinds_rate,
    (granted_count::DOUBLE + granted_partial_count) / nullif(request_disposed_count, 0) AS disclosed_over_disposed_rate
FROM mix
