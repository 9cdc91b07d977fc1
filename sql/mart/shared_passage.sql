-- grain: one row per sentence that a report shares, figures aside, with its agency's report of the year before or with
-- another agency's report of the same year, where the two share enough to look copied
-- Boilerplate is left out: a sentence that organs of three prefectures or more print comes from the form or from a notice.
-- A sentence is compared without white space and with every number as one mark; offsets count characters of the section.
WITH reports AS (
    SELECT report.report_id, report.agency_id, report.report_year, left(agency.region_code, 4) AS prefecture_code
    FROM core.report AS report
    INNER JOIN core.agency AS agency ON report.agency_id = agency.agency_id
    WHERE report.is_latest AND report.report_year IS NOT NULL
),
pieces AS (
    SELECT
        section.report_id,
        section.section_code,
        unnest(regexp_split_to_array(section.body_text, '[。；！？\n]')) AS piece,
        unnest(range(len(regexp_split_to_array(section.body_text, '[。；！？\n]')))) AS piece_number
    FROM core.section AS section
),
placed AS (
    SELECT
        report_id,
        section_code,
        piece_number,
        length(piece) AS piece_length,
        -- Each piece is followed by the one character it was split at
        sum(length(piece) + 1) OVER (PARTITION BY report_id, section_code ORDER BY piece_number) - length(piece) - 1
            AS start_offset,
        regexp_replace(regexp_replace(piece, '\s|　', '', 'g'), '[0-9０-９][0-9０-９.．,，%％]*', '#', 'g') AS wording
    FROM pieces
),
sentences AS (
    SELECT
        placed.report_id,
        reports.agency_id,
        reports.report_year,
        reports.prefecture_code,
        placed.section_code,
        placed.start_offset,
        placed.start_offset + placed.piece_length AS end_offset,
        length(placed.wording) AS wording_length,
        hash(placed.wording) AS wording_hash
    FROM placed
    INNER JOIN reports ON placed.report_id = reports.report_id
    -- Shorter ones ("all were answered in time") anyone would write
    WHERE length(placed.wording) >= 15
),
boilerplate AS (
    SELECT wording_hash
    FROM sentences
    GROUP BY wording_hash
    HAVING count(DISTINCT prefecture_code) >= 3 OR count(DISTINCT agency_id) > 60
),
first_use AS (
    -- A report that repeats a sentence within itself uses it once
    SELECT *
    FROM sentences
    WHERE wording_hash NOT IN (SELECT wording_hash FROM boilerplate)
    QUALIFY row_number() OVER (PARTITION BY report_id, wording_hash ORDER BY section_code, start_offset) = 1
),
shared AS (
    SELECT
        later.report_id,
        other.report_id AS other_report_id,
        CASE WHEN later.agency_id = other.agency_id THEN 'own_previous_year' ELSE 'other_agency' END AS reuse_code,
        later.section_code,
        later.start_offset,
        later.end_offset,
        later.wording_length,
        other.section_code AS other_section_code,
        other.start_offset AS other_start_offset,
        other.end_offset AS other_end_offset
    FROM first_use AS later
    INNER JOIN first_use AS other
        ON later.wording_hash = other.wording_hash
        AND (
            (later.agency_id = other.agency_id AND later.report_year = other.report_year + 1)
            OR (later.agency_id <> other.agency_id AND later.report_year = other.report_year)
        )
)
SELECT
    report_id,
    other_report_id,
    reuse_code,
    section_code,
    CAST(start_offset AS INTEGER) AS start_offset,
    CAST(end_offset AS INTEGER) AS end_offset,
    other_section_code,
    CAST(other_start_offset AS INTEGER) AS other_start_offset,
    CAST(other_end_offset AS INTEGER) AS other_end_offset,
    CAST(wording_length AS INTEGER) AS shared_character_count
FROM shared
QUALIFY sum(wording_length) OVER (PARTITION BY report_id, other_report_id) >= 200
