-- grain: one row per report year, region and scope of reports, and one of all scopes (which has no sums: they would overlap)
-- Reports are added up by county first, then once for each region around it. Each share is over the reports that give
-- all of its numbers, and says how many those are. The panel holds the agencies whose report of the year before is here too, with the
-- same scope: both sums of it are over the same agencies.
WITH reports AS (
    SELECT
        report.report_year,
        coalesce(report.scope_code, 'unknown') AS scope_code,
        left(report.region_code, 6) AS area_code,
        report.is_comparable,
        report.request_received_count AS received,
        report.granted_count AS granted,
        report.granted_partial_count AS granted_partial,
        report.denied_count AS denied,
        report.unavailable_count AS unavailable,
        report.unprocessed_count AS unprocessed,
        report.other_count AS other,
        report.request_disposed_count AS disposed,
        report.review_count AS review,
        report.litigation_count AS litigation,
        report.licensing_decision_count AS licensing,
        report.penalty_decision_count AS penalty,
        report.coercion_decision_count AS coercion,
        granted::HUGEINT + granted_partial + denied + unavailable + unprocessed + other + disposed IS NOT NULL AS has_outcomes,
        review::HUGEINT + litigation + disposed IS NOT NULL AS has_disputes,
        changed.previous_request_received_count AS received_before,
        received::HUGEINT + received_before IS NOT NULL AS is_in_panel,
        changed.is_series_break AS is_other_form
    FROM mart.agency_year AS report
    LEFT JOIN mart.agency_change AS changed
        ON report.agency_id = changed.agency_id AND report.report_year = changed.report_year
    WHERE report.has_report
),
added AS (
    SELECT
        report_year,
        area_code,
        scope_code,
        count(*) AS report_count,
        count(*) FILTER (is_comparable) AS comparable_report_count,
        count(received) AS received_reports,
        sum(received) AS received,
        count(*) FILTER (received = 0) AS zero_reports,
        count(*) FILTER (has_outcomes) AS outcome_reports,
        sum(disposed) FILTER (has_outcomes) AS outcome_disposed,
        sum(granted) FILTER (has_outcomes) AS granted,
        sum(granted_partial) FILTER (has_outcomes) AS granted_partial,
        sum(denied) FILTER (has_outcomes) AS denied,
        sum(unavailable) FILTER (has_outcomes) AS unavailable,
        sum(unprocessed) FILTER (has_outcomes) AS unprocessed,
        sum(other) FILTER (has_outcomes) AS other,
        count(*) FILTER (has_disputes) AS dispute_reports,
        sum(disposed) FILTER (has_disputes) AS dispute_disposed,
        sum(review) FILTER (has_disputes) AS review,
        sum(litigation) FILTER (has_disputes) AS litigation,
        count(licensing) AS licensing_reports,
        sum(licensing) AS licensing,
        count(penalty) AS penalty_reports,
        sum(penalty) AS penalty,
        count(coercion) AS coercion_reports,
        sum(coercion) AS coercion,
        count(*) FILTER (is_in_panel) AS panel_reports,
        sum(received) FILTER (is_in_panel) AS panel_received,
        sum(received_before) FILTER (is_in_panel) AS panel_received_before,
        count(*) FILTER (is_in_panel AND is_other_form) AS panel_other_form
    FROM reports
    GROUP BY report_year, area_code, scope_code
),
placed AS (
    SELECT
        added.*,
        place.region_code
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
        coalesce(scope_code, 'all') AS scope_code,
        TRY_CAST(sum(report_count) AS BIGINT) AS report_count,
        TRY_CAST(sum(comparable_report_count) AS BIGINT) AS comparable_report_count,
        TRY_CAST(sum(received_reports) AS BIGINT) AS request_received_report_count,
        TRY_CAST(sum(received) AS BIGINT) AS request_received_count,
        TRY_CAST(sum(zero_reports) AS BIGINT) AS zero_request_report_count,
        TRY_CAST(sum(outcome_reports) AS BIGINT) AS outcome_report_count,
        TRY_CAST(sum(outcome_disposed) AS BIGINT) AS outcome_disposed_count,
        TRY_CAST(sum(granted) AS BIGINT) AS granted_count,
        TRY_CAST(sum(granted_partial) AS BIGINT) AS granted_partial_count,
        TRY_CAST(sum(denied) AS BIGINT) AS denied_count,
        TRY_CAST(sum(unavailable) AS BIGINT) AS unavailable_count,
        TRY_CAST(sum(unprocessed) AS BIGINT) AS unprocessed_count,
        TRY_CAST(sum(other) AS BIGINT) AS other_count,
        TRY_CAST(sum(dispute_reports) AS BIGINT) AS dispute_report_count,
        TRY_CAST(sum(dispute_disposed) AS BIGINT) AS dispute_disposed_count,
        TRY_CAST(sum(review) AS BIGINT) AS review_count,
        TRY_CAST(sum(litigation) AS BIGINT) AS litigation_count,
        TRY_CAST(sum(licensing_reports) AS BIGINT) AS licensing_report_count,
        TRY_CAST(sum(licensing) AS BIGINT) AS licensing_decision_count,
        TRY_CAST(sum(penalty_reports) AS BIGINT) AS penalty_report_count,
        TRY_CAST(sum(penalty) AS BIGINT) AS penalty_decision_count,
        TRY_CAST(sum(coercion_reports) AS BIGINT) AS coercion_report_count,
        TRY_CAST(sum(coercion) AS BIGINT) AS coercion_decision_count,
        TRY_CAST(sum(panel_reports) AS BIGINT) AS panel_report_count,
        TRY_CAST(sum(panel_received) AS BIGINT) AS panel_request_received_count,
        TRY_CAST(sum(panel_received_before) AS BIGINT) AS panel_previous_request_received_count,
        TRY_CAST(sum(panel_other_form) AS BIGINT) AS panel_other_form_count
    FROM placed
    GROUP BY GROUPING SETS ((report_year, region_code, scope_code), (report_year, region_code))
),
kept AS (
    SELECT
        report_year,
        region_code,
        scope_code,
        report_count,
        comparable_report_count,
        CASE
            WHEN scope_code <> 'all'
                THEN COLUMNS(* EXCLUDE (report_year, region_code, scope_code, report_count, comparable_report_count))
        END
    FROM summed
),
owed AS (
    SELECT report_year, region_code, expected_count, due_count, published_count
    FROM mart.coverage
    WHERE division_level = 'all'
),
named AS (
    SELECT division_code, division_name
    FROM core.division
    QUALIFY row_number() OVER (PARTITION BY division_code ORDER BY holder_number DESC) = 1
),
complete AS (
    SELECT
        coalesce(kept.report_year, owed.report_year) AS report_year,
        coalesce(kept.region_code, owed.region_code) AS region_code,
        coalesce(kept.scope_code, 'all') AS scope_code,
        coalesce(owed.expected_count, 0) AS expected_count,
        coalesce(owed.due_count, 0) AS due_count,
        coalesce(owed.published_count, 0) AS published_count,
        coalesce(kept.report_count, 0) AS report_count,
        coalesce(kept.comparable_report_count, 0) AS comparable_report_count,
        kept.* EXCLUDE (report_year, region_code, scope_code, report_count, comparable_report_count)
    FROM kept
    FULL JOIN owed ON kept.report_year = owed.report_year AND kept.region_code = owed.region_code
)
SELECT
    complete.report_year,
    complete.region_code,
    named.division_name AS region_name,
    complete.* EXCLUDE (report_year, region_code),
    coalesce(panel_report_count > 0, false) AS has_comparable_panel,
    coalesce(panel_other_form_count > 0, false) AS is_series_break,
    published_count / nullif(due_count, 0) AS published_over_due_rate,
    zero_request_report_count / nullif(request_received_report_count, 0) AS zero_request_over_reporting_rate,
    (granted_count::DOUBLE + granted_partial_count) / nullif(outcome_disposed_count, 0) AS disclosed_over_disposed_rate,
    granted_count / nullif(outcome_disposed_count, 0) AS granted_over_disposed_rate,
    granted_partial_count / nullif(outcome_disposed_count, 0) AS granted_partial_over_disposed_rate,
    denied_count / nullif(outcome_disposed_count, 0) AS denied_over_disposed_rate,
    unavailable_count / nullif(outcome_disposed_count, 0) AS unavailable_over_disposed_rate,
    unprocessed_count / nullif(outcome_disposed_count, 0) AS unprocessed_over_disposed_rate,
    other_count / nullif(outcome_disposed_count, 0) AS other_over_disposed_rate,
    (review_count::DOUBLE + litigation_count) / nullif(dispute_disposed_count, 0) AS dispute_over_disposed_rate,
    (panel_request_received_count::DOUBLE - panel_previous_request_received_count)
    / nullif(panel_previous_request_received_count, 0) AS panel_request_received_change_over_previous_rate
FROM complete
LEFT JOIN named ON complete.region_code = named.division_code
