-- severity: warn
-- table: core.agency
-- message: nobody knows which agency this is; core.agency_candidate lists what it may be, contract/vocab/agencies.csv or contract/corrections.yml settles it
SELECT agency_id, agency_name
FROM core.agency
WHERE identity_basis_code = 'provisional'
