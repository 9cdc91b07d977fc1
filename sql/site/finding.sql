-- grain: one row per contradiction or doubt in a latest report, in the order that shards are cut
SELECT
    finding.rule_code,
    finding.report_year,
    coalesce(left(report.region_code, 2), 'none') AS area_code,
    finding.is_across_reports,
    finding.verdict_code,
    finding.agency_id,
    report.agency_name,
    report.region_code,
    finding.report_id,
    finding.place_text,
    finding.left_value,
    finding.right_value,
    finding.cell_code_list,
    finding.message_text,
    finding.decision_code
FROM mart.flagged_finding AS finding
INNER JOIN mart.agency_year AS report
    ON finding.agency_id = report.agency_id AND finding.report_year = report.report_year
WHERE finding.is_latest
ORDER BY finding.rule_code, finding.report_year, area_code, finding.verdict_code, finding.agency_id, finding.place_text
