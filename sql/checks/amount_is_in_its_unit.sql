-- severity: warn
-- table: mart.agency_year
-- message: fees are thousands of times those of the agency's year before or after, or of its peers: yuan may be printed where the form asks for ten thousands of them
WITH amounts AS (
    SELECT
        agency_id,
        agency_name,
        report_year,
        report_id,
        admin_fee_wan_yuan,
        lag(admin_fee_wan_yuan) OVER years AS amount_before,
        lead(admin_fee_wan_yuan) OVER years AS amount_after,
        median(admin_fee_wan_yuan) OVER peers AS peer_median,
        count(*) OVER peers AS peer_count
    FROM mart.agency_year
    WHERE admin_fee_wan_yuan > 0
    WINDOW
        years AS (PARTITION BY agency_id ORDER BY report_year),
        peers AS (PARTITION BY report_year, division_level, organ_kind_code, department_code)
)
SELECT agency_id, agency_name, report_year, report_id, admin_fee_wan_yuan, amount_before, amount_after, peer_median
FROM amounts
WHERE
    admin_fee_wan_yuan / amount_before BETWEEN 3000 AND 30000
    OR admin_fee_wan_yuan / amount_after BETWEEN 3000 AND 30000
    OR (
        -- Peers differ more than years do
        amount_before IS NULL AND amount_after IS NULL
        AND peer_count >= 30
        AND admin_fee_wan_yuan >= greatest(10000 * peer_median, 10000)
    )
