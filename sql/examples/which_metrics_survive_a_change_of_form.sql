-- zh: 各项指标在哪些版本的表式中有定义，是否与现行表式可比？
-- en: In which editions of the form is each metric defined, and can it be compared with the form in force?
SELECT metric.metric_code, metric.label_zh, metric.label_en, edition.column_name, edition.edition_code, edition.comparability_code
FROM meta.metric AS metric
INNER JOIN meta.metric_edition AS edition ON metric.metric_code = edition.metric_code
ORDER BY metric.metric_code, edition.column_name, edition.edition_code DESC
