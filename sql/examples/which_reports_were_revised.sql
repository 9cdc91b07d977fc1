-- zh: 哪些年报在发布后改过数字？改了哪些单元？
-- en: Which reports changed their figures after they were first captured, and in which cells?
SELECT
    agency.agency_name,
    revision.report_year,
    revision.version_number,
    form.label_zh,
    revision.previous_value,
    revision.value,
    revision.difference
FROM meta.revision AS revision
INNER JOIN core.agency AS agency ON revision.agency_id = agency.agency_id
INNER JOIN core.report AS report ON revision.report_id = report.report_id
LEFT JOIN meta.form_cell AS form
    ON report.edition_code = form.edition_code
    AND revision.cell_code = form.cell_code
ORDER BY agency.agency_name, revision.report_year, revision.version_number, form.sort_order
