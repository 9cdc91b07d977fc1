-- zh: 哪些文件没有读成报告？原因是什么？
-- en: Which documents were not read as a report, and why?
WITH unread AS (
    SELECT document_id, reading_outcome, reject_reason_code
    FROM core.reading
    WHERE reading_outcome <> 'report'
    ORDER BY reject_reason_code, document_id
    LIMIT 1000
)
SELECT unread.document_id, unread.reading_outcome, unread.reject_reason_code, min(capture.origin_text) AS origin_text
FROM unread
LEFT JOIN (SELECT * FROM raw.capture WHERE document_id IN (SELECT document_id FROM unread)) AS capture
    ON unread.document_id = capture.document_id
GROUP BY ALL
ORDER BY unread.reject_reason_code, unread.document_id
