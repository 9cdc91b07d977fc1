-- zh: 一省某一年度哪些机关未公布、未能读取或逾期公布年报？期限依据是什么？
-- en: Whose report of a year is missing, unreadable or late in a province, and by which deadline?
SELECT
    region_path_text,
    agency_name,
    report_year,
    obligation_status_code,
    deadline_date,
    deadline_basis_code,
    days_late_count,
    last_seen_origin_text
FROM mart.chase_list
WHERE report_year = 2023 AND starts_with(region_path_text, '河南省')
ORDER BY region_path_text, agency_name
