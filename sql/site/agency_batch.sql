-- grain: one row per beginning of identifiers, mostly a province, by which agencies' profiles are asked for, and its reports
SELECT
    left(agency_id, CASE WHEN starts_with(agency_id, 'cn-') THEN 5 ELSE 1 END) AS batch_code,
    count(report_id) AS report_count
FROM mart.agency_year
GROUP BY batch_code
ORDER BY batch_code
