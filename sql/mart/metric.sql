-- grain: one row per agency, report year and metric that has a value
-- Metrics in long form, each with its numerator, denominator and how it compares with the form in force. Numbers of an older form are
-- put together as meta.bridge says, and only here: the wide marts hold what a form itself gives.
WITH bridge_cells AS (
    SELECT
        edition_code,
        target_code,
        sign,
        split_part(cell_code, '.', 2) AS statistic_code,
        split_part(cell_code, '.', 3) AS measure_code
    FROM meta.bridge
    WHERE comparability_code = 'bridge'
),
bridge_values AS (
    SELECT
        report.report_id,
        cells.target_code,
        CASE
            WHEN count(statistic.value) FILTER (statistic.value = trunc(statistic.value)) = count(*)
                THEN TRY_CAST(sum(cells.sign * statistic.value) AS BIGINT)
        END AS value
    FROM core.report AS report
    INNER JOIN bridge_cells AS cells ON report.edition_code = cells.edition_code
    LEFT JOIN core.statistic AS statistic
        ON
            report.report_id = statistic.report_id
            AND cells.statistic_code = statistic.statistic_code
            AND cells.measure_code = statistic.measure_code
    WHERE report.is_latest
    GROUP BY report.report_id, cells.target_code
),
bridged AS (
    SELECT
        report_id,
        max(value) FILTER (target_code = 'requests.new_received.total') AS received,
        max(value) FILTER (target_code = 'requests.total_disposed.total') AS disposed,
        max(value) FILTER (target_code = 'requests.disclosed.total') AS disclosed,
        max(value) FILTER (target_code = 'requests.denied.total') AS denied,
        max(value) FILTER (target_code = 'requests.unavailable.total') AS unavailable,
        max(value) FILTER (target_code = 'requests.unprocessed.total') AS unprocessed,
        max(value) FILTER (target_code = 'disputes.review.total') AS review,
        max(value) FILTER (target_code = 'disputes.review.upheld') AS review_upheld,
        max(value) FILTER (target_code = 'disputes.review.corrected') AS review_corrected,
        max(value) FILTER (target_code = 'disputes.review.other') AS review_other,
        max(value) FILTER (target_code = 'disputes.litigation.total') AS litigation,
        max(value) FILTER (target_code = 'disputes.litigation.upheld') AS litigation_upheld,
        max(value) FILTER (target_code = 'disputes.litigation.corrected') AS litigation_corrected,
        max(value) FILTER (target_code = 'disputes.litigation.other') AS litigation_other
    FROM bridge_values
    GROUP BY report_id
),
operands AS (
    SELECT
        report.agency_id,
        report.report_year,
        report.edition_code,
        lag(report.edition_code) OVER (PARTITION BY report.agency_id ORDER BY report.report_year) AS previous_edition_code,
        coalesce(report.request_received_count, bridged.received)::HUGEINT AS received,
        report.request_carried_in_count::HUGEINT AS carried_in,
        coalesce(report.request_disposed_count, bridged.disposed)::HUGEINT AS disposed,
        report.request_carried_out_count::HUGEINT AS carried_out,
        report.granted_count::HUGEINT AS granted,
        report.granted_partial_count::HUGEINT AS granted_partial,
        coalesce(granted + granted_partial, bridged.disclosed) AS disclosed,
        coalesce(report.denied_count, bridged.denied)::HUGEINT AS denied,
        coalesce(report.unavailable_count, bridged.unavailable)::HUGEINT AS unavailable,
        report.unavailable_not_held_count::HUGEINT AS not_held,
        coalesce(report.unprocessed_count, bridged.unprocessed)::HUGEINT AS unprocessed,
        report.other_count::HUGEINT AS other,
        report.natural_person_received_count::HUGEINT AS natural_person_received,
        coalesce(report.review_count, bridged.review)::HUGEINT AS review,
        coalesce(report.review_upheld_count, bridged.review_upheld)::HUGEINT AS review_upheld,
        coalesce(report.review_corrected_count, bridged.review_corrected)::HUGEINT AS review_corrected,
        coalesce(report.review_other_count, bridged.review_other)::HUGEINT AS review_other,
        report.review_pending_count::HUGEINT AS review_pending,
        report.lit_after_review_count::HUGEINT AS lit_after_review,
        coalesce(report.litigation_count, bridged.litigation)::HUGEINT AS litigation,
        coalesce(report.litigation_upheld_count, bridged.litigation_upheld)::HUGEINT AS litigation_upheld,
        coalesce(report.litigation_corrected_count, bridged.litigation_corrected)::HUGEINT AS litigation_corrected,
        coalesce(report.litigation_other_count, bridged.litigation_other)::HUGEINT AS litigation_other,
        report.litigation_pending_count::HUGEINT AS litigation_pending,
        report.penalty_decision_count::HUGEINT AS penalty,
        report.coercion_decision_count::HUGEINT AS coercion,
        changed.previous_request_received_count AS received_before
    FROM mart.agency_year AS report
    LEFT JOIN bridged ON report.report_id = bridged.report_id
    LEFT JOIN mart.agency_change AS changed
        ON report.agency_id = changed.agency_id AND report.report_year = changed.report_year
    WHERE report.has_report
),
fractions AS (
    SELECT
        agency_id,
        report_year,
        edition_code,
        previous_edition_code,
        unnest([
            {'name': 'disclosed_over_disposed_rate', 'numerator': disclosed, 'denominator': disposed},
            {'name': 'granted_over_disposed_rate', 'numerator': granted, 'denominator': disposed},
            {'name': 'granted_partial_over_disposed_rate', 'numerator': granted_partial, 'denominator': disposed},
            {'name': 'denied_over_disposed_rate', 'numerator': denied, 'denominator': disposed},
            {'name': 'unavailable_over_disposed_rate', 'numerator': unavailable, 'denominator': disposed},
            {'name': 'unprocessed_over_disposed_rate', 'numerator': unprocessed, 'denominator': disposed},
            {'name': 'other_over_disposed_rate', 'numerator': other, 'denominator': disposed},
            {'name': 'not_held_over_disposed_rate', 'numerator': not_held, 'denominator': disposed},
            {'name': 'unavailable_over_denied_or_unavailable_rate', 'numerator': unavailable, 'denominator': denied + unavailable},
            {'name': 'disclosed_over_decided_rate', 'numerator': disclosed, 'denominator': disclosed + denied + unavailable},
            {'name': 'disposed_over_handled_rate', 'numerator': disposed, 'denominator': received + carried_in},
            {'name': 'carried_out_over_handled_rate', 'numerator': carried_out, 'denominator': received + carried_in},
            {'name': 'natural_person_over_received_rate', 'numerator': natural_person_received, 'denominator': received},
            {'name': 'review_over_disposed_rate', 'numerator': review, 'denominator': disposed},
            {'name': 'litigation_over_disposed_rate', 'numerator': litigation, 'denominator': disposed},
            {'name': 'dispute_over_disposed_rate', 'numerator': review + litigation, 'denominator': disposed},
            {'name': 'review_corrected_over_closed_rate', 'numerator': review_corrected, 'denominator': review_upheld + review_corrected + review_other},
            {'name': 'review_corrected_over_merits_rate', 'numerator': review_corrected, 'denominator': review_upheld + review_corrected},
            {'name': 'review_corrected_over_total_rate', 'numerator': review_corrected, 'denominator': review},
            {'name': 'litigation_corrected_over_closed_rate', 'numerator': litigation_corrected, 'denominator': litigation_upheld + litigation_corrected + litigation_other},
            {'name': 'lit_after_review_over_review_closed_rate', 'numerator': lit_after_review, 'denominator': review_upheld + review_corrected + review_other},
            {'name': 'review_pending_over_total_rate', 'numerator': review_pending, 'denominator': review},
            {'name': 'litigation_pending_over_total_rate', 'numerator': litigation_pending, 'denominator': litigation},
            {'name': 'coercion_over_penalty_rate', 'numerator': coercion, 'denominator': penalty},
            {'name': 'request_received_change_over_previous_rate', 'numerator': received - received_before, 'denominator': received_before}
        ], recursive := true)
    FROM operands
),
defined AS (
    SELECT metric_code, column_name, edition_code, comparability_code
    FROM meta.metric_edition
    WHERE table_name IN ('mart.agency_year', 'mart.agency_change', 'mart.proactive_year')
)
SELECT
    fractions.agency_id,
    fractions.report_year,
    defined.metric_code,
    fractions.name AS column_name,
    fractions.numerator / fractions.denominator AS value,
    TRY_CAST(fractions.numerator AS BIGINT) AS numerator,
    TRY_CAST(fractions.denominator AS BIGINT) AS denominator,
    fractions.edition_code,
    defined.comparability_code,
    coalesce(
        fractions.edition_code <> fractions.previous_edition_code
        AND NOT (defined.comparability_code = 'same' AND before.comparability_code = 'same'),
        false
    ) AS is_series_break
FROM fractions
INNER JOIN defined ON fractions.name = defined.column_name AND fractions.edition_code = defined.edition_code
LEFT JOIN defined AS before
    ON fractions.name = before.column_name AND fractions.previous_edition_code = before.edition_code
WHERE fractions.numerator IS NOT NULL AND fractions.denominator <> 0
