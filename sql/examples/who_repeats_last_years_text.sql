-- zh: 某年哪些机关的年报正文与自己上一年或与其他机关雷同？
-- en: Which agencies repeat their own text of last year, or print another agency's?
WITH most AS (
    SELECT *
    FROM mart.text_reuse
    WHERE report_year = 2023
    ORDER BY shared_over_narrative_rate DESC, agency_id, reuse_code
    LIMIT 100
)
SELECT
    agency.agency_name,
    most.report_year,
    most.reuse_code,
    other.agency_name AS other_agency_name,
    most.other_report_year,
    round(most.shared_over_narrative_rate, 3) AS shared_over_narrative_rate,
    most.shared_sentence_count
FROM most
INNER JOIN core.agency AS agency ON most.agency_id = agency.agency_id
INNER JOIN core.agency AS other ON most.other_agency_id = other.agency_id
ORDER BY most.shared_over_narrative_rate DESC, agency.agency_name, most.reuse_code
