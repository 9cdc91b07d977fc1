-- grain: one row per agency and report year whose report is missing, unreadable or late, in the order that shards are cut
SELECT
    coalesce(left(agency.region_code, 2), 'none') AS area_code,
    chase.report_year,
    chase.agency_id,
    chase.agency_name,
    chase.region_path_text,
    agency.region_code,
    chase.division_level,
    chase.organ_kind_code,
    chase.obligation_status_code,
    chase.deadline_date,
    chase.deadline_basis_code,
    chase.published_date,
    chase.days_late_count,
    chase.last_seen_report_year,
    chase.last_seen_origin_text
FROM mart.chase_list AS chase
INNER JOIN mart.agency_year AS agency
    ON chase.agency_id = agency.agency_id AND chase.report_year = agency.report_year
ORDER BY area_code, chase.report_year, agency.region_code, chase.agency_id
