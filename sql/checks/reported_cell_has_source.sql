-- severity: error
-- table: core.cell
-- scope: report
-- message: a reported cell lacks its value, its printed text or its place
SELECT report_id, cell_code, value, raw_text, locator_text
FROM core.cell
WHERE state_code = 'reported' AND (value IS NULL OR trim(raw_text) = '' OR locator_text = '')
