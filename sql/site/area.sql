-- grain: one row per area that shards are cut by: a province's two digits, or none where the division is not settled
SELECT DISTINCT coalesce(left(region_code, 2), 'none') AS area_code
FROM mart.agency_year
ORDER BY area_code
