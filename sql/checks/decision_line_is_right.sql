-- severity: warn
-- table: core.decision_problem
-- message: a line of data/decisions.csv cannot be used, so its decision does not count; mend the line named
SELECT line_number, message_text
FROM core.decision_problem
