-- grain: one row per report year, and whether any report of it was read
SELECT report_year, bool_or(has_report) AS has_report
FROM mart.agency_year
GROUP BY report_year
ORDER BY report_year
