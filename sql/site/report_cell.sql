-- grain: one row per cell of the form of a report ($reports), in printed order
SELECT
    cell.report_id,
    cell.cell_code,
    cell.value,
    cell.unit,
    cell.state_code,
    cell.raw_text,
    cell.locator_text,
    cell.method_code,
    cell.label_text
FROM core.cell AS cell
INNER JOIN core.report AS report ON cell.report_id = report.report_id
INNER JOIN meta.form_cell AS form ON report.edition_code = form.edition_code AND cell.cell_code = form.cell_code
WHERE list_contains($reports, cell.report_id)
ORDER BY cell.report_id, form.sort_order
