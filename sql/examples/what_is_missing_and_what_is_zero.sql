-- zh: 零、空白、斜杠和未印出的单元各有多少？
-- en: How many cells hold zero, and how many hold nothing, a slash, or are not printed?
SELECT
    report.report_year,
    cell.table_code,
    CASE WHEN cell.value = 0 THEN 'zero' WHEN cell.value IS NOT NULL THEN 'other number' ELSE cell.state_code END AS content,
    count(*) AS cell_count
FROM core.cell AS cell
INNER JOIN core.report AS report ON cell.report_id = report.report_id AND report.is_latest
GROUP BY ALL
ORDER BY ALL
