-- severity: error
-- table: core.reading
-- scope: report
-- message: a document read as a report has no report, or one without a report has no reason
SELECT reading.document_id, reading.reading_outcome, reading.reject_reason_code
FROM core.reading AS reading
LEFT JOIN core.report AS report ON reading.document_id = report.report_id
WHERE (reading.reading_outcome = 'report') <> (report.report_id IS NOT NULL)
    OR (reading.reading_outcome = 'report') <> (reading.reject_reason_code IS NULL)
