-- zh: 哪些网页的附件也已存档？网页与附件各读成了什么？
-- en: Which pages lead to archived attachments, and what were page and attachment read as?
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
    page_report.agency_id = file_report.agency_id AND page_report.report_year = file_report.report_year AS is_same_report,
    file_report.version_change_code
FROM (SELECT * FROM raw.attachment ORDER BY page_document_id, link_number LIMIT 1000) AS attachment
INNER JOIN core.reading AS page ON attachment.page_document_id = page.document_id
INNER JOIN core.reading AS file ON attachment.attachment_document_id = file.document_id
LEFT JOIN core.report AS page_report ON attachment.page_document_id = page_report.report_id
LEFT JOIN core.report AS file_report ON attachment.attachment_document_id = file_report.report_id
ORDER BY attachment.page_document_id, attachment.link_number
