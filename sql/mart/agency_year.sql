-- grain: one row per agency and report year for which it owes a report or has one, from its latest version
-- Group sums come from the helper marts, which leave them NULL unless every cell is reported; printed totals are taken
-- as printed. A count of table 2 that is no whole number, and a fee in another unit, stay NULL: nothing is rounded.
-- Sums are made in wider types than their parts: a number of 19 digits that a report prints must not stop the build.
WITH latest AS (
    SELECT
        agency_id,
        report_year,
        report_id,
        edition_code,
        edition_expected_code,
        identity_confidence_code,
        scope_code,
        grade_code,
        title_text,
        CASE WHEN published_date > make_date(report_year, 12, 31) THEN published_date END AS published_date
    FROM core.report
    WHERE is_latest AND report_year IS NOT NULL
),
present AS (
    SELECT
        coalesce(report.agency_id, obligation.agency_id) AS agency_id,
        coalesce(agency.agency_name, obligation.agency_name) AS agency_name,
        coalesce(agency.region_code, obligation.region_code) AS region_code,
        coalesce(agency.region_path_text, obligation.region_path_text) AS region_path_text,
        coalesce(agency.organ_kind_code, obligation.organ_kind_code) AS organ_kind_code,
        agency.department_code,
        coalesce(agency.division_level, obligation.division_level) AS division_level,
        coalesce(report.report_year, obligation.report_year) AS report_year,
        obligation.agency_id IS NOT NULL AS is_expected,
        report.report_id IS NOT NULL AS has_report,
        obligation.expected_because_code,
        coalesce(obligation.obligation_status_code, 'not_expected') AS obligation_status_code,
        obligation.deadline_date,
        obligation.deadline_basis_code,
        coalesce(obligation.published_date, report.published_date) AS published_date,
        obligation.days_late_count,
        report.report_id,
        report.edition_code,
        report.identity_confidence_code,
        report.scope_code,
        report.grade_code,
        report.title_text,
        report.edition_expected_code,
        coalesce(agency.identity_basis_code <> 'provisional', false) AS is_settled
    FROM core.obligation AS obligation
    FULL JOIN latest AS report
        ON obligation.agency_id = report.agency_id AND obligation.report_year = report.report_year
    LEFT JOIN core.agency AS agency ON coalesce(report.agency_id, obligation.agency_id) = agency.agency_id
),
compared AS (
    SELECT
        present.* EXCLUDE (edition_expected_code, is_settled),
        coalesce(
            is_settled AND scope_code IS NOT NULL AND edition_code = edition_expected_code AND grade_code = 'holds', false
        ) AS is_comparable,
        coalesce(
            is_settled
            AND lag(report_year) OVER by_agency = report_year - 1
            AND lag(report_id) OVER by_agency IS NOT NULL
            AND lag(scope_code) OVER by_agency = scope_code,
            false
        ) AS is_comparable_with_previous_year,
        coalesce(edition_code <> lag(edition_code IGNORE NULLS) OVER by_agency, false) AS is_series_break
    FROM present
    WINDOW by_agency AS (PARTITION BY agency_id ORDER BY report_year)
),
requests AS (
    SELECT
        report_id,
        max(request_count) FILTER (outcome_group_code = 'new_received' AND applicant_group_code = 'total') AS received,
        max(request_count) FILTER (outcome_group_code = 'carried_in') AS carried_in,
        max(request_count) FILTER (outcome_group_code = 'total_disposed') AS disposed,
        max(request_count) FILTER (outcome_group_code = 'carried_out') AS carried_out,
        max(request_count) FILTER (outcome_group_code = 'granted') AS granted,
        max(request_count) FILTER (outcome_group_code = 'granted_partial') AS granted_partial,
        max(request_count) FILTER (outcome_group_code = 'denied') AS denied,
        max(request_count) FILTER (outcome_group_code = 'unavailable') AS unavailable,
        max(request_count) FILTER (outcome_group_code = 'unprocessed') AS unprocessed,
        max(request_count) FILTER (outcome_group_code = 'other') AS other,
        max(request_count) FILTER (applicant_group_code = 'natural_person') AS natural_person_received,
        max(request_count) FILTER (applicant_group_code = 'organisation') AS organisation_received
    FROM mart.request_outcome
    WHERE applicant_group_code = 'total' OR outcome_group_code = 'new_received'
    GROUP BY report_id
),
not_held AS (
    SELECT report_id, request_count
    FROM core.request
    WHERE outcome_code = 'unavailable_not_held' AND applicant_code = 'total'
),
applicants AS (
    -- Whole numbers are added up: fractions would come out otherwise in another order of the rows
    SELECT
        report_id,
        sum(request_received_count::HUGEINT * request_received_count)::DOUBLE
        / nullif(any_value(all_kinds_received_count)::DOUBLE * any_value(all_kinds_received_count), 0) AS received_hhi
    FROM mart.applicant_mix
    GROUP BY report_id
),
disputes AS (
    SELECT
        report_id,
        max(upheld_case_count) FILTER (channel_code = 'review') AS review_upheld,
        max(corrected_case_count) FILTER (channel_code = 'review') AS review_corrected,
        max(other_case_count) FILTER (channel_code = 'review') AS review_other,
        max(pending_case_count) FILTER (channel_code = 'review') AS review_pending,
        max(total_case_count) FILTER (channel_code = 'review') AS review,
        max(upheld_case_count::HUGEINT) FILTER (channel_code = 'lit_direct')
        + max(upheld_case_count) FILTER (channel_code = 'lit_after_review') AS litigation_upheld,
        max(corrected_case_count::HUGEINT) FILTER (channel_code = 'lit_direct')
        + max(corrected_case_count) FILTER (channel_code = 'lit_after_review') AS litigation_corrected,
        max(other_case_count::HUGEINT) FILTER (channel_code = 'lit_direct')
        + max(other_case_count) FILTER (channel_code = 'lit_after_review') AS litigation_other,
        max(pending_case_count::HUGEINT) FILTER (channel_code = 'lit_direct')
        + max(pending_case_count) FILTER (channel_code = 'lit_after_review') AS litigation_pending,
        max(total_case_count) FILTER (channel_code = 'lit_direct') AS lit_direct,
        max(total_case_count) FILTER (channel_code = 'lit_after_review') AS lit_after_review,
        lit_direct::HUGEINT + lit_after_review AS litigation
    FROM mart.dispute_year
    GROUP BY report_id
),
fees AS (
    -- What the text says of fees for requests; NULL unless it says one number, and exactly
    SELECT
        report_id,
        fact_code,
        CASE WHEN count(DISTINCT value) = 1 AND NOT bool_or(is_approximate) THEN max(value) END AS value
    FROM core.claim
    WHERE
        (fact_code = 'n_fee_notices' AND unit IN ('件', '份', '次'))
        OR (fact_code IN ('n_fee_noticed_yuan', 'n_fee_received_yuan') AND unit = '元')
    GROUP BY report_id, fact_code
),
stated AS (
    SELECT
        report_id,
        max(value) FILTER (fact_code = 'n_fee_notices' AND value = trunc(value)) AS fee_notice,
        max(value) FILTER (fact_code = 'n_fee_noticed_yuan') AS fee_noticed,
        max(value) FILTER (fact_code = 'n_fee_received_yuan') AS fee_received
    FROM fees
    GROUP BY report_id
),
figures AS (
    SELECT
        compared.*,
        requests.received AS request_received_count,
        requests.carried_in AS request_carried_in_count,
        requests.disposed AS request_disposed_count,
        requests.carried_out AS request_carried_out_count,
        requests.granted AS granted_count,
        requests.granted_partial AS granted_partial_count,
        requests.denied AS denied_count,
        requests.unavailable AS unavailable_count,
        not_held.request_count AS unavailable_not_held_count,
        requests.unprocessed AS unprocessed_count,
        requests.other AS other_count,
        requests.natural_person_received AS natural_person_received_count,
        requests.organisation_received AS organisation_received_count,
        proactive.licensing_decision_count,
        proactive.penalty_decision_count,
        proactive.coercion_decision_count,
        proactive.admin_fee_wan_yuan,
        proactive.regulation_issued_count,
        proactive.regulation_repealed_count,
        proactive.regulation_in_force_count,
        proactive.normative_doc_issued_count,
        proactive.normative_doc_repealed_count,
        proactive.normative_doc_in_force_count,
        disputes.review AS review_count,
        disputes.review_upheld AS review_upheld_count,
        disputes.review_corrected AS review_corrected_count,
        disputes.review_other AS review_other_count,
        disputes.review_pending AS review_pending_count,
        disputes.lit_direct AS lit_direct_count,
        disputes.lit_after_review AS lit_after_review_count,
        TRY_CAST(disputes.litigation AS BIGINT) AS litigation_count,
        TRY_CAST(disputes.litigation_upheld AS BIGINT) AS litigation_upheld_count,
        TRY_CAST(disputes.litigation_corrected AS BIGINT) AS litigation_corrected_count,
        TRY_CAST(disputes.litigation_other AS BIGINT) AS litigation_other_count,
        TRY_CAST(disputes.litigation_pending AS BIGINT) AS litigation_pending_count,
        TRY_CAST(stated.fee_notice AS BIGINT) AS fee_notice_count,
        stated.fee_noticed AS fee_noticed_yuan,
        stated.fee_received AS fee_received_yuan,
        applicants.received_hhi AS applicant_received_hhi
    FROM compared
    LEFT JOIN requests ON compared.report_id = requests.report_id
    LEFT JOIN not_held ON compared.report_id = not_held.report_id
    LEFT JOIN applicants ON compared.report_id = applicants.report_id
    LEFT JOIN mart.proactive_year AS proactive ON compared.report_id = proactive.report_id
    LEFT JOIN disputes ON compared.report_id = disputes.report_id
    LEFT JOIN stated ON compared.report_id = stated.report_id
)
SELECT
    figures.*,
    (granted_count::DOUBLE + granted_partial_count) / nullif(request_disposed_count, 0) AS disclosed_over_disposed_rate,
    granted_count / nullif(request_disposed_count, 0) AS granted_over_disposed_rate,
    granted_partial_count / nullif(request_disposed_count, 0) AS granted_partial_over_disposed_rate,
    denied_count / nullif(request_disposed_count, 0) AS denied_over_disposed_rate,
    unavailable_count / nullif(request_disposed_count, 0) AS unavailable_over_disposed_rate,
    unprocessed_count / nullif(request_disposed_count, 0) AS unprocessed_over_disposed_rate,
    other_count / nullif(request_disposed_count, 0) AS other_over_disposed_rate,
    unavailable_not_held_count / nullif(request_disposed_count, 0) AS not_held_over_disposed_rate,
    unavailable_count / nullif(denied_count::DOUBLE + unavailable_count, 0) AS unavailable_over_denied_or_unavailable_rate,
    (granted_count::DOUBLE + granted_partial_count)
    / nullif(granted_count::DOUBLE + granted_partial_count + denied_count + unavailable_count, 0)
        AS disclosed_over_decided_rate,
    request_disposed_count / nullif(request_received_count::DOUBLE + request_carried_in_count, 0)
        AS disposed_over_handled_rate,
    request_carried_out_count / nullif(request_received_count::DOUBLE + request_carried_in_count, 0)
        AS carried_out_over_handled_rate,
    natural_person_received_count / nullif(request_received_count, 0) AS natural_person_over_received_rate,
    review_count / nullif(request_disposed_count, 0) AS review_over_disposed_rate,
    litigation_count / nullif(request_disposed_count, 0) AS litigation_over_disposed_rate,
    (review_count::DOUBLE + litigation_count) / nullif(request_disposed_count, 0) AS dispute_over_disposed_rate,
    review_corrected_count / nullif(review_upheld_count::DOUBLE + review_corrected_count + review_other_count, 0)
        AS review_corrected_over_closed_rate,
    review_corrected_count / nullif(review_upheld_count::DOUBLE + review_corrected_count, 0)
        AS review_corrected_over_merits_rate,
    review_corrected_count / nullif(review_count, 0) AS review_corrected_over_total_rate,
    litigation_corrected_count
    / nullif(litigation_upheld_count::DOUBLE + litigation_corrected_count + litigation_other_count, 0)
        AS litigation_corrected_over_closed_rate,
    lit_after_review_count / nullif(review_upheld_count::DOUBLE + review_corrected_count + review_other_count, 0)
        AS lit_after_review_over_review_closed_rate,
    review_pending_count / nullif(review_count, 0) AS review_pending_over_total_rate,
    litigation_pending_count / nullif(litigation_count, 0) AS litigation_pending_over_total_rate
FROM figures
