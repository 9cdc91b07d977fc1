-- zh: 某机关的报告违反哪一条规则、在何处、差多少？
-- en: Which rule does an agency's report break, where, and by how much?
SELECT
    agency.agency_name,
    finding.report_year,
    finding.rule_code,
    finding.place_text,
    finding.left_value,
    finding.right_value,
    finding.difference,
    finding.message_text
FROM mart.find_agency('示范县青石镇人民政府') AS agency
INNER JOIN mart.flagged_finding AS finding ON agency.agency_id = finding.agency_id
WHERE finding.is_latest AND finding.verdict_code = 'fail' AND finding.severity_code = 'hard'
ORDER BY agency.agency_name, finding.report_year, finding.rule_code, finding.place_text
