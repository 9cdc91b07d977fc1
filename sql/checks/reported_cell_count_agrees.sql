-- severity: error
-- table: core.report
-- scope: report
-- message: a report's number of values is not the number of its reported cells
SELECT report.report_id, report.reported_cell_count, count(cell.cell_code) AS counted
FROM core.report AS report
LEFT JOIN core.cell AS cell ON report.report_id = cell.report_id AND cell.state_code = 'reported'
GROUP BY report.report_id, report.reported_cell_count
HAVING report.reported_cell_count <> count(cell.cell_code)
