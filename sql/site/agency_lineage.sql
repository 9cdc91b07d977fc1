-- grain: one row per agency of a batch ($batch) and agency that it came from
SELECT agency_id, predecessor_agency_id, predecessor_name, lineage_kind_code, change_year
FROM core.agency_lineage
WHERE list_contains($batch, left(agency_id, CASE WHEN starts_with(agency_id, 'cn-') THEN 5 ELSE 1 END))
ORDER BY agency_id, change_year, predecessor_agency_id
