-- severity: warn
-- table: core.cell
-- message: no organ counts so many requests (1,000,000) or cases (100,000) in a year; look at the place for digits run together
SELECT report_id, cell_code, value, raw_text, locator_text
FROM core.cell
WHERE (table_code = 'requests' AND value > 1000000) OR (table_code = 'disputes' AND value > 100000)
