-- severity: error
-- table: core.report
-- scope: report
-- message: numbers were left over in a report's tables and no issue values_unread names them
SELECT report.report_id, report.printed_number_count, report.read_number_count, count(issue.issue_number) AS issue_count
FROM core.report AS report
LEFT JOIN core.issue AS issue ON report.report_id = issue.document_id AND issue.issue_code = 'values_unread'
WHERE report.printed_number_count IS NOT NULL
GROUP BY report.report_id, report.printed_number_count, report.read_number_count
HAVING report.read_number_count > report.printed_number_count
    OR (report.printed_number_count > report.read_number_count AND count(issue.issue_number) = 0)
