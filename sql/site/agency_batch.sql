-- grain: one row per batch of agencies whose profiles are made by one question: those of a province, by their identifier
SELECT DISTINCT left(agency_id, CASE WHEN starts_with(agency_id, 'cn-') THEN 5 ELSE 1 END) AS batch_code
FROM mart.agency_year
ORDER BY batch_code
