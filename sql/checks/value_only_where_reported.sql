-- severity: error
-- table: core.cell
-- scope: report
-- message: a number stands where none was reported
SELECT 'core.cell' AS table_name, report_id, cell_code AS place, state_code
FROM core.cell
WHERE state_code <> 'reported' AND value IS NOT NULL
UNION ALL
SELECT 'core.request', report_id, concat_ws('.', outcome_code, applicant_code), state_code
FROM core.request
WHERE state_code <> 'reported' AND request_count IS NOT NULL
UNION ALL
SELECT 'core.proactive', report_id, concat_ws('.', subject_code, measure_code), state_code
FROM core.proactive
WHERE state_code <> 'reported' AND value IS NOT NULL
UNION ALL
SELECT 'core.dispute', report_id, concat_ws('.', channel_code, outcome_code), state_code
FROM core.dispute
WHERE state_code <> 'reported' AND case_count IS NOT NULL
UNION ALL
SELECT 'core.statistic', report_id, concat_ws('.', statistic_code, measure_code), state_code
FROM core.statistic
WHERE state_code <> 'reported' AND value IS NOT NULL
