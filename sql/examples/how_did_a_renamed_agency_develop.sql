-- zh: 改名、合并的机关，连同其前身，历年新收申请各是多少？
-- en: How did requests develop at agencies that were renamed or merged, their predecessors included?
WITH RECURSIVE line AS (
    SELECT DISTINCT latest.agency_id AS latest_agency_id, latest.agency_id
    FROM core.agency_lineage AS latest
    WHERE latest.agency_id NOT IN (
        SELECT lineage.predecessor_agency_id
        FROM core.agency_lineage AS lineage
    )
    UNION
    SELECT line.latest_agency_id, lineage.predecessor_agency_id
    FROM line
    INNER JOIN core.agency_lineage AS lineage ON line.agency_id = lineage.agency_id
)
SELECT
    latest.agency_name AS latest_agency_name,
    mart.report_year,
    string_agg(mart.agency_name, '、' ORDER BY mart.agency_name) AS reporting_agencies,
    sum(mart.request_received_count) AS received_count,
    count(mart.request_received_count) AS reporting_count
FROM line
INNER JOIN core.agency AS latest ON line.latest_agency_id = latest.agency_id
INNER JOIN mart.agency_year AS mart ON line.agency_id = mart.agency_id
GROUP BY latest.agency_id, latest.agency_name, mart.report_year
HAVING latest.agency_id IN (
    SELECT line.latest_agency_id
    FROM line
    WHERE line.agency_id <> line.latest_agency_id AND line.agency_id IN (SELECT agency_id FROM core.agency)
)
ORDER BY latest_agency_name, mart.report_year
