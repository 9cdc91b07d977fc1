-- zh: 哪些网页的附件也已存档？网页与附件各读成了什么？
-- en: Which pages lead to archived attachments, and what were page and attachment read as?
WITH attachment AS (
    SELECT * FROM raw.attachment
    WHERE attachment_document_id IS NOT NULL
    ORDER BY page_document_id, link_number
    LIMIT 1000
),
involved AS (
    SELECT page_document_id AS document_id FROM attachment
    UNION
    SELECT attachment_document_id FROM attachment
),
-- Each large table is looked at once for both ends of a link
reading AS MATERIALIZED (
    SELECT
        found.document_id,
        found.reading_outcome,
        found.reject_reason_code,
        report.agency_id,
        report.report_year,
        report.version_change_code
    FROM core.reading AS found
    SEMI JOIN involved ON found.document_id = involved.document_id
    LEFT JOIN core.report AS report ON found.document_id = report.report_id
)
SELECT
    attachment.page_document_id,
    page.reading_outcome AS page_outcome,
    page.reject_reason_code AS page_reason_code,
    attachment.link_number,
    attachment.anchor_text,
    attachment.attachment_kind_code,
    attachment.attachment_document_id,
    file.reading_outcome AS attachment_outcome,
    file.reject_reason_code AS attachment_reason_code,
    page.agency_id = file.agency_id AND page.report_year = file.report_year AS is_same_report,
    file.version_change_code
FROM attachment
INNER JOIN reading AS page ON attachment.page_document_id = page.document_id
INNER JOIN reading AS file ON attachment.attachment_document_id = file.document_id
ORDER BY attachment.page_document_id, attachment.link_number
