-- grain: one row per contradiction or doubt in the latest reports of a batch of agencies ($batch)
SELECT
    agency_id,
    report_id,
    report_year,
    rule_code,
    place_text,
    severity_code,
    verdict_code,
    left_value,
    right_value,
    cell_code_list,
    message_text,
    is_across_reports,
    decision_code
FROM mart.flagged_finding
WHERE is_latest
    AND list_contains($batch, left(agency_id, CASE WHEN starts_with(agency_id, 'cn-') THEN 5 ELSE 1 END))
ORDER BY agency_id, report_year, rule_code, place_text, is_across_reports
