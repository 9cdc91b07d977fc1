SELECT
    agency_year.*,
    changed.previous_request_received_count,
    changed.request_received_change_over_previous_rate,
    changed.disclosed_over_disposed_change
FROM mart.agency_year AS agency_year
LEFT JOIN mart.agency_change AS changed
    ON agency_year.agency_id = changed.agency_id AND agency_year.report_year = changed.report_year
WHERE agency_year.agency_id IN (SELECT found.agency_id FROM mart.find_agency(agency) AS found)
ORDER BY agency_year.agency_id, agency_year.report_year
