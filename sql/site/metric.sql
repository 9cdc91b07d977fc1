-- grain: one row per metric, those not computed included
SELECT metric_code, label_zh, label_en, is_computed, column_list, formula_list, basis_text, note_zh, note_en
FROM meta.metric
ORDER BY metric_code
