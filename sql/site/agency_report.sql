-- grain: one row per report of a batch of agencies ($batch), earlier versions included; the latest with the cells of its
-- form in printed order, each as its number or the mark of its state
WITH chosen AS (
    SELECT *
    FROM core.report
    WHERE list_contains($batch, left(agency_id, CASE WHEN starts_with(agency_id, 'cn-') THEN 5 ELSE 1 END))
),
printed AS (
    SELECT
        latest.report_id,
        string_agg(
            CASE cell.state_code
                WHEN 'reported' THEN CASE WHEN contains(cell.value::VARCHAR, '.') THEN rtrim(rtrim(cell.value::VARCHAR, '0'), '.') ELSE cell.value::VARCHAR END
                WHEN 'blank' THEN 'b'
                WHEN 'slash' THEN '/'
                WHEN 'dash' THEN '-'
                WHEN 'text' THEN 't'
                WHEN 'ambiguous' THEN '?'
                WHEN 'illegible' THEN '!'
                -- Not printed, as rows of other forms mostly are
                ELSE ''
            END,
            ',' ORDER BY form.sort_order
        ) AS cells_text
    FROM (SELECT * FROM chosen WHERE is_latest) AS latest
    INNER JOIN meta.form_cell AS form ON latest.edition_code = form.edition_code
    LEFT JOIN core.cell AS cell ON latest.report_id = cell.report_id AND form.cell_code = cell.cell_code
    GROUP BY latest.report_id
)
SELECT
    chosen.agency_id,
    chosen.report_id,
    chosen.report_year,
    chosen.version_number,
    chosen.version_change_code,
    chosen.is_latest,
    chosen.title_text,
    chosen.published_date,
    chosen.edition_code,
    chosen.grade_code,
    printed.cells_text
FROM chosen
LEFT JOIN printed ON chosen.report_id = printed.report_id
ORDER BY chosen.agency_id, chosen.report_year, chosen.version_number, chosen.report_id
