-- A whole name or an identifier settles it; where none is asked for exactly, every agency with that part in its name counts
WITH matched AS (
    SELECT agency_id, agency_name AS known_name, agency_name, region_path_text
    FROM core.agency
    WHERE trim(agency::VARCHAR) <> '' AND (agency_id = trim(agency::VARCHAR) OR contains(agency_name, trim(agency::VARCHAR)))
    UNION ALL
    SELECT printed.agency_id, printed.agency_name_text, canonical.agency_name, canonical.region_path_text
    FROM core.agency_name AS printed
    INNER JOIN core.agency AS canonical ON printed.agency_id = canonical.agency_id
    WHERE trim(agency::VARCHAR) <> '' AND contains(printed.agency_name_text, trim(agency::VARCHAR))
    UNION ALL
    SELECT agency_id, agency_name, agency_name, region_path_text
    FROM core.expected_organ
    WHERE trim(agency::VARCHAR) <> '' AND (agency_id = trim(agency::VARCHAR) OR contains(agency_name, trim(agency::VARCHAR)))
    UNION ALL
    SELECT agency_id, source_organ_name, source_organ_name, NULL
    FROM core.source
    WHERE agency_id = trim(agency::VARCHAR) OR (trim(agency::VARCHAR) <> '' AND contains(source_organ_name, trim(agency::VARCHAR)))
),
named AS (
    SELECT
        agency_id,
        min(agency_name) AS agency_name,
        min(region_path_text) AS region_path_text,
        bool_or(trim(agency::VARCHAR) IN (agency_id, known_name)) AS is_exact
    FROM matched
    WHERE agency_id IS NOT NULL
    GROUP BY agency_id
)
SELECT agency_id, agency_name, region_path_text, is_exact
FROM named
QUALIFY is_exact OR NOT bool_or(is_exact) OVER ()
ORDER BY agency_id
