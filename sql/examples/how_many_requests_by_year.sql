-- zh: 每年新收申请多少件？有多少份报告报了这个数？
-- en: How many requests were received each year, and how many reports give the number?
SELECT
    report_year,
    sum(request_received_count) AS received_count,
    count(request_received_count) AS reporting_count,
    count(report_id) AS report_count
FROM mart.agency_year
GROUP BY report_year
ORDER BY report_year
