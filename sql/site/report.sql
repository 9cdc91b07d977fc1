-- grain: one row per report ($reports: their identifiers): what it is and where it was captured
WITH origin AS (
    SELECT document_id, arg_min(origin_text, (captured_at, capture_id)) AS origin_text
    FROM raw.capture
    WHERE list_contains($reports, document_id)
    GROUP BY document_id
)
SELECT
    report.report_id,
    report.agency_id,
    agency.agency_name,
    report.report_year,
    report.title_text,
    report.edition_code,
    report.scope_code,
    report.scope_evidence_text,
    report.identity_confidence_code,
    report.identity_method_code,
    report.published_date,
    report.period_start_date,
    report.period_end_date,
    report.version_number,
    report.version_change_code,
    report.is_latest,
    report.grade_code,
    report.reported_cell_count,
    report.printed_number_count,
    report.read_number_count,
    document.sha256,
    document.media_type,
    document.byte_count,
    document.first_captured_at::DATE AS captured_date,
    origin.origin_text
FROM core.report AS report
INNER JOIN core.agency AS agency ON report.agency_id = agency.agency_id
INNER JOIN raw.document AS document ON report.report_id = document.document_id
LEFT JOIN origin ON report.report_id = origin.document_id
WHERE list_contains($reports, report.report_id)
ORDER BY report.report_id
