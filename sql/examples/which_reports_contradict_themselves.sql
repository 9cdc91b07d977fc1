-- zh: 哪些报告的数字自相矛盾？违反哪一条、差多少？
-- en: Which reports contradict themselves, by which rule and by how much?
SELECT
    agency.agency_name,
    report.report_year,
    finding.rule_code,
    finding.place_text,
    finding.left_value,
    finding.right_value,
    finding.difference,
    finding.message_text
FROM core.finding AS finding
INNER JOIN core.report AS report ON finding.report_id = report.report_id AND report.is_latest
INNER JOIN core.agency AS agency ON report.agency_id = agency.agency_id
WHERE finding.verdict_code = 'fail' AND finding.severity_code = 'hard'
ORDER BY agency.agency_name, report.report_year, finding.rule_code, finding.place_text
