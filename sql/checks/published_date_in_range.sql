-- severity: warn
-- table: core.report
-- message: a date of publication lies before the first reports (2008) or after the latest capture; look at the page
SELECT report_id, report_year, published_date
FROM core.report
WHERE
    published_date < DATE '2008-01-01'
    OR published_date > (SELECT CAST(max(captured_at) + INTERVAL 1 DAY AS DATE) FROM raw.capture)
