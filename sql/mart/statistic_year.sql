-- grain: one row per agency and report year whose report prints the statistics table of the 2014 edition
-- The numbers of the year, never those of all years together. A count that is no whole number stays NULL.
WITH whole AS (
    SELECT
        report_id,
        statistic_code,
        unit,
        value,
        CASE WHEN value = trunc(value) THEN TRY_CAST(value AS BIGINT) END AS item_count
    FROM core.statistic
    WHERE measure_code = 'year'
),
picked AS (
    SELECT
        report_id,
        max(item_count) FILTER (statistic_code = 'c01_active_total') AS active_count,
        max(item_count) FILTER (statistic_code = 'c02_active_normative') AS active_normative_doc_count,
        max(item_count) FILTER (statistic_code = 'c03_normative_issued') AS normative_doc_issued_count,
        max(item_count) FILTER (statistic_code = 'c04_ch_gazette') AS active_gazette_count,
        max(item_count) FILTER (statistic_code = 'c05_ch_website') AS active_website_count,
        max(item_count) FILTER (statistic_code = 'c06_ch_weibo') AS active_weibo_count,
        max(item_count) FILTER (statistic_code = 'c07_ch_wechat') AS active_wechat_count,
        max(item_count) FILTER (statistic_code = 'c08_ch_other') AS active_otherwise_count,
        max(item_count) FILTER (statistic_code = 'c09_hot_responses') AS hot_topic_response_count,
        max(item_count) FILTER (statistic_code = 'c10_press_conf') AS press_conference_count,
        max(item_count) FILTER (statistic_code = 'c11_press_conf_chief') AS press_conference_with_chief_count,
        max(item_count) FILTER (statistic_code = 'c12_web_interview') AS web_interview_count,
        max(item_count) FILTER (statistic_code = 'c13_web_interview_chief') AS web_interview_with_chief_count,
        max(item_count) FILTER (statistic_code = 'c14_interpretations') AS interpretation_count,
        max(item_count) FILTER (statistic_code = 'c15_weibo_wechat_resp') AS weibo_wechat_response_count,
        max(item_count) FILTER (statistic_code = 'c16_other_resp') AS other_response_count,
        max(item_count) FILTER (statistic_code = 'c17_req_received') AS request_received_count,
        max(item_count) FILTER (statistic_code = 'c18_in_person') AS in_person_request_count,
        max(item_count) FILTER (statistic_code = 'c19_fax') AS fax_request_count,
        max(item_count) FILTER (statistic_code = 'c20_network') AS online_request_count,
        max(item_count) FILTER (statistic_code = 'c21_letter') AS letter_request_count,
        max(item_count) FILTER (statistic_code = 'fj_mail_fax') AS letter_or_fax_request_count,
        max(item_count) FILTER (statistic_code = 'c22_req_closed') AS request_closed_count,
        max(item_count) FILTER (statistic_code = 'c23_on_time') AS closed_on_time_count,
        max(item_count) FILTER (statistic_code = 'c24_extended') AS closed_extended_count,
        max(item_count) FILTER (statistic_code = 'c25_req_answered') AS request_answered_count,
        max(item_count) FILTER (statistic_code = 'c26_already_public') AS already_public_count,
        max(item_count) FILTER (statistic_code = 'c27_granted') AS granted_count,
        max(item_count) FILTER (statistic_code = 'c28_partial') AS granted_partial_count,
        max(item_count) FILTER (statistic_code = 'c29_denied') AS denied_count,
        max(item_count) FILTER (statistic_code = 'c30_secret') AS denied_secret_count,
        max(item_count) FILTER (statistic_code = 'c31_trade_secret') AS denied_trade_secret_count,
        max(item_count) FILTER (statistic_code = 'c32_privacy') AS denied_privacy_count,
        max(item_count) FILTER (statistic_code = 'c33_security') AS denied_security_count,
        max(item_count) FILTER (statistic_code = 'c34_not_gov_info') AS denied_not_government_information_count,
        max(item_count) FILTER (statistic_code = 'c35_other_legal') AS denied_other_ground_count,
        max(item_count) FILTER (statistic_code = 'c36_not_this_organ') AS not_this_organ_count,
        max(item_count) FILTER (statistic_code = 'c37_nonexistent') AS nonexistent_count,
        max(item_count) FILTER (statistic_code = 'c38_amend') AS told_to_amend_count,
        max(item_count) FILTER (statistic_code = 'c39_other_route') AS other_route_count,
        max(item_count) FILTER (statistic_code = 'fj_answered_other') AS answered_otherwise_count,
        max(item_count) FILTER (statistic_code = 'c40_review') AS review_count,
        max(item_count) FILTER (statistic_code = 'c41_upheld') AS review_upheld_count,
        max(item_count) FILTER (statistic_code = 'c42_corrected') AS review_corrected_count,
        max(item_count) FILTER (statistic_code = 'c43_other') AS review_other_count,
        max(item_count) FILTER (statistic_code = 'c44_lit') AS litigation_count,
        max(item_count) FILTER (statistic_code = 'c45_upheld') AS litigation_upheld_count,
        max(item_count) FILTER (statistic_code = 'c46_corrected') AS litigation_corrected_count,
        max(item_count) FILTER (statistic_code = 'c47_other') AS litigation_other_count,
        max(item_count) FILTER (statistic_code = 'fj_lawsuits_complaints') AS lawsuit_or_complaint_count,
        max(item_count) FILTER (statistic_code = 'c48_complaints') AS complaint_count,
        max(value) FILTER (statistic_code = 'c49_fees' AND unit = '万元') AS fee_wan_yuan,
        max(value) FILTER (statistic_code = 'fj_fee_waived' AND unit = '元') AS fee_waived_yuan,
        max(item_count) FILTER (statistic_code = 'c50_offices') AS office_count,
        max(item_count) FILTER (statistic_code = 'c51_reading_points') AS reading_point_count,
        max(item_count) FILTER (statistic_code = 'c52_staff') AS staff_count,
        max(item_count) FILTER (statistic_code = 'c53_fulltime') AS staff_full_time_count,
        max(item_count) FILTER (statistic_code = 'c54_parttime') AS staff_part_time_count,
        max(value) FILTER (statistic_code = 'c55_budget' AND unit = '万元') AS budget_wan_yuan,
        max(item_count) FILTER (statistic_code = 'c56_meetings') AS meeting_count,
        max(item_count) FILTER (statistic_code = 'c57_trainings') AS training_count,
        max(item_count) FILTER (statistic_code = 'c58_trainees') AS trainee_count
    FROM whole
    GROUP BY report_id
)
SELECT
    report.agency_id,
    report.report_year,
    picked.*,
    closed_on_time_count / nullif(request_closed_count, 0) AS closed_on_time_over_closed_rate,
    in_person_request_count / nullif(request_received_count, 0) AS in_person_over_received_rate,
    fax_request_count / nullif(request_received_count, 0) AS fax_over_received_rate,
    online_request_count / nullif(request_received_count, 0) AS online_over_received_rate,
    letter_request_count / nullif(request_received_count, 0) AS letter_over_received_rate,
    (already_public_count::DOUBLE + granted_count + granted_partial_count) / nullif(request_answered_count, 0)
        AS disclosed_over_answered_rate,
    budget_wan_yuan::DOUBLE / nullif(request_received_count, 0) AS budget_per_request_wan_yuan
FROM core.report AS report
INNER JOIN picked ON report.report_id = picked.report_id
WHERE report.is_latest AND report.report_year IS NOT NULL
