-- zh: 每份报告的“办理结果总计”印在原文何处？
-- en: Where in its document is each report's total of requests disposed of printed?
SELECT
    agency.agency_name,
    report.report_year,
    cell.value,
    cell.raw_text,
    cell.locator_text,
    document.sha256
FROM core.cell AS cell
INNER JOIN core.report AS report ON cell.report_id = report.report_id AND report.is_latest
INNER JOIN core.agency AS agency ON report.agency_id = agency.agency_id
INNER JOIN raw.document AS document ON report.report_id = document.document_id
WHERE cell.cell_code = 'requests.total_disposed.total'
ORDER BY agency.agency_name, report.report_year
