-- grain: one row per report ($reports) and rule: at how many places it holds, and at how many it does not
SELECT
    report_id,
    rule_code,
    count(*) FILTER (verdict_code = 'pass') AS pass_count,
    count(*) FILTER (verdict_code = 'fail') AS fail_count,
    count(*) FILTER (verdict_code = 'explained') AS explained_count,
    count(*) FILTER (verdict_code = 'unresolved') AS unresolved_count,
    count(*) FILTER (verdict_code = 'not_assessable') AS not_assessable_count
FROM core.finding
WHERE list_contains($reports, report_id)
GROUP BY report_id, rule_code
ORDER BY report_id, rule_code
