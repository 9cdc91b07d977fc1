-- grain: one row per report ($reports), rule and place where the source contradicts itself or our reading is in doubt,
-- and per claim that a rule explains
SELECT report_id, rule_code, place_text, severity_code, verdict_code, left_value, right_value, cell_code_list, message_text, is_across_reports, decision_code, fingerprint
FROM mart.flagged_finding
WHERE list_contains($reports, report_id)
ORDER BY report_id, rule_code, place_text, is_across_reports
