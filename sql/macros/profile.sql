WITH meant AS (
    SELECT found.agency_id FROM mart.find_agency(agency) AS found
),
changed AS (
    SELECT
        agency_id,
        report_year,
        previous_request_received_count,
        request_received_change_over_previous_rate,
        disclosed_over_disposed_change
    FROM mart.agency_change
    WHERE agency_id IN (SELECT agency_id FROM meant)
)
SELECT
    agency_year.*,
    changed.previous_request_received_count,
    changed.request_received_change_over_previous_rate,
    changed.disclosed_over_disposed_change
FROM mart.agency_year AS agency_year
LEFT JOIN changed ON agency_year.agency_id = changed.agency_id AND agency_year.report_year = changed.report_year
WHERE agency_year.agency_id IN (SELECT agency_id FROM meant)
ORDER BY agency_year.agency_id, agency_year.report_year
