-- severity: error
-- table: mart.agency_year
-- message: the latest reports, the obligations and the rows of the mart are not the same, or a printed total differs from its cell
WITH due AS (
    SELECT agency_id, report_year FROM core.report WHERE is_latest AND report_year IS NOT NULL
    UNION
    SELECT agency_id, report_year FROM core.obligation
)
SELECT
    coalesce(due.agency_id, mart.agency_id) AS agency_id,
    coalesce(due.report_year, mart.report_year) AS report_year,
    mart.request_disposed_count,
    cell.value AS printed_total
FROM due
FULL JOIN mart.agency_year AS mart ON due.agency_id = mart.agency_id AND due.report_year = mart.report_year
LEFT JOIN core.report AS report
    ON due.agency_id = report.agency_id AND due.report_year = report.report_year AND report.is_latest
LEFT JOIN core.cell AS cell
    ON report.report_id = cell.report_id AND cell.cell_code = 'requests.total_disposed.total'
WHERE
    due.agency_id IS NULL
    OR mart.report_id IS DISTINCT FROM report.report_id
    OR mart.request_disposed_count IS DISTINCT FROM CASE WHEN cell.value = trunc(cell.value) THEN cell.value END
