-- grain: one row per rule, part of it (within a report or across reports) and report year, from latest versions
WITH evaluated AS (
    SELECT report_id, rule_code, false AS is_across_reports, verdict_code FROM core.finding
    UNION ALL
    SELECT report_id, rule_code, true, verdict_code FROM mart.cross_finding
),
reports AS (
    SELECT
        report_id,
        rule_code,
        is_across_reports,
        count(*) FILTER (verdict_code = 'pass') AS pass_count,
        count(*) FILTER (verdict_code = 'fail') AS fail_count,
        count(*) FILTER (verdict_code = 'explained') AS explained_count,
        count(*) FILTER (verdict_code = 'unresolved') AS unresolved_count,
        count(*) FILTER (verdict_code = 'not_assessable') AS not_assessable_count
    FROM evaluated
    GROUP BY report_id, rule_code, is_across_reports
),
counted AS (
    SELECT
        reports.rule_code,
        reports.is_across_reports,
        report.report_year,
        count(*) AS report_count,
        count(*) FILTER (reports.pass_count + reports.fail_count + reports.explained_count > 0) AS assessed_report_count,
        count(*) FILTER (reports.fail_count > 0) AS failed_report_count,
        sum(reports.pass_count) AS pass_count,
        sum(reports.fail_count) AS fail_count,
        sum(reports.explained_count) AS explained_count,
        sum(reports.unresolved_count) AS unresolved_count,
        sum(reports.not_assessable_count) AS not_assessable_count
    FROM reports
    INNER JOIN core.report AS report ON reports.report_id = report.report_id
    WHERE report.is_latest AND report.report_year IS NOT NULL
    GROUP BY reports.rule_code, reports.is_across_reports, report.report_year
),
decided AS (
    SELECT
        rule_code,
        is_across_reports,
        report_year,
        count(*) FILTER (decision_code = 'confirmed') AS confirmed_count,
        count(*) FILTER (decision_code = 'dismissed') AS dismissed_count
    FROM mart.flagged_finding
    WHERE is_latest AND report_year IS NOT NULL
    GROUP BY rule_code, is_across_reports, report_year
)
SELECT
    counted.rule_code,
    counted.is_across_reports,
    counted.report_year,
    counted.report_count,
    counted.assessed_report_count,
    counted.failed_report_count,
    CAST(counted.pass_count AS BIGINT) AS pass_count,
    CAST(counted.fail_count AS BIGINT) AS fail_count,
    CAST(counted.explained_count AS BIGINT) AS explained_count,
    CAST(counted.unresolved_count AS BIGINT) AS unresolved_count,
    CAST(counted.not_assessable_count AS BIGINT) AS not_assessable_count,
    coalesce(decided.confirmed_count, 0) AS confirmed_count,
    coalesce(decided.dismissed_count, 0) AS dismissed_count,
    counted.failed_report_count / nullif(counted.assessed_report_count, 0) AS failed_over_assessed_rate
FROM counted
LEFT JOIN decided
    ON counted.rule_code = decided.rule_code
    AND counted.is_across_reports = decided.is_across_reports
    AND counted.report_year = decided.report_year
