-- grain: one row per report, rule and place where a rule was evaluated, within a report or across reports
-- A view: the rows are those of core.finding, mart.cross_finding and mart.flagged_finding, each once.
WITH settled AS (
    SELECT report_id, rule_code, place_text, false AS is_across_reports, severity_code, verdict_code,
        lenient_verdict_code, left_value, right_value, difference, cell_code_list, message_text
    FROM core.finding
    WHERE verdict_code NOT IN ('fail', 'unresolved')
    UNION ALL
    SELECT report_id, rule_code, place_text, true, severity_code, verdict_code,
        verdict_code, left_value, right_value, difference, cell_code_list, message_text
    FROM mart.cross_finding
    WHERE verdict_code NOT IN ('fail', 'unresolved')
)
SELECT
    settled.report_id,
    settled.rule_code,
    settled.place_text,
    settled.is_across_reports,
    report.agency_id,
    report.report_year,
    report.is_latest,
    settled.severity_code,
    settled.verdict_code,
    settled.lenient_verdict_code,
    settled.left_value,
    settled.right_value,
    settled.difference,
    settled.cell_code_list,
    settled.message_text,
    CAST(NULL AS VARCHAR) AS fingerprint,
    CAST(NULL AS VARCHAR) AS decision_code,
    CAST(NULL AS VARCHAR) AS decision_reason_text,
    CAST(NULL AS DATE) AS decided_date
FROM settled
INNER JOIN core.report AS report ON settled.report_id = report.report_id
UNION ALL
SELECT * FROM mart.flagged_finding
