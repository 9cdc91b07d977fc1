-- zh: 哪些报告的正文数字与表格不一致？原句怎么说？
-- en: Which reports state a number in their text that contradicts their table, and in which sentence?
SELECT
    agency.agency_name,
    report.report_year,
    finding.rule_code,
    claim.fact_code,
    finding.left_value AS stated_value,
    finding.right_value AS table_value,
    claim.sentence_text
FROM core.finding AS finding
INNER JOIN core.report AS report ON finding.report_id = report.report_id AND report.is_latest
INNER JOIN core.agency AS agency ON report.agency_id = agency.agency_id
INNER JOIN core.claim AS claim
    ON
        finding.report_id = claim.report_id
        AND split_part(finding.place_text, ' ', 1) = claim.fact_code
        AND finding.left_value = claim.value
        AND NOT claim.is_approximate
WHERE finding.verdict_code = 'fail' AND finding.rule_code IN ('R14', 'R15', 'R16')
ORDER BY agency.agency_name, report.report_year, finding.rule_code, finding.place_text, claim.claim_number
