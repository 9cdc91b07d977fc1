-- As `touming source` finds it: the latest version of the report, cells by code, row or official label, with its ordinal or without
WITH asked AS (
    SELECT trim(cell::VARCHAR) AS wanted, regexp_replace(lower(cell::VARCHAR), '[^\p{L}]', '', 'g') AS letters
),
forms AS (
    SELECT
        form.*,
        split_part(form.cell_code, '.', 1) || '.' || split_part(form.cell_code, '.', 2) AS row_name,
        split_part(form.cell_code, '.', 2) AS short_row_name,
        regexp_replace(lower(form.label_zh), '[^\p{L}]', '', 'g') AS letters_zh,
        regexp_replace(lower(split_part(form.label_zh, ' / ', 1)), '[^\p{L}]', '', 'g') AS row_letters_zh,
        regexp_replace(
            regexp_replace(split_part(form.label_zh, ' / ', 1), '^[（(]?[一二三四五六七八九十]+[）)、]', ''), '[^\p{L}]', '', 'g'
        ) AS bare_letters_zh,
        regexp_replace(lower(form.label_en), '[^\p{L}]', '', 'g') AS letters_en,
        regexp_replace(lower(split_part(form.label_en, ' / ', 1)), '[^\p{L}]', '', 'g') AS row_letters_en
    FROM meta.form_cell AS form
),
meant AS (
    SELECT forms.edition_code, forms.cell_code, forms.label_zh, forms.label_en, forms.sort_order
    FROM forms
    INNER JOIN asked
        ON asked.wanted IN (forms.cell_code, forms.row_name, forms.short_row_name)
        OR (asked.letters <> '' AND asked.letters IN (
            forms.letters_zh, forms.row_letters_zh, forms.bare_letters_zh, forms.letters_en, forms.row_letters_en
        ))
),
reports AS (
    SELECT agency_id, agency_name, report_year, report_id, edition_code, title_text
    FROM mart.agency_year
    WHERE report_year = year
        AND report_id IS NOT NULL
        AND agency_id IN (SELECT found.agency_id FROM mart.find_agency(agency) AS found)
),
origins AS (
    SELECT document_id, arg_min(origin_text, (captured_at, capture_id)) AS origin_text
    FROM raw.capture
    WHERE document_id IN (SELECT report_id FROM reports)
    GROUP BY document_id
)
SELECT
    reports.agency_id,
    reports.agency_name,
    reports.report_year,
    printed.cell_code,
    meant.label_zh,
    meant.label_en,
    printed.value,
    printed.unit,
    printed.state_code,
    printed.raw_text,
    printed.locator_text,
    document.document_id,
    document.sha256,
    origins.origin_text,
    reports.title_text
FROM core.cell AS printed
INNER JOIN reports ON printed.report_id = reports.report_id
INNER JOIN meant ON reports.edition_code = meant.edition_code AND printed.cell_code = meant.cell_code
INNER JOIN raw.document AS document ON printed.report_id = document.document_id
LEFT JOIN origins ON document.document_id = origins.document_id
ORDER BY reports.agency_name, reports.agency_id, meant.sort_order
