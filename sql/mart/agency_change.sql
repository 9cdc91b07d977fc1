-- grain: one row per agency and report year whose report of the year before is here too, with the same scope
SELECT
    this_year.agency_id,
    this_year.report_year,
    this_year.report_id,
    before.report_id AS previous_report_id,
    this_year.scope_code,
    this_year.edition_code,
    before.edition_code AS previous_edition_code,
    this_year.is_series_break,
    this_year.request_received_count,
    before.request_received_count AS previous_request_received_count,
    this_year.regulation_repealed_count,
    before.regulation_in_force_count AS previous_regulation_in_force_count,
    this_year.normative_doc_repealed_count,
    before.normative_doc_in_force_count AS previous_normative_doc_in_force_count,
    (this_year.request_received_count::DOUBLE - before.request_received_count)
    / nullif(before.request_received_count, 0) AS request_received_change_over_previous_rate,
    this_year.regulation_repealed_count / nullif(before.regulation_in_force_count, 0)
        AS regulation_repealed_over_previous_in_force_rate,
    this_year.normative_doc_repealed_count / nullif(before.normative_doc_in_force_count, 0)
        AS normative_doc_repealed_over_previous_in_force_rate,
    this_year.disclosed_over_disposed_rate - before.disclosed_over_disposed_rate AS disclosed_over_disposed_change,
    this_year.granted_over_disposed_rate - before.granted_over_disposed_rate AS granted_over_disposed_change,
    this_year.granted_partial_over_disposed_rate - before.granted_partial_over_disposed_rate
        AS granted_partial_over_disposed_change,
    this_year.denied_over_disposed_rate - before.denied_over_disposed_rate AS denied_over_disposed_change,
    this_year.unavailable_over_disposed_rate - before.unavailable_over_disposed_rate AS unavailable_over_disposed_change,
    this_year.not_held_over_disposed_rate - before.not_held_over_disposed_rate AS not_held_over_disposed_change,
    this_year.unprocessed_over_disposed_rate - before.unprocessed_over_disposed_rate AS unprocessed_over_disposed_change,
    this_year.other_over_disposed_rate - before.other_over_disposed_rate AS other_over_disposed_change
FROM mart.agency_year AS this_year
INNER JOIN mart.agency_year AS before
    ON this_year.agency_id = before.agency_id AND this_year.report_year = before.report_year + 1
WHERE this_year.is_comparable_with_previous_year
