-- zh: 某年自然人与法人或其他组织，谁的申请更多得到公开？
-- en: Who is granted disclosure more often in a year, natural persons or organisations?
SELECT
    CASE applicant_code WHEN 'natural_person' THEN 'natural_person' ELSE 'organisation' END AS applicant_group_code,
    sum(granted_count + granted_partial_count) AS disclosed_count,
    sum(request_disposed_count) AS disposed_count,
    sum(granted_count + granted_partial_count) / nullif(sum(request_disposed_count), 0) AS disclosed_over_disposed_rate
FROM mart.applicant_mix
WHERE report_year = 2024
    -- Only what gives all three numbers, so that both sums are over the same reports and kinds
    AND granted_count + granted_partial_count + request_disposed_count IS NOT NULL
GROUP BY ALL
ORDER BY applicant_group_code
