-- zh: 哪些机关的年报正文与自己上一年或与其他机关雷同？
-- en: Which agencies repeat their own text of last year, or print another agency's?
SELECT
    agency.agency_name,
    reuse.report_year,
    reuse.reuse_code,
    other.agency_name AS other_agency_name,
    reuse.other_report_year,
    round(reuse.shared_over_narrative_rate, 3) AS shared_over_narrative_rate,
    reuse.shared_sentence_count
FROM mart.text_reuse AS reuse
INNER JOIN core.agency AS agency ON reuse.agency_id = agency.agency_id
INNER JOIN core.agency AS other ON reuse.other_agency_id = other.agency_id
ORDER BY reuse.shared_over_narrative_rate DESC, agency.agency_name, reuse.report_year
