-- severity: warn
-- table: core.report
-- message: the latest version of a report gives far fewer numbers than the one before it; it may be a damaged copy
SELECT latest.agency_id, latest.report_year, latest.report_id, latest.reported_cell_count,
       earlier.report_id AS earlier_report_id, earlier.reported_cell_count AS earlier_reported_cell_count
FROM core.report AS latest
INNER JOIN core.report AS earlier
    ON latest.agency_id = earlier.agency_id
    AND latest.report_year = earlier.report_year
    AND earlier.version_number = latest.version_number - 1
    AND earlier.version_change_code <> 'copy'
WHERE latest.is_latest AND latest.reported_cell_count < 0.9 * earlier.reported_cell_count
