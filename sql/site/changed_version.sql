-- grain: one row per version after the first that differs in sentences or figures, of every report
SELECT
    report.report_year,
    report.agency_id,
    agency.agency_name,
    report.report_id,
    report.version_number,
    report.version_change_code,
    document.first_captured_at::DATE AS captured_date,
    (SELECT count(*) FROM meta.revision AS revision WHERE revision.report_id = report.report_id) AS changed_cell_count
FROM core.report AS report
INNER JOIN core.agency AS agency ON report.agency_id = agency.agency_id
INNER JOIN raw.document AS document ON report.report_id = document.document_id
WHERE report.version_change_code IN ('text', 'figures') AND report.report_year IS NOT NULL
ORDER BY report.report_year, report.agency_id, report.version_number, report.report_id
