-- zh: 某年哪些报告的数字自相矛盾？有多少处硬规则不符？
-- en: Which reports of a year contradict themselves, and in how many places?
WITH worst AS (
    SELECT *, hard_assessed_count - hard_passed_count AS hard_failed_count
    FROM mart.quality
    WHERE is_latest AND report_year = 2023 AND grade_code = 'contradictory'
    ORDER BY hard_failed_count DESC, report_id
    LIMIT 100
)
SELECT agency.agency_name, worst.report_year, worst.hard_assessed_count, worst.hard_failed_count
FROM worst
INNER JOIN core.agency AS agency ON worst.agency_id = agency.agency_id
ORDER BY worst.hard_failed_count DESC, agency.agency_name
