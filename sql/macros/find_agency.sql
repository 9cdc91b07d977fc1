-- A whole name or an identifier settles it; where none is asked for exactly, every agency with that part in its name counts
WITH asked AS (
    SELECT trim(agency::VARCHAR) AS wanted
),
known AS (
    SELECT agency_id, agency_name, agency_name AS known_name, region_path_text FROM core.agency
    UNION ALL
    SELECT printed.agency_id, canonical.agency_name, printed.agency_name_text, canonical.region_path_text
    FROM core.agency_name AS printed
    INNER JOIN core.agency AS canonical ON printed.agency_id = canonical.agency_id
    UNION ALL
    SELECT agency_id, agency_name, agency_name, region_path_text FROM core.expected_organ
    UNION ALL
    SELECT agency_id, source_organ_name, source_organ_name, NULL FROM core.source WHERE agency_id IS NOT NULL
),
matched AS (
    SELECT known.*, known.agency_id = asked.wanted OR known.known_name = asked.wanted AS is_exact
    FROM known
    INNER JOIN asked ON asked.wanted <> '' AND (known.agency_id = asked.wanted OR contains(known.known_name, asked.wanted))
)
SELECT
    agency_id,
    min(agency_name) AS agency_name,
    min(region_path_text) AS region_path_text,
    bool_or(is_exact) AS is_exact
FROM matched
GROUP BY agency_id
QUALIFY bool_or(is_exact) = bool_or(bool_or(is_exact)) OVER ()
ORDER BY agency_id
