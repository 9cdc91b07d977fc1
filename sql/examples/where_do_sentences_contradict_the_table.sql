-- zh: 某机关报告的正文数字是否与表格不一致？原句怎么说？
-- en: Does an agency's report state a number in its text that contradicts its table, and in which sentence?
SELECT
    agency.agency_name,
    finding.report_year,
    finding.rule_code,
    claim.fact_code,
    finding.left_value AS stated_value,
    finding.right_value AS table_value,
    claim.sentence_text
FROM mart.find_agency('孟津区') AS agency
INNER JOIN mart.flagged_finding AS finding ON agency.agency_id = finding.agency_id
INNER JOIN core.claim AS claim
    ON
        finding.report_id = claim.report_id
        AND split_part(finding.place_text, ' ', 1) = claim.fact_code
        AND finding.left_value = claim.value
        AND NOT claim.is_approximate
WHERE finding.is_latest AND finding.verdict_code = 'fail' AND finding.rule_code IN ('R14', 'R15', 'R16')
ORDER BY agency.agency_name, finding.report_year, finding.rule_code, finding.place_text, claim.claim_number
