-- zh: 哪些文件没有读成报告？原因是什么？
-- en: Which documents were not read as a report, and why?
SELECT
    reading.document_id,
    reading.reading_outcome,
    reading.reject_reason_code,
    min(capture.origin_text) AS origin_text
FROM core.reading AS reading
LEFT JOIN raw.capture AS capture ON reading.document_id = capture.document_id
WHERE reading.reading_outcome <> 'report'
GROUP BY reading.document_id, reading.reading_outcome, reading.reject_reason_code
ORDER BY reading.reject_reason_code, reading.document_id
