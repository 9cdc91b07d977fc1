-- severity: error
-- table: core.report
-- message: an agency's year has not exactly one latest version, or it is not the one with the highest number
SELECT agency_id, report_year, count(*) AS version_count, count(*) FILTER (is_latest) AS latest_count
FROM core.report
WHERE report_year IS NOT NULL
GROUP BY agency_id, report_year
HAVING count(*) FILTER (is_latest) <> 1
    OR max(version_number) FILTER (is_latest) <> max(version_number)
    OR count(DISTINCT version_number) <> max(version_number)
    OR count(*) FILTER (version_change_code <> 'copy') <> max(version_number)
