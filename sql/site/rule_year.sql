-- grain: one row per rule, part of it and report year: how often it holds
SELECT
    rule_code,
    is_across_reports,
    report_year,
    report_count,
    assessed_report_count,
    failed_report_count,
    fail_count,
    unresolved_count,
    not_assessable_count,
    confirmed_count,
    dismissed_count,
    failed_over_assessed_rate
FROM mart.rule_year
ORDER BY rule_code, is_across_reports, report_year
