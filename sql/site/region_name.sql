-- grain: one row per division that some agency belongs to, and each one around it
WITH placed AS (
    SELECT DISTINCT left(region_code, 6) AS code
    FROM mart.agency_year
    WHERE region_code IS NOT NULL
),
around AS (
    SELECT DISTINCT unnest([code, left(code, 4) || '00', left(code, 2) || '0000']) AS region_code
    FROM placed
)
SELECT around.region_code, division.division_name AS region_name
FROM around
INNER JOIN core.division AS division ON around.region_code = division.division_code
QUALIFY row_number() OVER (PARTITION BY around.region_code ORDER BY division.holder_number DESC) = 1
ORDER BY around.region_code
