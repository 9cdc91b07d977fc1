-- grain: one row per agency and report year for which it owes a report, as of the day of the latest capture
-- Expected are settled agencies from their first report on, organs of the register of sources, and the governments of divisions in counties from which any
-- report was seen, from the first year that one was seen there; until they end or others take their place.
WITH as_of AS (SELECT CAST(max(captured_at) AS DATE) AS as_of_date FROM raw.capture),
latest AS (
    SELECT report_id, agency_id, report_year FROM core.report WHERE is_latest AND report_year IS NOT NULL
),
watched AS (
    -- A prefecture or province that reports watches itself only, not all the counties below it
    SELECT left(agency.region_code, 6) AS watched_code, min(latest.report_year) AS first_report_year
    FROM latest
    INNER JOIN core.agency AS agency ON latest.agency_id = agency.agency_id
    WHERE agency.region_code IS NOT NULL
    GROUP BY 1
),
ended AS (
    -- The organ that took an agency's place reports for the year of the change
    SELECT predecessor_agency_id AS agency_id, min(change_year) AS change_year
    FROM core.agency_lineage
    GROUP BY 1
),
spans AS (
    SELECT
        agency.agency_id,
        agency.agency_name,
        agency.organ_kind_code,
        agency.region_code,
        agency.region_path_text,
        agency.division_level,
        agency.first_report_year AS first_year,
        NULL::INTEGER AS last_year,
        'reported' AS expected_because_code
    FROM core.agency AS agency
    WHERE agency.identity_basis_code <> 'provisional' AND agency.first_report_year IS NOT NULL
    UNION ALL
    SELECT
        organ.agency_id,
        organ.agency_name,
        organ.organ_kind_code,
        organ.region_code,
        organ.region_path_text,
        organ.division_level,
        greatest(watched.first_report_year, coalesce(organ.valid_from_year, 0)) AS first_year,
        organ.valid_to_year AS last_year,
        'division' AS expected_because_code
    FROM core.expected_organ AS organ
    INNER JOIN watched ON left(organ.region_code, 6) = watched.watched_code
    UNION ALL
    SELECT
        source.agency_id,
        source.source_organ_name,
        coalesce(agency.organ_kind_code, organ.organ_kind_code),
        source.region_code,
        coalesce(agency.region_path_text, organ.region_path_text),
        source.division_level,
        source.expected_from_year AS first_year,
        NULL::INTEGER AS last_year,
        'registry' AS expected_because_code
    FROM core.source AS source
    LEFT JOIN core.agency AS agency ON source.agency_id = agency.agency_id
    LEFT JOIN core.expected_organ AS organ ON source.agency_id = organ.agency_id
    -- Where nobody has seen the column answer, nothing is missing from it
    WHERE
        source.is_enabled
        AND source.last_verified_date IS NOT NULL
        AND source.expected_from_year IS NOT NULL
        AND source.agency_id IS NOT NULL
),
one_span AS (
    SELECT
        agency_id,
        arg_max(agency_name, expected_because_code) AS agency_name,
        arg_max(organ_kind_code, expected_because_code) AS organ_kind_code,
        arg_max(region_code, expected_because_code) AS region_code,
        arg_max(region_path_text, expected_because_code) AS region_path_text,
        arg_max(division_level, expected_because_code) AS division_level,
        min(first_year) AS first_year,
        max(last_year) AS last_year,
        -- division < registry < reported, which is how much each proves
        max(expected_because_code) AS expected_because_code
    FROM spans
    GROUP BY agency_id
),
owed AS (
    SELECT
        one_span.agency_id,
        one_span.agency_name,
        one_span.organ_kind_code,
        one_span.region_code,
        one_span.region_path_text,
        one_span.division_level,
        one_span.expected_because_code,
        CAST(years.report_year AS INTEGER) AS report_year,
        as_of.as_of_date
    FROM one_span
    CROSS JOIN as_of
    LEFT JOIN ended ON one_span.agency_id = ended.agency_id
    CROSS JOIN LATERAL unnest(range(one_span.first_year, year(as_of.as_of_date))) AS years (report_year)
    WHERE
        (
            years.report_year <= coalesce(one_span.last_year, 9999)
            AND years.report_year < coalesce(ended.change_year, 9999)
        )
        -- Whatever lists say: an agency that reported for a year was there
        OR EXISTS (
            SELECT 1 FROM latest
            WHERE latest.agency_id = one_span.agency_id AND latest.report_year = years.report_year
        )
),
due AS (
    SELECT
        owed.*,
        rule.deadline_rule_code,
        rule.deadline_basis_code,
        make_date(owed.report_year + 1, rule.due_month, rule.due_day) AS deadline_date,
        make_date(owed.report_year + 1, 12, 31) AS closing_date
    FROM owed
    INNER JOIN meta.deadline_rule AS rule
        ON owed.organ_kind_code = rule.organ_kind_code
        AND owed.report_year BETWEEN rule.first_report_year AND coalesce(rule.last_report_year, 9999)
        AND (rule.region_code IS NULL OR starts_with(owed.region_code, rule.region_code))
    -- The rule of the smallest division that has one
    QUALIFY row_number() OVER (
        PARTITION BY owed.agency_id, owed.report_year
        ORDER BY length(coalesce(rule.region_code, '')) DESC, rule.deadline_rule_code
    ) = 1
),
seen AS (
    SELECT
        report.agency_id,
        report.report_year,
        max(report.report_id) FILTER (report.is_latest) AS report_id,
        -- A date within the year reported on is no date of publication
        min(report.published_date) FILTER (report.published_date > make_date(report.report_year, 12, 31))
            AS published_date,
        CAST(min(document.first_captured_at) AS DATE) AS captured_date
    FROM core.report AS report
    INNER JOIN raw.document AS document ON report.report_id = document.document_id
    WHERE report.report_year IS NOT NULL
    GROUP BY report.agency_id, report.report_year
),
visits AS (
    -- What the last day at each source came to: whether nothing but refusals, or no answer at all
    SELECT
        capture.source_id,
        bool_and(capture.fetch_outcome_code IN (
            'robots', 'robots_unavailable', 'auth_required', 'challenge_jsl', 'challenge_ruishu', 'waf_403', 'captcha',
            'rate_limited', 'server_5xx', 'dns', 'connect_timeout', 'refused', 'reset', 'tls_handshake', 'tls_cert', 'read_timeout'
        )) AS is_closed
    FROM raw.capture AS capture
    INNER JOIN (
        SELECT source_id, max(captured_at) AS last_at FROM raw.capture WHERE source_id IS NOT NULL GROUP BY source_id
    ) AS newest
        ON capture.source_id = newest.source_id AND capture.captured_at > newest.last_at - INTERVAL 1 DAY
    GROUP BY capture.source_id
),
columns_of AS (
    -- A government's column lists the organs of its division as well; another organ's only its own reports
    SELECT
        source.source_id,
        source.agency_id,
        CASE
            WHEN coalesce(agency.organ_kind_code, organ.organ_kind_code) IN ('government', 'government_office')
                THEN left(source.region_code, 6)
        END AS listed_region_code,
        visits.is_closed
    FROM core.source AS source
    INNER JOIN visits ON source.source_id = visits.source_id
    LEFT JOIN core.agency AS agency ON source.agency_id = agency.agency_id
    LEFT JOIN core.expected_organ AS organ ON source.agency_id = organ.agency_id
    WHERE source.is_enabled
),
closed AS (
    SELECT due.agency_id
    FROM due
    INNER JOIN columns_of
        ON due.agency_id = columns_of.agency_id OR left(due.region_code, 6) = columns_of.listed_region_code
    GROUP BY due.agency_id
    HAVING bool_and(columns_of.is_closed)
),
announced AS (
    -- Documents that are no report themselves, but whose title names the agency and the year
    SELECT DISTINCT
        name.agency_id,
        CAST(regexp_extract(reading.title_text, '(20[0-9]{2})\s*年', 1) AS INTEGER) AS report_year
    FROM core.reading AS reading
    INNER JOIN core.agency_name AS name
        ON regexp_extract(reading.title_text, '^(.*?)\s*20[0-9]{2}\s*年', 1) = name.agency_name_text
    WHERE
        reading.reading_outcome <> 'report'
        AND reading.reject_reason_code IN ('report_in_attachment', 'several_reports', 'blank_form', 'edition_unsupported')
        AND regexp_matches(reading.title_text, '20[0-9]{2}\s*年')
)
SELECT
    due.agency_id,
    due.report_year,
    due.agency_name,
    due.organ_kind_code,
    due.region_code,
    due.region_path_text,
    due.division_level,
    due.expected_because_code,
    due.deadline_date,
    due.deadline_basis_code,
    due.deadline_rule_code,
    CASE
        WHEN seen.report_id IS NULL AND announced.agency_id IS NOT NULL THEN 'unreadable'
        WHEN seen.report_id IS NULL AND due.deadline_date >= due.as_of_date THEN 'not_due'
        WHEN seen.report_id IS NULL AND closed.agency_id IS NOT NULL THEN 'blocked'
        WHEN seen.report_id IS NULL THEN 'not_found'
        WHEN seen.published_date IS NULL AND seen.captured_date <= due.deadline_date THEN 'on_time'
        WHEN seen.published_date IS NULL THEN 'date_unknown'
        WHEN seen.published_date <= due.deadline_date THEN 'on_time'
        WHEN seen.published_date <= due.closing_date THEN 'late'
        ELSE 'after_close'
    END AS obligation_status_code,
    seen.report_id,
    seen.published_date,
    CASE
        WHEN seen.published_date IS NOT NULL
            THEN CAST(greatest(seen.published_date - due.deadline_date, 0) AS INTEGER)
    END AS days_late_count,
    due.as_of_date
FROM due
LEFT JOIN seen ON due.agency_id = seen.agency_id AND due.report_year = seen.report_year
LEFT JOIN announced ON due.agency_id = announced.agency_id AND due.report_year = announced.report_year
LEFT JOIN closed ON due.agency_id = closed.agency_id
