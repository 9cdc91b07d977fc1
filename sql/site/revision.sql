-- grain: one row per version of a report and cell that differs from the version before, in the order that shards are cut
SELECT
    revision.report_year,
    revision.agency_id,
    agency.agency_name,
    revision.version_number,
    revision.report_id,
    revision.previous_report_id,
    revision.cell_code,
    report.edition_code,
    revision.previous_value,
    revision.value,
    revision.previous_state_code,
    revision.state_code,
    revision.previous_raw_text,
    revision.raw_text
FROM meta.revision AS revision
INNER JOIN core.report AS report ON revision.report_id = report.report_id
INNER JOIN core.agency AS agency ON revision.agency_id = agency.agency_id
ORDER BY revision.report_year, revision.agency_id, revision.version_number, revision.cell_code
