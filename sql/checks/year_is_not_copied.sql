-- severity: warn
-- table: mart.cross_finding
-- message: all figures are those of the agency's year before, and they are not all 0: the report may be a copy of last year's
SELECT report.agency_id, report.report_year, finding.report_id
FROM mart.cross_finding AS finding
INNER JOIN core.report AS report ON finding.report_id = report.report_id
WHERE finding.rule_code = 'R21' AND finding.place_text = 'figures' AND finding.verdict_code = 'fail'
