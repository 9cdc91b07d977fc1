-- grain: one row per agency, report year and outcome row of table 3 (its 总计 column), subtotals and carried requests left out
-- A row has a share of its group only where every row of the group is reported. other_total is the merged row that some reports print
-- instead of the three of 其他处理; it belongs to the same group.
SELECT
    report.agency_id,
    report.report_year,
    request.outcome_code,
    report.report_id,
    grouped.outcome_group_code,
    request.request_count,
    grouped.request_count AS group_request_count,
    disposed.request_count AS request_disposed_count,
    request.request_count / nullif(disposed.request_count, 0) AS reason_over_disposed_rate,
    request.request_count / nullif(grouped.request_count, 0) AS reason_over_group_rate
FROM core.report AS report
INNER JOIN core.request AS request ON report.report_id = request.report_id
INNER JOIN mart.request_outcome AS grouped
    ON
        request.report_id = grouped.report_id
        AND grouped.applicant_group_code = 'total'
        AND coalesce(
            nullif(regexp_extract(request.outcome_code, '^(denied|unavailable|unprocessed|other)_', 1), ''),
            request.outcome_code
        ) = grouped.outcome_group_code
INNER JOIN mart.request_outcome AS disposed
    ON
        request.report_id = disposed.report_id
        AND disposed.applicant_group_code = 'total'
        AND disposed.outcome_group_code = 'total_disposed'
WHERE
    report.is_latest
    AND report.report_year IS NOT NULL
    AND request.applicant_code = 'total'
    AND request.outcome_code NOT IN ('new_received', 'carried_in', 'total_disposed', 'carried_out')
