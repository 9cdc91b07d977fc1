-- grain: one row per batch of agencies whose profiles are made by one question: the first two characters of their shard
SELECT DISTINCT left(CASE WHEN starts_with(agency_id, 'cn-') THEN substr(agency_id, 4, 6) ELSE left(agency_id, 4) END, 2)
    AS batch_code
FROM mart.agency_year
ORDER BY batch_code
