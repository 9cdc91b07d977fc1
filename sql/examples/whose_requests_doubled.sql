-- zh: 哪些机关的申请比上年至少翻了一番？（上年不少于10件，报告范围相同）
-- en: Where did requests at least double against the year before, on a base of 10 or more and with the same scope?
WITH doubled AS (
    SELECT *
    FROM mart.agency_change
    WHERE report_year = 2023
        AND previous_request_received_count >= 10
        AND request_received_count >= 2 * previous_request_received_count
    ORDER BY request_received_count DESC, agency_id
    LIMIT 100
)
SELECT
    agency.agency_name,
    doubled.report_year,
    doubled.previous_request_received_count,
    doubled.request_received_count,
    doubled.is_series_break
FROM doubled
INNER JOIN core.agency AS agency ON doubled.agency_id = agency.agency_id
ORDER BY doubled.request_received_count DESC, agency.agency_name
