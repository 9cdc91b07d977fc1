-- grain: one row per report and kind of reuse, naming the report it shares most with
WITH narrative AS (
    -- Counted as in mart.shared_passage, so that a text copied whole comes to 1
    SELECT
        report_id,
        sum(length(regexp_replace(
            regexp_replace(body_text, '[0-9０-９][0-9０-９.．,，%％]*', '#', 'g'), '\s|　|[。；！？]', '', 'g'
        ))) AS character_count
    FROM core.section
    GROUP BY report_id
),
pairs AS (
    SELECT
        report_id,
        reuse_code,
        other_report_id,
        count(*) AS shared_sentence_count,
        sum(shared_character_count) AS shared_character_count
    FROM mart.shared_passage
    GROUP BY report_id, reuse_code, other_report_id
),
ranked AS (
    SELECT *, count(*) OVER (PARTITION BY report_id, reuse_code) AS similar_report_count
    FROM pairs
    QUALIFY row_number() OVER (
        PARTITION BY report_id, reuse_code ORDER BY shared_character_count DESC, other_report_id
    ) = 1
)
SELECT
    report.agency_id,
    report.report_year,
    ranked.report_id,
    ranked.reuse_code,
    ranked.other_report_id,
    other.agency_id AS other_agency_id,
    other.report_year AS other_report_year,
    CAST(ranked.similar_report_count AS BIGINT) AS similar_report_count,
    CAST(ranked.shared_sentence_count AS BIGINT) AS shared_sentence_count,
    CAST(ranked.shared_character_count AS BIGINT) AS shared_character_count,
    CAST(narrative.character_count AS BIGINT) AS narrative_character_count,
    ranked.shared_character_count / nullif(narrative.character_count, 0) AS shared_over_narrative_rate
FROM ranked
INNER JOIN core.report AS report ON ranked.report_id = report.report_id
INNER JOIN core.report AS other ON ranked.other_report_id = other.report_id
INNER JOIN narrative ON ranked.report_id = narrative.report_id
