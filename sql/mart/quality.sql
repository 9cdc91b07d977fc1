-- grain: one row per report, earlier versions included: what of it could be read, and what the rules say of it
WITH cells AS (
    SELECT
        report_id,
        count(*) AS form_cell_count,
        count(*) FILTER (state_code IN ('blank', 'slash', 'dash', 'text')) AS blank_cell_count,
        count(*) FILTER (state_code IN ('ambiguous', 'illegible')) AS unclear_cell_count,
        count(*) FILTER (state_code = 'absent') AS absent_cell_count,
        count(*) FILTER (value = 0) AS zero_cell_count
    FROM core.cell
    GROUP BY report_id
),
rules AS (
    SELECT
        report_id,
        count(*) FILTER (severity_code = 'hard' AND verdict_code IN ('pass', 'fail')) AS hard_assessed_count,
        count(*) FILTER (severity_code = 'hard' AND verdict_code = 'pass') AS hard_passed_count,
        count(*) FILTER (severity_code IN ('soft', 'warn') AND verdict_code IN ('pass', 'fail', 'explained'))
            AS soft_assessed_count,
        count(*) FILTER (severity_code IN ('soft', 'warn') AND verdict_code IN ('pass', 'explained')) AS soft_passed_count,
        count(*) FILTER (severity_code = 'gate' AND verdict_code <> 'pass') AS gate_failed_count,
        -- One row a report
        max(verdict_code) FILTER (rule_code = 'R20') AS section_verdict_code
    FROM core.finding
    GROUP BY report_id
),
across AS (
    SELECT
        report_id,
        count(*) FILTER (verdict_code IN ('pass', 'fail')) AS cross_assessed_count,
        count(*) FILTER (verdict_code = 'fail') AS cross_failed_count
    FROM mart.cross_finding
    GROUP BY report_id
),
sections AS (
    SELECT report_id, count(*) AS section_count
    FROM core.section
    WHERE section_code IN ('S1', 'S2', 'S3', 'S4', 'S5', 'S6')
    GROUP BY report_id
),
reuse AS (
    SELECT report_id, max(shared_over_narrative_rate) AS shared_rate
    FROM mart.text_reuse
    WHERE reuse_code = 'own_previous_year'
    GROUP BY report_id
),
issues AS (
    SELECT document_id, count(*) AS issue_count
    FROM core.issue
    GROUP BY document_id
)
SELECT
    report.report_id,
    report.agency_id,
    report.report_year,
    report.is_latest,
    report.grade_code,
    report.edition_code,
    coalesce(report.edition_code = report.edition_expected_code, false) AS has_expected_edition,
    coalesce(cells.form_cell_count, 0) AS form_cell_count,
    report.reported_cell_count,
    coalesce(cells.zero_cell_count, 0) AS zero_cell_count,
    coalesce(cells.blank_cell_count, 0) AS blank_cell_count,
    coalesce(cells.unclear_cell_count, 0) AS unclear_cell_count,
    coalesce(cells.absent_cell_count, 0) AS absent_cell_count,
    report.printed_number_count,
    report.read_number_count,
    coalesce(rules.hard_assessed_count, 0) AS hard_assessed_count,
    coalesce(rules.hard_passed_count, 0) AS hard_passed_count,
    coalesce(rules.soft_assessed_count, 0) AS soft_assessed_count,
    coalesce(rules.soft_passed_count, 0) AS soft_passed_count,
    coalesce(rules.gate_failed_count, 0) AS gate_failed_count,
    coalesce(across.cross_assessed_count, 0) AS cross_assessed_count,
    coalesce(across.cross_failed_count, 0) AS cross_failed_count,
    coalesce(sections.section_count, 0) AS section_count,
    rules.section_verdict_code,
    coalesce(issues.issue_count, 0) AS issue_count,
    reuse.shared_rate AS repeated_over_narrative_share,
    report.reported_cell_count / nullif(form_cell_count, 0) AS reported_over_form_rate,
    blank_cell_count / nullif(form_cell_count, 0) AS blank_over_form_rate,
    report.read_number_count / nullif(report.printed_number_count, 0) AS read_over_printed_rate,
    hard_passed_count / nullif(hard_assessed_count, 0) AS hard_passed_over_assessed_rate,
    soft_passed_count / nullif(soft_assessed_count, 0) AS soft_passed_over_assessed_rate
FROM core.report AS report
LEFT JOIN cells ON report.report_id = cells.report_id
LEFT JOIN rules ON report.report_id = rules.report_id
LEFT JOIN across ON report.report_id = across.report_id
LEFT JOIN sections ON report.report_id = sections.report_id
LEFT JOIN reuse ON report.report_id = reuse.report_id
LEFT JOIN issues ON report.report_id = issues.document_id
