-- grain: one row per report, rule and place, for the rules that need another report to be judged by
-- Only latest versions are compared. A number that either side does not report makes the rule not assessable: nothing is
-- taken as 0. The report of the year before is the agency's own, and those of the agencies whose place it took that year.
WITH latest AS (
    SELECT
        report.report_id,
        report.agency_id,
        report.report_year,
        report.edition_code,
        report.scope_code,
        report.figures_hash,
        agency.region_code,
        -- Organs of a central system are not part of the place they are in; one that is not settled may be another's twin
        agency.organ_kind_code IS NOT DISTINCT FROM 'vertical_organ' OR agency.identity_basis_code = 'provisional'
            AS is_no_part
    FROM core.report AS report
    INNER JOIN core.agency AS agency ON report.agency_id = agency.agency_id
    WHERE report.is_latest AND report.report_year IS NOT NULL
),
taken_over AS (
    SELECT
        lineage.agency_id,
        lineage.predecessor_agency_id,
        -- The year of a reform is the nation's; a local department followed in the first year that it is seen to report
        -- for, within two years
        CASE
            WHEN lineage.lineage_basis_code = 'department'
                THEN greatest(lineage.change_year, least(lineage.change_year + 2, agency.first_report_year))
            ELSE lineage.change_year
        END AS change_year,
        -- An agency whose place several took leaves no number that could be compared with one of theirs
        count(*) OVER (PARTITION BY lineage.predecessor_agency_id, lineage.change_year) > 1 AS is_shared,
        -- It took in another and was there before: its own report of the year before is one of the parts
        agency.first_report_year < lineage.change_year
        OR (
            lineage.lineage_kind_code = 'merge'
            AND count(*) OVER (PARTITION BY lineage.agency_id, lineage.change_year) = 1
        ) AS is_continued
    FROM core.agency_lineage AS lineage
    INNER JOIN core.agency AS agency ON lineage.agency_id = agency.agency_id
),
due_before AS (
    SELECT report.report_id, earlier.report_id AS before_id, false AS is_shared
    FROM latest AS report
    INNER JOIN latest AS earlier
        ON report.agency_id = earlier.agency_id AND report.report_year = earlier.report_year + 1
    UNION
    SELECT report.report_id, earlier.report_id AS before_id, taken_over.is_shared
    FROM latest AS report
    INNER JOIN taken_over
        ON report.agency_id = taken_over.agency_id AND report.report_year = taken_over.change_year
    LEFT JOIN latest AS earlier
        ON taken_over.predecessor_agency_id = earlier.agency_id AND report.report_year = earlier.report_year + 1
    UNION
    SELECT report.report_id, earlier.report_id AS before_id, false AS is_shared
    FROM latest AS report
    INNER JOIN taken_over
        ON report.agency_id = taken_over.agency_id AND report.report_year = taken_over.change_year
    LEFT JOIN latest AS earlier
        ON report.agency_id = earlier.agency_id AND report.report_year = earlier.report_year + 1
    WHERE taken_over.is_continued
),
compared AS (
    SELECT report_id, count(*) AS before_count, bool_and(before_id IS NOT NULL AND NOT is_shared) AS is_whole
    FROM due_before
    GROUP BY report_id
),
sources AS (
    SELECT report_id, report_id AS source_id, false AS is_of_year_before FROM compared
    UNION ALL
    SELECT report_id, before_id AS source_id, true AS is_of_year_before FROM due_before WHERE before_id IS NOT NULL
),
operands AS (
    -- One row per term of a rule and report; value is NULL unless every report that belongs to it reports the cell
    SELECT
        sources.report_id,
        term.rule_code,
        term.place_text,
        term.severity_code,
        term.relation_code,
        term.side_code,
        term.cell_code,
        CASE
            WHEN NOT any_value(term.is_of_year_before) AND count(cell.value) = 1 THEN sum(term.sign * cell.value)
            WHEN
                any_value(compared.is_whole) AND any_value(term.is_of_year_before)
                AND count(cell.value) = any_value(compared.before_count)
                THEN sum(term.sign * cell.value)
        END AS value
    FROM meta.cross_rule_term AS term
    INNER JOIN sources ON term.is_of_year_before = sources.is_of_year_before
    INNER JOIN compared ON sources.report_id = compared.report_id
    -- Cells of another edition's form are no operands: such a rule has no row there
    INNER JOIN core.cell AS cell ON sources.source_id = cell.report_id AND term.cell_code = cell.cell_code
    GROUP BY
        sources.report_id, term.rule_code, term.place_text, term.severity_code, term.relation_code, term.side_code,
        term.cell_code, term.is_of_year_before
),
term_counts AS (
    SELECT rule_code, place_text, count(*) AS term_count FROM meta.cross_rule_term GROUP BY rule_code, place_text
),
sides AS (
    SELECT
        operands.report_id,
        operands.rule_code,
        operands.place_text,
        operands.severity_code,
        operands.relation_code,
        CASE WHEN bool_and(value IS NOT NULL) FILTER (side_code = 'left') THEN sum(value) FILTER (side_code = 'left') END
            AS left_value,
        CASE WHEN bool_and(value IS NOT NULL) FILTER (side_code = 'right') THEN sum(value) FILTER (side_code = 'right') END
            AS right_value,
        list_sort(list_distinct(array_agg(operands.cell_code))) AS cell_code_list
    FROM operands
    INNER JOIN term_counts
        ON operands.rule_code = term_counts.rule_code AND operands.place_text = term_counts.place_text
    GROUP BY
        operands.report_id, operands.rule_code, operands.place_text, operands.severity_code, operands.relation_code
    HAVING count(*) = any_value(term_counts.term_count)
),
repeated AS (
    SELECT
        report.report_id,
        bool_or(report.figures_hash = earlier.figures_hash) AS has_same_figures,
        max(reuse.shared_over_narrative_rate) AS shared_rate
    FROM latest AS report
    INNER JOIN latest AS earlier
        ON report.agency_id = earlier.agency_id AND report.report_year = earlier.report_year + 1
    LEFT JOIN mart.text_reuse AS reuse
        ON report.report_id = reuse.report_id AND reuse.reuse_code = 'own_previous_year'
    GROUP BY report.report_id
),
printed AS (
    SELECT report_id, bool_or(value <> 0) AS has_number_but_zero
    FROM core.cell
    WHERE report_id IN (SELECT report_id FROM repeated)
    GROUP BY report_id
),
wholes AS (
    SELECT
        report.report_id,
        report.report_year,
        regexp_replace(left(report.region_code, 6), '(0000|00)$', '') AS region_prefix,
        cell.cell_code,
        cell.value
    FROM latest AS report
    INNER JOIN core.cell AS cell ON report.report_id = cell.report_id
    WHERE
        report.scope_code = 'region_aggregate'
        AND cell.cell_code IN ('requests.new_received.total', 'requests.total_disposed.total')
),
parts AS (
    -- Once for each region that the organ lies in: the join is then one of equals
    SELECT
        report.report_id,
        report.report_year,
        report.scope_code,
        unnest(list_distinct([left(report.region_code, 2), left(report.region_code, 4), left(report.region_code, 6)]))
            AS region_prefix,
        cell.cell_code,
        cell.value
    FROM latest AS report
    INNER JOIN core.cell AS cell ON report.report_id = cell.report_id
    WHERE
        report.scope_code IN ('organ_own', 'office_own')
        AND NOT report.is_no_part
        AND cell.cell_code IN ('requests.new_received.total', 'requests.total_disposed.total')
),
region_sums AS (
    SELECT
        whole.report_id,
        whole.cell_code,
        any_value(whole.value) AS whole_value,
        max(part.value) AS largest_part,
        -- An office's report may be its government's; organs' own ones never overlap
        sum(part.value) FILTER (part.scope_code = 'organ_own') AS sum_of_parts
    FROM wholes AS whole
    INNER JOIN parts AS part
        ON whole.report_year = part.report_year
        AND whole.region_prefix = part.region_prefix
        AND whole.cell_code = part.cell_code
        AND whole.report_id <> part.report_id
    GROUP BY whole.report_id, whole.cell_code
),
judged AS (
    SELECT report_id, rule_code, place_text, severity_code, relation_code, left_value, right_value, cell_code_list
    FROM sides
    UNION ALL
    SELECT report_id, 'R22', cell_code, 'soft', 'at_most', largest_part, whole_value, [cell_code]
    FROM region_sums
    UNION ALL
    SELECT report_id, 'R22', cell_code || '.sum', 'soft', 'whole', sum_of_parts, whole_value, [cell_code]
    FROM region_sums
),
verdicts AS (
    SELECT
        report_id,
        rule_code,
        place_text,
        severity_code,
        CASE
            WHEN left_value IS NULL OR right_value IS NULL THEN 'not_assessable'
            WHEN relation_code = 'equal' AND left_value = right_value THEN 'pass'
            WHEN relation_code = 'at_most' AND left_value <= right_value THEN 'pass'
            -- Less than the whole proves nothing: nobody knows that every organ of the region has a report here
            WHEN relation_code = 'whole' AND left_value <= right_value
                THEN CASE WHEN left_value = right_value THEN 'pass' ELSE 'not_assessable' END
            ELSE 'fail'
        END AS verdict_code,
        CAST(left_value AS DECIMAL(24, 8)) AS left_value,
        CAST(right_value AS DECIMAL(24, 8)) AS right_value,
        CAST(left_value - right_value AS DECIMAL(24, 8)) AS difference,
        cell_code_list
    FROM judged
    UNION ALL
    SELECT
        repeated.report_id,
        'R21',
        'figures',
        'warn',
        CASE
            WHEN NOT coalesce(printed.has_number_but_zero, false) THEN 'not_assessable'
            WHEN repeated.has_same_figures THEN 'fail'
            ELSE 'pass'
        END,
        NULL, NULL, NULL, []
    FROM repeated
    LEFT JOIN printed ON repeated.report_id = printed.report_id
    UNION ALL
    SELECT
        report_id,
        'R21',
        'narrative',
        'warn',
        CASE WHEN shared_rate >= 0.95 THEN 'fail' ELSE 'pass' END,
        CAST(shared_rate AS DECIMAL(24, 8)), NULL, NULL, []
    FROM repeated
)
SELECT
    verdicts.*,
    concat(
        rule.formula_en, ': ',
        CASE
            WHEN verdicts.right_value IS NOT NULL AND verdicts.left_value IS NOT NULL
                THEN concat(
                    rtrim(rtrim(CAST(verdicts.left_value AS VARCHAR), '0'), '.'), ' against ',
                    rtrim(rtrim(CAST(verdicts.right_value AS VARCHAR), '0'), '.')
                )
            WHEN verdicts.verdict_code = 'not_assessable'
                THEN 'a number is not reported, or a report that it is compared with is missing'
            WHEN verdicts.place_text = 'narrative'
                THEN concat(CAST(round(100 * verdicts.left_value, 1) AS VARCHAR), ' % of the text is that of the year before')
            ELSE concat('the figures are ', CASE verdicts.verdict_code WHEN 'fail' THEN '' ELSE 'not ' END, 'those of the year before')
        END
    ) AS message_text
FROM verdicts
INNER JOIN meta.rule AS rule ON verdicts.rule_code = rule.rule_code
