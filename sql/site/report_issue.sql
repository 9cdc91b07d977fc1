-- grain: one row per report ($reports) and issue of reading it
SELECT document_id AS report_id, issue_number, issue_code, message_text, locator_text
FROM core.issue
WHERE list_contains($reports, document_id)
ORDER BY document_id, issue_number
