-- Peers within the same division directly above; where the agency is alone there, within the province (for a provincial
-- organ both are the nation)
WITH own AS (
    SELECT agency_id, agency_name, division_level, organ_kind_code, department_code, region_code
    FROM mart.agency_year
    WHERE report_year = year
        AND agency_id IN (SELECT found.agency_id FROM mart.find_agency(agency) AS found)
        AND region_code IS NOT NULL
),
bounds AS (
    SELECT
        *,
        CASE division_level
            WHEN 'township' THEN left(region_code, 6)
            WHEN 'county' THEN left(region_code, 4)
            WHEN 'prefecture' THEN left(region_code, 2)
            ELSE ''
        END AS parent_prefix,
        CASE WHEN division_level = 'province' THEN '' ELSE left(region_code, 2) END AS province_prefix
    FROM own
),
-- Who is in the province at all. As one list DuckDB takes them for few, looks them up while it reads the large table,
-- and skips what lies outside of their range; as rows it would take them for many and read every year of every agency
around AS (
    SELECT list(DISTINCT known.agency_id) AS agency_ids
    FROM (
        SELECT agency_id, region_code, division_level FROM core.agency
        UNION ALL
        SELECT agency_id, region_code, division_level FROM core.expected_organ
    ) AS known
    INNER JOIN bounds
        ON known.division_level = bounds.division_level AND starts_with(known.region_code, bounds.province_prefix)
),
candidates AS (
    SELECT
        bounds.agency_id AS peer_of_agency_id,
        bounds.agency_name AS peer_of_agency_name,
        starts_with(other.region_code, bounds.parent_prefix) AS is_near,
        other.agency_id = bounds.agency_id AS is_self,
        other.*
    FROM mart.agency_year AS other
    INNER JOIN bounds
        ON other.division_level = bounds.division_level
        AND starts_with(other.region_code, bounds.province_prefix)
        AND other.organ_kind_code IS NOT DISTINCT FROM bounds.organ_kind_code
        AND other.department_code IS NOT DISTINCT FROM bounds.department_code
    WHERE other.report_year = year AND other.agency_id IN (SELECT unnest(agency_ids) FROM around)
),
chosen AS (
    SELECT
        *,
        CASE WHEN count(*) FILTER (is_near AND NOT is_self) OVER (PARTITION BY peer_of_agency_id) > 0
            THEN 'parent_division' ELSE 'province' END AS peer_group_code
    FROM candidates
)
SELECT
    peer_of_agency_id,
    peer_of_agency_name,
    peer_group_code,
    is_self,
    * EXCLUDE (peer_of_agency_id, peer_of_agency_name, peer_group_code, is_self, is_near)
FROM chosen
WHERE is_near OR peer_group_code = 'province'
ORDER BY peer_of_agency_id, region_code, agency_id
