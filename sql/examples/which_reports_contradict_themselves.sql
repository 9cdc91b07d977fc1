-- zh: 哪些报告的数字自相矛盾？违反哪一条、差多少、有人复核过吗？
-- en: Which reports contradict themselves, by which rule and by how much, and has anybody looked?
SELECT
    agency.agency_name,
    finding.report_year,
    finding.rule_code,
    finding.place_text,
    finding.left_value,
    finding.right_value,
    finding.difference,
    finding.message_text,
    finding.fingerprint,
    finding.decision_code
FROM mart.flagged_finding AS finding
INNER JOIN core.agency AS agency ON finding.agency_id = agency.agency_id
WHERE finding.verdict_code = 'fail' AND finding.severity_code = 'hard' AND finding.is_latest AND NOT finding.is_across_reports
ORDER BY agency.agency_name, finding.report_year, finding.rule_code, finding.place_text
