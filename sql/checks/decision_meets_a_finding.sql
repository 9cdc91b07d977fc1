-- severity: warn
-- table: core.decision
-- message: a decision is about a finding that no longer exists; if it is found with other numbers now, decide again
SELECT
    decision.line_number,
    decision.fingerprint,
    decision.rule_code,
    decision.decision_code,
    decision.about_text
FROM core.decision AS decision
ANTI JOIN mart.flagged_finding AS flagged ON decision.fingerprint = flagged.fingerprint
