-- grain: one row per number that a sentence of a report ($reports) states
SELECT report_id, claim_number, fact_code, value, unit, is_approximate, section_code, sentence_text, start_offset, end_offset
FROM core.claim
WHERE list_contains($reports, report_id)
ORDER BY report_id, claim_number
