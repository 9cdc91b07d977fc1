-- grain: one row per version ($reports) and cell that differs from the version before
SELECT report_id, previous_report_id, cell_code, previous_value, value, previous_state_code, state_code, previous_raw_text, raw_text
FROM meta.revision
WHERE list_contains($reports, report_id)
ORDER BY report_id, cell_code
