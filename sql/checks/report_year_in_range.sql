-- severity: warn
-- table: core.report
-- message: a report year lies before the first reports (2008) or after next year; look at the title
SELECT report_id, report_year, title_text
FROM core.report
WHERE report_year NOT BETWEEN 2008 AND year(current_date) + 1
