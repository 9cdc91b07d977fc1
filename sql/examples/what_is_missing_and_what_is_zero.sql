-- zh: 零、空白（含斜杠、横线、文字）、存疑和未印出的单元各有多少？
-- en: How many cells hold zero, and how many hold nothing, are in doubt, or are not printed?
SELECT
    report_year,
    sum(zero_cell_count) AS zero_cell_count,
    sum(reported_cell_count - zero_cell_count) AS other_number_cell_count,
    sum(blank_cell_count) AS blank_cell_count,
    sum(unclear_cell_count) AS unclear_cell_count,
    sum(absent_cell_count) AS absent_cell_count
FROM mart.quality
WHERE is_latest
GROUP BY report_year
ORDER BY report_year
