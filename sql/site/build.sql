-- grain: one row: which build this is, and how much it holds
SELECT
    (SELECT build_id FROM meta.build) AS build_id,
    (SELECT schema_version FROM meta.build) AS schema_version,
    (SELECT max(as_of_date) FROM core.obligation) AS as_of_date,
    (SELECT count(*) FROM core.report) AS report_count,
    (SELECT count(*) FROM mart.agency_year) AS agency_year_count,
    (SELECT count(DISTINCT agency_id) FROM mart.agency_year) AS agency_count,
    (SELECT sum(reported_cell_count) FROM core.report) AS reported_cell_count
