-- grain: one row per rule
SELECT rule_code, severity_code, formula_zh, formula_en, edition_code_list
FROM meta.rule
ORDER BY rule_code
