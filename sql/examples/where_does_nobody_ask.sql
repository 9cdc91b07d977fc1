-- zh: 各省没有收到任何申请的报告占多少？
-- en: What share of each province's reports names no new request at all?
SELECT
    region_name,
    scope_code,
    zero_request_report_count,
    request_received_report_count AS base_count,
    zero_request_over_reporting_rate
FROM mart.region_year
WHERE report_year = 2022 AND region_code LIKE '__0000' AND region_code <> '000000' AND request_received_report_count > 0
ORDER BY zero_request_over_reporting_rate DESC, region_name, scope_code
