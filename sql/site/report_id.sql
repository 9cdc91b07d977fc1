-- grain: one row per report, all versions
SELECT report_id FROM core.report ORDER BY report_id
