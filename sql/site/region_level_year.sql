-- grain: one row per report year, region, level of organs (or all) and scope of reports (or all, which has no sums)
-- The same sums as mart.region_year and the same counts as mart.coverage, by level too; regions contain each other. Rows
-- without a report have no scope, and are in the rows of all scopes alone.
WITH reports AS (
    SELECT
        report.report_year,
        coalesce(report.division_level, 'unknown') AS division_level,
        CASE WHEN report.has_report THEN coalesce(report.scope_code, 'unknown') ELSE 'none' END AS scope_code,
        left(report.region_code, 6) AS area_code,
        report.obligation_status_code AS status,
        report.is_expected,
        report.has_report,
        report.deadline_basis_code = 'assumed' AND report.is_expected AS is_assumed,
        report.days_late_count AS days_late,
        report.grade_code,
        report.edition_code,
        report.request_received_count AS received,
        report.request_disposed_count AS disposed,
        report.granted_count AS granted,
        report.granted_partial_count AS granted_partial,
        report.denied_count AS denied,
        report.unavailable_count AS unavailable,
        report.unprocessed_count AS unprocessed,
        report.other_count AS other,
        report.licensing_decision_count AS licensing,
        report.penalty_decision_count AS penalty,
        report.coercion_decision_count AS coercion,
        granted::HUGEINT + granted_partial + denied + unavailable + unprocessed + other + disposed IS NOT NULL AS has_outcomes,
        changed.previous_request_received_count AS received_before,
        received::HUGEINT + received_before IS NOT NULL AS is_in_panel,
        coalesce(changed.is_series_break, false) AS is_other_form
    FROM mart.agency_year AS report
    LEFT JOIN mart.agency_change AS changed
        ON report.agency_id = changed.agency_id AND report.report_year = changed.report_year
),
added AS (
    SELECT
        report_year,
        area_code,
        division_level,
        scope_code,
        count(*) FILTER (is_expected) AS expected_count,
        count(*) FILTER (is_expected AND status IN ('on_time', 'late', 'after_close', 'date_unknown')) AS published_count,
        count(*) FILTER (is_expected AND status <> 'not_due') AS due_count,
        count(*) FILTER (status = 'on_time') AS on_time_count,
        count(*) FILTER (status = 'late') AS late_count,
        count(*) FILTER (status = 'after_close') AS after_close_count,
        count(*) FILTER (status = 'date_unknown') AS date_unknown_count,
        count(*) FILTER (status = 'unreadable') AS unreadable_count,
        count(*) FILTER (status = 'not_found') AS not_found_count,
        count(*) FILTER (status = 'blocked') AS blocked_count,
        count(*) FILTER (status = 'not_due') AS not_due_count,
        count(*) FILTER (is_assumed) AS assumed_deadline_count,
        count(*) FILTER (days_late BETWEEN 1 AND 7) AS late_1_to_7_count,
        count(*) FILTER (days_late BETWEEN 8 AND 30) AS late_8_to_30_count,
        count(*) FILTER (days_late BETWEEN 31 AND 90) AS late_31_to_90_count,
        count(*) FILTER (days_late > 90) AS late_over_90_count,
        count(*) FILTER (has_report) AS report_count,
        count(*) FILTER (grade_code = 'contradictory') AS contradictory_count,
        count(*) FILTER (grade_code IN ('holds', 'contradictory')) AS graded_count,
        mode(edition_code) AS main_edition_code,
        count(received) AS received_report_count,
        sum(received) AS received_count,
        count(*) FILTER (has_outcomes) AS outcome_report_count,
        sum(disposed) FILTER (has_outcomes) AS disposed_count,
        sum(granted) FILTER (has_outcomes) AS granted_count,
        sum(granted_partial) FILTER (has_outcomes) AS granted_partial_count,
        sum(denied) FILTER (has_outcomes) AS denied_count,
        sum(unavailable) FILTER (has_outcomes) AS unavailable_count,
        sum(unprocessed) FILTER (has_outcomes) AS unprocessed_count,
        sum(other) FILTER (has_outcomes) AS other_count,
        count(licensing) AS licensing_report_count,
        sum(licensing) AS licensing_count,
        count(penalty) AS penalty_report_count,
        sum(penalty) AS penalty_count,
        count(coercion) AS coercion_report_count,
        sum(coercion) AS coercion_count,
        count(*) FILTER (is_in_panel) AS panel_report_count,
        sum(received) FILTER (is_in_panel) AS panel_received_count,
        sum(received_before) FILTER (is_in_panel) AS panel_before_count,
        count(*) FILTER (is_in_panel AND is_other_form) AS panel_other_form_count
    FROM reports
    GROUP BY report_year, area_code, division_level, scope_code
),
placed AS (
    SELECT added.*, place.region_code
    FROM added
    CROSS JOIN LATERAL unnest(list_distinct([
        '000000',
        left(area_code, 2) || '0000',
        CASE WHEN substr(area_code, 3, 2) <> '00' THEN left(area_code, 4) || '00' END,
        CASE WHEN substr(area_code, 5, 2) <> '00' THEN area_code END
    ])) AS place (region_code)
    WHERE place.region_code IS NOT NULL
),
summed AS (
    SELECT
        report_year,
        region_code,
        coalesce(division_level, 'all') AS division_level,
        coalesce(scope_code, 'all') AS scope_code,
        arg_max(main_edition_code, report_count) FILTER (main_edition_code IS NOT NULL) AS main_edition_code,
        sum(COLUMNS('_count$'))
    FROM placed
    GROUP BY GROUPING SETS (
        (report_year, region_code, division_level, scope_code),
        (report_year, region_code, division_level),
        (report_year, region_code, scope_code),
        (report_year, region_code)
    )
)
SELECT
    report_year,
    region_code,
    division_level,
    scope_code,
    main_edition_code,
    COLUMNS('^(expected|published|due|on_time|late|after_close|date_unknown|unreadable|not_found|blocked|not_due|assumed_deadline|late_1_to_7|late_8_to_30|late_31_to_90|late_over_90|report|contradictory|graded)_count$'),
    CASE WHEN scope_code <> 'all' THEN COLUMNS('^(received|outcome|licensing|penalty|coercion|panel)_report_count$') END,
    CASE WHEN scope_code <> 'all' THEN COLUMNS('^(received|disposed|granted|granted_partial|denied|unavailable|unprocessed|other|licensing|penalty|coercion|panel_received|panel_before|panel_other_form)_count$') END
FROM summed
WHERE scope_code <> 'none'
ORDER BY left(region_code, 2), region_code, report_year, division_level, scope_code
