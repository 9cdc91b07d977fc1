-- zh: 一省历年新收申请多少件，由多少份报告报出，其间表式是否更换？
-- en: How many requests were received in a province each year, in how many reports, and did the form change?
SELECT scope_code, report_year, value AS request_received_count, report_count, published_over_due_rate, is_series_break
FROM mart.trend('request_received_count', '江苏省')
ORDER BY scope_code, report_year
