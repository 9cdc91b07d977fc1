-- zh: 一个机关与同级、同类、同一上级区划的机关相比如何？
-- en: How does an agency compare with others of its level and kind under the same division?
SELECT
    agency_name,
    is_self,
    peer_group_code,
    obligation_status_code,
    request_received_count,
    disclosed_over_disposed_rate
FROM mart.peers('洛阳市孟津区会盟镇人民政府', 2022)
ORDER BY request_received_count DESC NULLS LAST, agency_name
