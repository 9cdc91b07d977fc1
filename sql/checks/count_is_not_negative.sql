-- severity: warn
-- table: core.request
-- scope: report
-- message: a negative number is printed where requests are counted; it stays as printed
SELECT report_id, outcome_code, applicant_code, request_count
FROM core.request
WHERE request_count < 0
