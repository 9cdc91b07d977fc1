-- zh: 某机关某年“办理结果总计”印在原文何处？
-- en: Where in its document is an agency's total of requests disposed of printed?
SELECT agency_name, report_year, label_zh, value, raw_text, locator_text, sha256
FROM mart.source('洛阳市孟津区人民政府办公室', 2022, 'requests.total_disposed')
