-- grain: one row per agency and report year of an area ($area: two digits of a province, none, or 00: the organs of
-- provinces and of the centre, all over the country)
SELECT
    agency_id,
    agency_name,
    region_code,
    division_level,
    organ_kind_code,
    department_code,
    report_year,
    obligation_status_code,
    days_late_count,
    report_id,
    scope_code,
    edition_code,
    grade_code,
    is_comparable,
    request_received_count,
    request_disposed_count,
    granted_count,
    granted_partial_count,
    disclosed_over_disposed_rate,
    licensing_decision_count,
    penalty_decision_count,
    coercion_decision_count,
    review_count,
    litigation_count
FROM mart.agency_year
WHERE
    CASE
        WHEN $area = '00' THEN division_level IN ('national', 'province')
        ELSE coalesce(left(region_code, 2), 'none') = $area
    END
ORDER BY report_year, region_code NULLS LAST, agency_id
