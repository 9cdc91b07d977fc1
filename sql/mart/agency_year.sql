-- grain: one row per agency and report year, from the latest version of its report
-- Group sums come from the helper marts, which leave them NULL unless every cell is reported; printed totals are taken
-- as printed. A count of table 2 that is no whole number, and a fee in another unit, stay NULL: nothing is rounded.
WITH requests AS (
    SELECT
        report_id,
        max(request_count) FILTER (applicant_group_code = 'total' AND outcome_group_code = 'new_received') AS received,
        max(request_count) FILTER (applicant_group_code = 'total' AND outcome_group_code = 'carried_in') AS carried_in,
        max(request_count) FILTER (applicant_group_code = 'total' AND outcome_group_code = 'total_disposed') AS disposed,
        max(request_count) FILTER (applicant_group_code = 'total' AND outcome_group_code = 'carried_out') AS carried_out,
        max(request_count) FILTER (applicant_group_code = 'total' AND outcome_group_code = 'granted') AS granted,
        max(request_count) FILTER (applicant_group_code = 'total' AND outcome_group_code = 'granted_partial') AS granted_partial,
        max(request_count) FILTER (applicant_group_code = 'total' AND outcome_group_code = 'denied') AS denied,
        max(request_count) FILTER (applicant_group_code = 'total' AND outcome_group_code = 'unavailable') AS unavailable,
        max(request_count) FILTER (applicant_group_code = 'total' AND outcome_group_code = 'unprocessed') AS unprocessed,
        max(request_count) FILTER (applicant_group_code = 'total' AND outcome_group_code = 'other') AS other,
        max(request_count) FILTER (applicant_group_code = 'natural_person' AND outcome_group_code = 'new_received')
            AS natural_person_received,
        max(request_count) FILTER (applicant_group_code = 'organisation' AND outcome_group_code = 'new_received')
            AS organisation_received
    FROM mart.request_outcome
    GROUP BY report_id
),
whole AS (
    SELECT
        report_id,
        subject_code || '.' || measure_code AS item,
        CASE WHEN value = trunc(value) THEN TRY_CAST(value AS BIGINT) END AS item_count,
        CASE WHEN unit = '万元' THEN value END AS wan_yuan
    FROM core.proactive
),
proactive AS (
    SELECT
        report_id,
        max(item_count) FILTER (item = 'licensing.decisions') AS licensing,
        max(item_count) FILTER (item = 'penalty.decisions') AS penalty,
        max(item_count) FILTER (item = 'coercion.decisions') AS coercion,
        max(wan_yuan) FILTER (item = 'admin_fees.amount') AS admin_fee,
        max(item_count) FILTER (item = 'regulations.issued') AS regulation_issued,
        max(item_count) FILTER (item = 'regulations.repealed') AS regulation_repealed,
        max(item_count) FILTER (item = 'regulations.in_force') AS regulation_in_force,
        max(item_count) FILTER (item = 'normative_docs.issued') AS normative_doc_issued,
        max(item_count) FILTER (item = 'normative_docs.repealed') AS normative_doc_repealed,
        max(item_count) FILTER (item = 'normative_docs.in_force') AS normative_doc_in_force
    FROM whole
    GROUP BY report_id
),
disputes AS (
    SELECT
        report_id,
        max(case_count) FILTER (channel_group_code = 'review' AND outcome_code = 'total') AS review,
        max(case_count) FILTER (channel_group_code = 'review' AND outcome_code = 'upheld') AS review_upheld,
        max(case_count) FILTER (channel_group_code = 'review' AND outcome_code = 'corrected') AS review_corrected,
        max(case_count) FILTER (channel_group_code = 'review' AND outcome_code = 'other') AS review_other,
        max(case_count) FILTER (channel_group_code = 'review' AND outcome_code = 'pending') AS review_pending,
        max(case_count) FILTER (channel_group_code = 'litigation' AND outcome_code = 'total') AS litigation,
        max(case_count) FILTER (channel_group_code = 'litigation' AND outcome_code = 'upheld') AS litigation_upheld,
        max(case_count) FILTER (channel_group_code = 'litigation' AND outcome_code = 'corrected') AS litigation_corrected,
        max(case_count) FILTER (channel_group_code = 'litigation' AND outcome_code = 'other') AS litigation_other,
        max(case_count) FILTER (channel_group_code = 'litigation' AND outcome_code = 'pending') AS litigation_pending
    FROM mart.dispute_outcome
    GROUP BY report_id
)
SELECT
    report.agency_id,
    agency.agency_name,
    agency.region_code,
    agency.region_path_text,
    agency.organ_kind_code,
    agency.department_code,
    agency.division_level,
    report.identity_confidence_code,
    report.scope_code,
    report.report_year,
    report.report_id,
    report.edition_code,
    report.grade_code,
    report.title_text,
    requests.received AS request_received_count,
    requests.carried_in AS request_carried_in_count,
    requests.disposed AS request_disposed_count,
    requests.carried_out AS request_carried_out_count,
    requests.granted AS granted_count,
    requests.granted_partial AS granted_partial_count,
    requests.denied AS denied_count,
    requests.unavailable AS unavailable_count,
    requests.unprocessed AS unprocessed_count,
    requests.other AS other_count,
    (requests.granted::DOUBLE + requests.granted_partial) / nullif(requests.disposed, 0) AS disclosed_over_disposed_rate,
    requests.granted / nullif(requests.disposed, 0) AS granted_over_disposed_rate,
    requests.denied / nullif(requests.disposed, 0) AS denied_over_disposed_rate,
    requests.unavailable / nullif(requests.disposed, 0) AS unavailable_over_disposed_rate,
    requests.unprocessed / nullif(requests.disposed, 0) AS unprocessed_over_disposed_rate,
    requests.other / nullif(requests.disposed, 0) AS other_over_disposed_rate,
    requests.disposed / nullif(requests.received::DOUBLE + requests.carried_in, 0) AS disposed_over_handled_rate,
    requests.natural_person_received AS natural_person_received_count,
    requests.organisation_received AS organisation_received_count,
    requests.natural_person_received / nullif(requests.received, 0) AS natural_person_over_received_rate,
    proactive.licensing AS licensing_decision_count,
    proactive.penalty AS penalty_decision_count,
    proactive.coercion AS coercion_decision_count,
    proactive.admin_fee AS admin_fee_wan_yuan,
    proactive.regulation_issued AS regulation_issued_count,
    proactive.regulation_repealed AS regulation_repealed_count,
    proactive.regulation_in_force AS regulation_in_force_count,
    proactive.normative_doc_issued AS normative_doc_issued_count,
    proactive.normative_doc_repealed AS normative_doc_repealed_count,
    proactive.normative_doc_in_force AS normative_doc_in_force_count,
    disputes.review AS review_count,
    disputes.review_upheld AS review_upheld_count,
    disputes.review_corrected AS review_corrected_count,
    disputes.review_other AS review_other_count,
    disputes.review_pending AS review_pending_count,
    disputes.litigation AS litigation_count,
    disputes.litigation_upheld AS litigation_upheld_count,
    disputes.litigation_corrected AS litigation_corrected_count,
    disputes.litigation_other AS litigation_other_count,
    disputes.litigation_pending AS litigation_pending_count,
    disputes.review_corrected
    / nullif(disputes.review_upheld::DOUBLE + disputes.review_corrected + disputes.review_other, 0)
        AS review_corrected_over_closed_rate,
    disputes.litigation_corrected
    / nullif(disputes.litigation_upheld::DOUBLE + disputes.litigation_corrected + disputes.litigation_other, 0)
        AS litigation_corrected_over_closed_rate,
    (disputes.review::DOUBLE + disputes.litigation) / nullif(requests.disposed, 0) AS dispute_over_disposed_rate
FROM core.report AS report
INNER JOIN core.agency AS agency ON report.agency_id = agency.agency_id
LEFT JOIN requests ON report.report_id = requests.report_id
LEFT JOIN proactive ON report.report_id = proactive.report_id
LEFT JOIN disputes ON report.report_id = disputes.report_id
WHERE report.is_latest AND report.report_year IS NOT NULL
