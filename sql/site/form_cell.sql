-- grain: one row per edition and cell of the form, in printed order
SELECT edition_code, cell_code, label_zh, label_en, unit, basis_text, sort_order
FROM meta.form_cell
ORDER BY edition_code, sort_order
