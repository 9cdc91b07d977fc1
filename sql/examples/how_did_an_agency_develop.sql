-- zh: 一个机关历年申请与公开的情况如何，与上年相比如何？
-- en: How did requests and disclosure develop at one agency, year by year?
SELECT
    agency_name,
    report_year,
    obligation_status_code,
    request_received_count,
    previous_request_received_count,
    request_received_change_over_previous_rate,
    disclosed_over_disposed_rate,
    is_series_break
FROM mart.profile('洛阳市孟津区人民政府办公室')
ORDER BY agency_name, report_year
