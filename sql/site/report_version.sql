-- grain: one row per report ($reports) and version of its agency's report of that year, itself included
SELECT
    asked.report_id,
    other.report_id AS version_report_id,
    other.version_number,
    other.version_change_code,
    other.is_latest,
    document.first_captured_at::DATE AS captured_date,
    document.media_type
FROM core.report AS asked
INNER JOIN core.report AS other ON asked.agency_id = other.agency_id AND asked.report_year = other.report_year
INNER JOIN raw.document AS document ON other.report_id = document.document_id
WHERE list_contains($reports, asked.report_id)
ORDER BY asked.report_id, other.version_number, other.report_id
