-- zh: 某年哪些年报在发布后改过数字？改了哪些单元？
-- en: Which reports of a year changed their figures after they were first captured, and in which cells?
WITH revision AS (
    SELECT *
    FROM meta.revision
    WHERE report_year = 2022
    ORDER BY agency_id, version_number, cell_code
    LIMIT 1000
)
SELECT
    agency.agency_name,
    revision.report_year,
    revision.version_number,
    form.label_zh,
    revision.previous_value,
    revision.value,
    revision.difference
FROM revision
INNER JOIN core.agency AS agency ON revision.agency_id = agency.agency_id
INNER JOIN core.report AS report ON revision.report_id = report.report_id
INNER JOIN meta.form_cell AS form
    ON report.edition_code = form.edition_code
    AND revision.cell_code = form.cell_code
ORDER BY agency.agency_name, revision.version_number, form.sort_order
