-- zh: 自然人与法人或其他组织，谁的申请更多得到公开？
-- en: Who is granted disclosure more often, natural persons or organisations?
SELECT
    applicant_group_code,
    sum(request_count) FILTER (outcome_group_code IN ('granted', 'granted_partial')) AS disclosed_count,
    sum(request_count) FILTER (outcome_group_code = 'total_disposed') AS disposed_count,
    disclosed_count / nullif(disposed_count, 0) AS disclosed_rate
FROM (
    -- Only reports that give all three numbers for this group, so that both sums are over the same reports
    SELECT
        *,
        count(request_count) FILTER (outcome_group_code IN ('granted', 'granted_partial', 'total_disposed'))
            OVER (PARTITION BY report_id, applicant_group_code) AS given_count
    FROM mart.request_outcome
    INNER JOIN core.report USING (report_id)
    WHERE is_latest
)
WHERE applicant_group_code <> 'total' AND given_count = 3
GROUP BY applicant_group_code
ORDER BY applicant_group_code
