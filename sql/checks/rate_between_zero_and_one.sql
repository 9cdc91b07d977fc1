-- severity: warn
-- table: mart.agency_year
-- message: a share lies outside 0 to 1, so the printed numbers contradict each other; leave the report out of comparisons
SELECT agency_id, report_year, report_id, grade_code, rate_name, rate
FROM (
    UNPIVOT (FROM mart.agency_year)
    ON COLUMNS('_rate$')
    INTO NAME rate_name VALUE rate
)
WHERE rate_name <> 'dispute_over_disposed_rate' AND rate NOT BETWEEN 0 AND 1
