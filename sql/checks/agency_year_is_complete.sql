-- severity: error
-- table: mart.agency_year
-- message: the latest reports and the rows of the mart are not the same, or a printed total differs from its cell
SELECT
    coalesce(report.report_id, mart.report_id) AS report_id,
    mart.request_disposed_count,
    cell.value AS printed_total
FROM (FROM core.report WHERE is_latest AND report_year IS NOT NULL) AS report
FULL JOIN mart.agency_year AS mart ON report.report_id = mart.report_id
LEFT JOIN core.cell AS cell
    ON report.report_id = cell.report_id AND cell.cell_code = 'requests.total_disposed.total'
WHERE report.report_id IS NULL
    OR mart.report_id IS NULL
    OR mart.request_disposed_count IS DISTINCT FROM CASE WHEN cell.value = trunc(cell.value) THEN cell.value END
