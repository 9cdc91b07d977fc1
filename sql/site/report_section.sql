-- grain: one row per section of a report ($reports)
SELECT report_id, section_code, heading_text, body_text, locator_text
FROM core.section
WHERE list_contains($reports, report_id)
ORDER BY report_id, section_code
