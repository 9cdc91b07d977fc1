-- severity: warn
-- table: core.agency
-- message: an agency is known by its printed name alone; settle it in contract/vocab/agencies.csv
SELECT agency_id, agency_name
FROM core.agency
WHERE identity_method_code = 'provisional'
