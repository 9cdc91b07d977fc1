-- grain: one row per agency and report year whose report is missing, unreadable or came late
WITH addresses AS (
    SELECT report.agency_id, arg_max(capture.origin_text, (report.report_year, capture.capture_id)) AS origin_text
    FROM core.report AS report
    INNER JOIN raw.capture AS capture ON report.report_id = capture.document_id
    WHERE report.is_latest AND report.report_year IS NOT NULL
    GROUP BY report.agency_id
)
SELECT
    obligation.agency_id,
    obligation.report_year,
    obligation.agency_name,
    obligation.region_path_text,
    obligation.organ_kind_code,
    obligation.division_level,
    obligation.obligation_status_code,
    obligation.deadline_date,
    obligation.deadline_basis_code,
    obligation.published_date,
    obligation.days_late_count,
    agency.last_report_year AS last_seen_report_year,
    addresses.origin_text AS last_seen_origin_text
FROM core.obligation AS obligation
LEFT JOIN core.agency AS agency ON obligation.agency_id = agency.agency_id
LEFT JOIN addresses ON obligation.agency_id = addresses.agency_id
WHERE obligation.obligation_status_code IN ('late', 'after_close', 'unreadable', 'not_found', 'blocked')
