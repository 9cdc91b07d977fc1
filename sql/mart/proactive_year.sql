-- grain: one row per agency and report year whose form has table 2
-- A count that is no whole number, and an amount in another unit, stay NULL: nothing is rounded or converted on a guess.
WITH whole AS (
    SELECT
        report_id,
        subject_code || '.' || measure_code AS item,
        unit,
        value,
        CASE WHEN value = trunc(value) THEN TRY_CAST(value AS BIGINT) END AS item_count
    FROM core.proactive
),
picked AS (
    SELECT
        report_id,
        max(item_count) FILTER (item = 'regulations.issued') AS regulation_issued_count,
        max(item_count) FILTER (item = 'regulations.repealed') AS regulation_repealed_count,
        max(item_count) FILTER (item = 'regulations.in_force') AS regulation_in_force_count,
        max(item_count) FILTER (item = 'regulations.newly_made') AS regulation_newly_made_count,
        max(item_count) FILTER (item = 'regulations.newly_disclosed') AS regulation_newly_disclosed_count,
        max(item_count) FILTER (item = 'regulations.total_public') AS regulation_total_public_count,
        max(item_count) FILTER (item = 'normative_docs.issued') AS normative_doc_issued_count,
        max(item_count) FILTER (item = 'normative_docs.repealed') AS normative_doc_repealed_count,
        max(item_count) FILTER (item = 'normative_docs.in_force') AS normative_doc_in_force_count,
        max(item_count) FILTER (item = 'normative_docs.newly_made') AS normative_doc_newly_made_count,
        max(item_count) FILTER (item = 'normative_docs.newly_disclosed') AS normative_doc_newly_disclosed_count,
        max(item_count) FILTER (item = 'normative_docs.total_public') AS normative_doc_total_public_count,
        max(item_count) FILTER (item = 'licensing.decisions') AS licensing_decision_count,
        max(item_count) FILTER (item = 'penalty.decisions') AS penalty_decision_count,
        max(item_count) FILTER (item = 'coercion.decisions') AS coercion_decision_count,
        max(item_count) FILTER (item = 'other_external_services.decisions') AS other_service_decision_count,
        max(item_count) FILTER (item = 'licensing.items_prev_year') AS licensing_item_previous_year_count,
        max(item_count) FILTER (item = 'licensing.items_change') AS licensing_item_change_count,
        max(item_count) FILTER (item = 'penalty.items_prev_year') AS penalty_item_previous_year_count,
        max(item_count) FILTER (item = 'penalty.items_change') AS penalty_item_change_count,
        max(item_count) FILTER (item = 'coercion.items_prev_year') AS coercion_item_previous_year_count,
        max(item_count) FILTER (item = 'coercion.items_change') AS coercion_item_change_count,
        max(item_count) FILTER (item = 'other_external_services.items_prev_year') AS other_service_item_previous_year_count,
        max(item_count) FILTER (item = 'other_external_services.items_change') AS other_service_item_change_count,
        max(item_count) FILTER (item = 'admin_fees.items_prev_year') AS admin_fee_item_previous_year_count,
        max(item_count) FILTER (item = 'admin_fees.items_change') AS admin_fee_item_change_count,
        max(value) FILTER (item = 'admin_fees.amount' AND unit = '万元') AS admin_fee_wan_yuan,
        max(item_count) FILTER (item = 'procurement.project_count') AS procurement_project_count,
        -- Only where the cell itself prints its unit: the form does not
        max(CASE unit WHEN '元' THEN value WHEN '万元' THEN TRY_CAST(value * 10000 AS DECIMAL(24, 8)) END)
            FILTER (item = 'procurement.amount') AS procurement_amount_yuan
    FROM whole
    GROUP BY report_id
)
SELECT
    report.agency_id,
    report.report_year,
    report.report_id,
    report.edition_code,
    picked.* EXCLUDE (report_id),
    TRY_CAST(regulation_issued_count::HUGEINT - regulation_repealed_count AS BIGINT) AS regulation_net_issued_count,
    TRY_CAST(normative_doc_issued_count::HUGEINT - normative_doc_repealed_count AS BIGINT) AS normative_doc_net_issued_count,
    coercion_decision_count / nullif(penalty_decision_count, 0) AS coercion_over_penalty_rate
FROM core.report AS report
INNER JOIN picked ON report.report_id = picked.report_id
WHERE report.is_latest AND report.report_year IS NOT NULL
