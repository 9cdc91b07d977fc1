-- grain: one row per report, rule and place whose verdict is fail or unresolved
-- The fingerprint is made of what was found and of nothing that another build, reading or version changes: a decision of
-- a person is kept under it. Where a side is no number, the cells as read or printed stand for it; where no cell is
-- named either, all figures of the report.
WITH flagged AS (
    SELECT report_id, rule_code, place_text, false AS is_across_reports, severity_code, verdict_code,
        lenient_verdict_code, left_value, right_value, difference, cell_code_list, message_text
    FROM core.finding
    WHERE verdict_code IN ('fail', 'unresolved')
    UNION ALL
    SELECT report_id, rule_code, place_text, true, severity_code, verdict_code,
        verdict_code, left_value, right_value, difference, cell_code_list, message_text
    FROM mart.cross_finding
    WHERE verdict_code IN ('fail', 'unresolved')
),
compared AS (
    SELECT report_id, rule_code, place_text, is_across_reports, unnest(cell_code_list) AS cell_code
    FROM flagged
    WHERE left_value IS NULL OR right_value IS NULL
),
printed AS (
    SELECT
        compared.report_id,
        compared.rule_code,
        compared.place_text,
        compared.is_across_reports,
        string_agg(
            concat(compared.cell_code, '=', coalesce(CAST(cell.value AS VARCHAR), cell.raw_text)), chr(30)
            ORDER BY compared.cell_code
        ) AS operands
    FROM compared
    INNER JOIN core.cell AS cell ON compared.report_id = cell.report_id AND compared.cell_code = cell.cell_code
    GROUP BY compared.report_id, compared.rule_code, compared.place_text, compared.is_across_reports
),
identified AS (
    SELECT
        flagged.*,
        report.agency_id,
        report.report_year,
        report.is_latest,
        left(
            sha256(concat_ws(
                chr(31),
                report.agency_id,
                coalesce(CAST(report.report_year AS VARCHAR), '-'),
                flagged.rule_code,
                flagged.place_text,
                CAST(flagged.is_across_reports AS VARCHAR),
                flagged.verdict_code,
                coalesce(CAST(flagged.left_value AS VARCHAR), '-'),
                coalesce(CAST(flagged.right_value AS VARCHAR), '-'),
                coalesce(
                    printed.operands,
                    CASE WHEN flagged.left_value IS NULL AND flagged.right_value IS NULL THEN report.figures_hash END,
                    '-'
                )
            )),
            16
        ) AS fingerprint
    FROM flagged
    INNER JOIN core.report AS report ON flagged.report_id = report.report_id
    LEFT JOIN printed
        ON flagged.report_id = printed.report_id
        AND flagged.rule_code = printed.rule_code
        AND flagged.place_text = printed.place_text
        AND flagged.is_across_reports = printed.is_across_reports
)
SELECT
    identified.report_id,
    identified.rule_code,
    identified.place_text,
    identified.is_across_reports,
    identified.agency_id,
    identified.report_year,
    identified.is_latest,
    identified.severity_code,
    identified.verdict_code,
    identified.lenient_verdict_code,
    identified.left_value,
    identified.right_value,
    identified.difference,
    identified.cell_code_list,
    identified.message_text,
    identified.fingerprint,
    decision.decision_code,
    decision.decision_reason_text,
    decision.decided_date
FROM identified
LEFT JOIN core.decision AS decision ON identified.fingerprint = decision.fingerprint
