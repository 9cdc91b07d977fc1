-- grain: one row per column of mart.agency_year that is a share of whole numbers between 0 and 1, in the metrics' order
SELECT
    metric.metric_code,
    split_part(named.place, '.', 3) AS column_name,
    split_part(column_of.description_zh, ' = ', 1) AS label_zh,
    split_part(column_of.description_en, ' = ', 1) AS label_en,
    metric.formula_list[named.position] AS formula_text
FROM meta.metric AS metric
CROSS JOIN LATERAL (
    SELECT unnest(metric.column_list) AS place, unnest(range(1, len(metric.column_list) + 1)) AS position
) AS named
INNER JOIN meta.dictionary AS column_of
    ON column_of.table_name || '.' || column_of.column_name = named.place
WHERE starts_with(named.place, 'mart.agency_year.') AND column_of.unit = '0–1' AND metric.formula_list[named.position] <> ''
ORDER BY metric.metric_code, named.position
