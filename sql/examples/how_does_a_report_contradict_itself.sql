-- zh: 某机关的报告违反哪一条规则、在何处、差多少？
-- en: Which rule does an agency's report break, where, and by how much?
SELECT
    agency_year.agency_name,
    agency_year.report_year,
    finding.rule_code,
    finding.place_text,
    finding.left_value,
    finding.right_value,
    finding.difference,
    finding.message_text
FROM mart.profile('示范县青石镇人民政府') AS agency_year
INNER JOIN mart.flagged_finding AS finding ON agency_year.report_id = finding.report_id
WHERE finding.verdict_code = 'fail' AND finding.severity_code = 'hard'
ORDER BY agency_year.agency_name, agency_year.report_year, finding.rule_code, finding.place_text
