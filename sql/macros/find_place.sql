-- Names are compared whole, with or without those of the divisions above; holders that have had a code before count too.
-- What is asked for is put in its place each time rather than joined, so that it is one number or name to look for.
WITH named AS (
    SELECT *
    FROM core.division
    WHERE division_code = regexp_replace(place::VARCHAR, '[^\p{L}\p{N}]', '', 'g')
        OR ends_with(regexp_replace(place::VARCHAR, '[^\p{L}\p{N}]', '', 'g'), division_name)
),
firsts AS (
    SELECT * FROM core.division WHERE division_code IN (SELECT parent_division_code FROM named)
),
seconds AS (
    SELECT * FROM core.division WHERE division_code IN (SELECT parent_division_code FROM firsts)
),
thirds AS (
    SELECT * FROM core.division WHERE division_code IN (SELECT parent_division_code FROM seconds)
),
placed AS (
    SELECT
        named.*,
        concat_ws(' ', third.division_name, second.division_name, first.division_name, named.division_name) AS path,
        regexp_replace(place::VARCHAR, '[^\p{L}\p{N}]', '', 'g') IN (
            named.division_code,
            named.division_name,
            first.division_name || named.division_name,
            second.division_name || named.division_name,
            second.division_name || first.division_name || named.division_name,
            third.division_name || named.division_name,
            third.division_name || first.division_name || named.division_name,
            third.division_name || second.division_name || named.division_name,
            third.division_name || second.division_name || first.division_name || named.division_name
        ) AS is_meant
    FROM named
    LEFT JOIN firsts AS first ON named.parent_division_code = first.division_code
    LEFT JOIN seconds AS second ON first.parent_division_code = second.division_code
    LEFT JOIN thirds AS third ON second.parent_division_code = third.division_code
)
SELECT
    division_code,
    holder_number,
    division_name,
    division_level_code,
    valid_from_year,
    valid_to_year,
    max(path) AS region_path_text,
    CASE
        WHEN division_level_code = 'province' THEN left(division_code, 2)
        WHEN division_level_code = 'prefecture' THEN left(division_code, 4)
        ELSE division_code
    END AS code_prefix_text
FROM placed
WHERE is_meant
GROUP BY ALL
UNION ALL
SELECT '000000', 1, '全国', 'nation', NULL, NULL, '全国', ''
WHERE regexp_replace(place::VARCHAR, '[^\p{L}\p{N}]', '', 'g') IN ('000000', '全国')
ORDER BY division_code, holder_number
