-- grain: one row per edition, report year and cell of the form, from latest versions
SELECT
    report.edition_code,
    report.report_year,
    cell.cell_code,
    count(*) AS report_count,
    count(cell.value) AS reported_count,
    count(*) FILTER (cell.value = 0) AS zero_count,
    count(cell.value) / nullif(count(*), 0) AS reported_over_report_rate
FROM core.cell AS cell
INNER JOIN core.report AS report ON cell.report_id = report.report_id
WHERE report.is_latest AND report.report_year IS NOT NULL AND report.edition_code IS NOT NULL
GROUP BY report.edition_code, report.report_year, cell.cell_code
