-- zh: 每条勾稽关系各年有多少报告不符（以可核对的报告为分母）？
-- en: In what share of the reports that it can be assessed on does each rule fail, by year?
SELECT
    counted.rule_code,
    rule.formula_zh,
    rule.formula_en,
    counted.is_across_reports,
    counted.report_year,
    counted.failed_report_count,
    counted.assessed_report_count,
    counted.failed_over_assessed_rate
FROM mart.rule_year AS counted
INNER JOIN meta.rule AS rule ON counted.rule_code = rule.rule_code
WHERE counted.assessed_report_count > 0
ORDER BY counted.failed_over_assessed_rate DESC, counted.rule_code, counted.report_year
