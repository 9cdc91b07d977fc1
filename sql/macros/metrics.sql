SELECT agency_year.*
FROM mart.agency_year AS agency_year
WHERE agency_year.report_year = year
    -- By code, so that only the part of the table that holds these divisions is read
    AND agency_year.region_code IN (
        SELECT division.division_code
        FROM core.division AS division
        INNER JOIN mart.find_place(place) AS found ON starts_with(division.division_code, found.code_prefix_text)
    )
ORDER BY agency_year.region_code, agency_year.agency_id
