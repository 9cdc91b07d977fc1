-- severity: warn
-- table: mart.agency_year
-- message: a share lies outside 0 to 1, so the printed numbers contradict each other; leave the report out of comparisons
SELECT agency_id, report_year, report_id, grade_code, rate_name, rate
FROM (
    UNPIVOT (FROM mart.agency_year)
    ON COLUMNS('_rate$')
    INTO NAME rate_name VALUE rate
)
WHERE
    rate NOT BETWEEN 0 AND 1
    -- Ratios of other things than a part and its whole may exceed 1
    AND rate_name IN (SELECT column_name FROM meta.dictionary WHERE table_name = 'mart.agency_year' AND unit = '0–1')
