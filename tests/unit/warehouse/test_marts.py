"""The numbers of the marts, worked out by hand from the fixture's figures."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.contract.editions import edition_by_code
from pipeline.contract.marts import load_marts
from pipeline.warehouse.build import reopen_build


def agency_year(con, agency: str, year: int) -> dict[str, object]:
    cursor = con.execute("FROM mart.agency_year WHERE agency_name = ? AND report_year = ?", [agency, year])
    names = [column[0] for column in cursor.description]
    (row,) = cursor.fetchall()
    return dict(zip(names, row, strict=True))


def test_a_full_report_gives_every_number(con) -> None:
    row = agency_year(con, "甲县人民政府", 2022)
    expected = {
        "request_received_count": 10,
        "request_carried_in_count": 2,
        "request_disposed_count": 8,
        "request_carried_out_count": 4,
        "granted_count": 3,
        "granted_partial_count": 1,
        "denied_count": 2,
        "unavailable_count": 2,
        "unprocessed_count": 0,
        "other_count": 0,
        "disclosed_over_disposed_rate": 0.5,
        "granted_over_disposed_rate": 0.375,
        "denied_over_disposed_rate": 0.25,
        "unavailable_over_disposed_rate": 0.25,
        "unprocessed_over_disposed_rate": 0.0,
        "other_over_disposed_rate": 0.0,
        "disposed_over_handled_rate": 8 / 12,
        "natural_person_received_count": 8,
        "organisation_received_count": 2,
        "natural_person_over_received_rate": 0.8,
        "licensing_decision_count": 120,
        "penalty_decision_count": 0,
        "admin_fee_wan_yuan": Decimal("12.345678"),
        "normative_doc_in_force_count": 7,
        "review_count": 4,
        "review_upheld_count": 3,
        "review_corrected_count": 1,
        "review_pending_count": 0,
        "litigation_count": 2,
        "litigation_upheld_count": 1,
        "litigation_pending_count": 1,
        "review_corrected_over_closed_rate": 0.25,
        "litigation_corrected_over_closed_rate": 0.0,
        "dispute_over_disposed_rate": 0.75,
    }
    assert {name: row[name] for name in expected} == expected


def test_a_blank_leaf_empties_its_group_and_nothing_else(con) -> None:
    row = agency_year(con, "乙镇人民政府", 2023)
    assert row["denied_count"] is None
    assert row["denied_over_disposed_rate"] is None
    assert row["penalty_decision_count"] is None
    assert row["litigation_count"] is None
    assert row["dispute_over_disposed_rate"] is None
    assert row["granted_count"] == 3
    assert row["disclosed_over_disposed_rate"] == 0.5
    assert row["litigation_upheld_count"] == 1


def test_only_the_latest_version_counts(con) -> None:
    assert con.execute("SELECT count(*), max(granted_count) FROM mart.agency_year").fetchall() == [(3, 3)]


def test_a_denominator_of_zero_or_none_gives_no_rate(paths, make_report, build_stages) -> None:
    build_stages(
        [
            make_report("零镇", 2022, {}),
            make_report("空镇", 2022, {"requests.granted.total": 1}, blank=["requests.total_disposed.total"]),
        ]
    )
    with reopen_build(paths) as con:
        rates = con.execute("SELECT COLUMNS('_rate$') FROM mart.agency_year WHERE agency_name = '零镇'").fetchall()
        assert set(rates[0]) == {None}
        assert agency_year(con, "空镇", 2022)["granted_over_disposed_rate"] is None


def test_a_cell_without_any_row_is_missing_not_zero(paths, make_report, build_stages) -> None:
    rows = make_report("缺镇", 2022, {"requests.total_disposed.total": 4})
    rows["core.cell"] = [row for row in rows["core.cell"] if row["row_code"] not in ("other_misc", "lit_direct")]
    build_stages([rows])
    with reopen_build(paths) as con:
        row = agency_year(con, "缺镇", 2022)
    assert row["other_count"] is None
    assert row["litigation_count"] is None
    assert row["unprocessed_count"] == 0


def test_outcome_groups_are_those_of_the_form(con) -> None:
    expected = {}
    for row in edition_by_code("ED_2021").table("requests").rows:
        inner = [group for group in row.groups if group != "outcome"]
        expected[inner[0] if inner else row.code] = 1
    found = con.execute(
        "SELECT DISTINCT outcome_group_code, 1 FROM mart.request_outcome WHERE applicant_group_code = 'total'"
    ).fetchall()
    assert dict(found) == expected


def test_groups_never_add_a_printed_total_to_its_parts(con) -> None:
    found = con.execute(
        "SELECT applicant_group_code, request_count FROM mart.request_outcome JOIN core.report "
        "USING (report_id) WHERE outcome_group_code = 'new_received' AND report_year = 2022 ORDER BY 1"
    ).fetchall()
    assert found == [("natural_person", 8), ("organisation", 2), ("total", 10)]


@pytest.mark.parametrize(
    ("parts", "merged", "expected"), [(0, 5, 0), (None, 5, 5), (None, None, None)], ids=["parts", "merged", "neither"]
)
def test_a_merged_row_stands_for_its_parts_only_where_they_are_not_reported(
    paths, make_report, build_stages, parts, merged, expected
) -> None:
    rows = make_report("并镇", 2022, {"requests.total_disposed.total": 5})
    for row in rows["core.cell"]:
        if row["row_code"].startswith("other_"):
            row["value"] = None if parts is None else Decimal(parts)
    like = next(row for row in rows["core.cell"] if row["cell_code"] == "requests.granted.total")
    number = None if merged is None else Decimal(merged)
    rows["core.cell"].append(
        like | {"cell_code": "requests.other_total.total", "row_code": "other_total", "value": number}
    )
    build_stages([rows])
    with reopen_build(paths) as con:
        assert agency_year(con, "并镇", 2022)["other_count"] == expected


def test_half_a_case_is_no_count_but_stays_visible_as_printed(paths, make_report, build_stages) -> None:
    rows = make_report("半镇", 2022, {"disputes.review.upheld": "1.5", "proactive.admin_fees.amount": "1.5"})
    build_stages([rows])
    with reopen_build(paths) as con:
        counted = (
            "SELECT case_count, state_code FROM core.dispute WHERE channel_code = 'review' AND outcome_code = 'upheld'"
        )
        assert con.execute(counted).fetchall() == [(None, "illegible")]
        printed = "SELECT value, state_code FROM core.cell WHERE cell_code = 'disputes.review.upheld'"
        assert con.execute(printed).fetchall() == [(Decimal("1.5"), "reported")]
        fee = "SELECT value, unit, state_code FROM core.proactive WHERE subject_code = 'admin_fees'"
        assert con.execute(fee).fetchall() == [(Decimal("1.5"), "万元", "reported")]


def find_all(con, sql: str, *values: object) -> list[tuple[object, ...]]:
    return con.execute(sql, list(values)).fetchall()


def test_register_look_ups_are_among_what_is_not_disclosed(paths, make_report, build_stages) -> None:
    numbers = {"requests.denied_admin_query.total": 5, "requests.total_disposed.total": 5}
    build_stages([make_report("查镇", 2022, numbers)])
    with reopen_build(paths) as con:
        row = agency_year(con, "查镇", 2022)
    assert (row["denied_count"], row["denied_over_disposed_rate"]) == (5, 1.0)


@pytest.mark.parametrize(
    ("blank", "expected"), [([], 3), (["requests.other_fee_unpaid.total"], None)], ids=["all", "blank"]
)
def test_what_is_otherwise_handled_is_its_rows_and_no_constant(
    paths, make_report, build_stages, blank, expected
) -> None:
    numbers = {"requests.other_misc.total": 2, "requests.other_correction_overdue.total": 1}
    build_stages([make_report("他镇", 2022, numbers, blank=blank)])
    with reopen_build(paths) as con:
        assert agency_year(con, "他镇", 2022)["other_count"] == expected


def test_kinds_of_applicants_add_up_without_the_printed_total(con) -> None:
    rows = find_all(
        con,
        "SELECT applicant_code, request_received_count, all_kinds_received_count, received_over_all_kinds_rate "
        "FROM mart.applicant_mix INNER JOIN core.agency USING (agency_id) WHERE agency_name = ? AND report_year = 2022 "
        "AND request_received_count > 0 ORDER BY 1",
        "甲县人民政府",
    )
    assert rows == [("legal_commercial", 2, 10, 0.2), ("natural_person", 8, 10, 0.8)]
    assert agency_year(con, "甲县人民政府", 2022)["applicant_received_hhi"] == pytest.approx(0.68)


def test_one_blank_kind_leaves_no_share_of_all_kinds(paths, make_report, build_stages) -> None:
    numbers = {"requests.new_received.natural_person": 4, "requests.new_received.total": 4}
    build_stages([make_report("缺类镇", 2022, numbers, blank=["requests.new_received.legal_other"])])
    with reopen_build(paths) as con:
        shares = find_all(
            con, "SELECT DISTINCT all_kinds_received_count, received_over_all_kinds_rate FROM mart.applicant_mix"
        )
        row = agency_year(con, "缺类镇", 2022)
    assert shares == [(None, None)]
    assert row["applicant_received_hhi"] is None
    assert row["natural_person_over_received_rate"] == 1.0


def test_a_change_needs_the_year_before_with_the_same_scope(paths, make_report, build_stages) -> None:
    def report(name: str, year: int, received: int, scope: str | None = "organ_own", basis: str = "registry"):
        rows = make_report(name, year, {"requests.new_received.total": received})
        rows["core.report"][0] |= {"scope_code": scope}
        rows["core.agency"][0] |= {"identity_basis_code": basis}
        return rows

    build_stages(
        [
            report("连镇", 2021, 4),
            report("连镇", 2022, 6),
            report("隔镇", 2020, 4),
            report("隔镇", 2022, 6),
            report("变县", 2021, 4, "office_own"),
            report("变县", 2022, 6, "level_own"),
            report("未知镇", 2021, 4, None),
            report("未知镇", 2022, 6, None),
            report("未定镇", 2021, 4, basis="provisional"),
            report("未定镇", 2022, 6, basis="provisional"),
            report("零起镇", 2021, 0),
            report("零起镇", 2022, 6),
        ]
    )
    with reopen_build(paths) as con:
        rows = find_all(
            con,
            "SELECT agency_id, report_year, previous_request_received_count, "
            "request_received_change_over_previous_rate FROM mart.agency_change ORDER BY 1",
        )
        flags = find_all(
            con,
            "SELECT agency_name, report_year FROM mart.agency_year WHERE is_comparable_with_previous_year ORDER BY 1",
        )
    assert rows == [("id-连镇", 2022, 4, 0.5), ("id-零起镇", 2022, 0, None)]
    assert flags == [("连镇", 2022), ("零起镇", 2022)]


def test_a_series_breaks_where_the_form_changes(paths, make_report, build_stages) -> None:
    numbers = {"proactive.coercion.decisions": 1, "proactive.penalty.decisions": 4, "requests.total_disposed.total": 2}
    reports = [make_report("沿镇", year, numbers) for year in (2020, 2021, 2022)]
    reports[0]["core.report"][0] |= {"edition_code": "ED_2019", "edition_expected_code": "ED_2019"}
    build_stages(reports)
    with reopen_build(paths) as con:
        years = find_all(con, "SELECT report_year, is_series_break FROM mart.agency_year ORDER BY 1")
        metrics = find_all(
            con,
            "SELECT column_name, report_year, comparability_code, is_series_break FROM mart.metric "
            "WHERE column_name IN ('coercion_over_penalty_rate', 'denied_over_disposed_rate') ORDER BY ALL",
        )
    assert years == [(2020, False), (2021, True), (2022, False)]
    assert metrics == [
        ("coercion_over_penalty_rate", 2020, "approx", False),
        ("coercion_over_penalty_rate", 2021, "same", True),
        ("coercion_over_penalty_rate", 2022, "same", False),
        ("denied_over_disposed_rate", 2020, "same", False),
        ("denied_over_disposed_rate", 2021, "same", False),
        ("denied_over_disposed_rate", 2022, "same", False),
    ]


@pytest.fixture
def regions(paths, make_report, build_stages):
    """Two years of a county: one town with a blank total, one that came later, one whose scope is another."""

    def report(name: str, year: int, received: int, granted: int, scope: str = "organ_own", blank=()):
        numbers = {
            "requests.new_received.total": received,
            "requests.granted.total": granted,
            "requests.total_disposed.total": received,
        }
        rows = make_report(name, year, numbers, blank=blank)
        rows["core.report"][0] |= {"scope_code": scope}
        return rows

    build_stages(
        [
            report("甲镇", 2022, 10, 5),
            report("甲镇", 2023, 20, 5),
            report("乙镇", 2022, 0, 0),
            report("乙镇", 2023, 7, 7, blank=["requests.new_received.total", "requests.granted.total"]),
            report("丙镇", 2023, 4, 4),
            report("某县人民政府", 2023, 100, 50, "level_own"),
        ]
    )
    with reopen_build(paths) as con:
        yield con


def test_regions_add_up_one_scope_at_a_time_and_say_over_how_many_reports(regions) -> None:
    rows = find_all(
        regions,
        "SELECT scope_code, report_count, request_received_report_count, request_received_count, "
        "zero_request_report_count, outcome_report_count, outcome_disposed_count, granted_count, "
        "granted_over_disposed_rate FROM mart.region_year "
        "WHERE region_code = '990101' AND report_year = 2023 ORDER BY 1",
    )
    assert rows == [
        ("all", 4, None, None, None, None, None, None, None),
        ("level_own", 1, 1, 100, 0, 1, 100, 50, 0.5),
        ("organ_own", 3, 2, 24, 0, 2, 24, 9, 0.375),
    ]
    same = find_all(
        regions,
        "SELECT DISTINCT region_code, * EXCLUDE (region_code, region_name) FROM mart.region_year "
        "WHERE report_year = 2022 AND scope_code = 'organ_own'",
    )
    assert {row[0] for row in same} == {"000000", "990000", "990100", "990101"}
    assert len({row[1:] for row in same}) == 1


def test_a_panel_compares_the_same_agencies_in_both_years(regions) -> None:
    rows = find_all(
        regions,
        "SELECT report_year, panel_report_count, panel_request_received_count, panel_previous_request_received_count, "
        "panel_request_received_change_over_previous_rate, has_comparable_panel FROM mart.region_year "
        "WHERE region_code = '000000' AND scope_code = 'organ_own' ORDER BY 1",
    )
    assert rows == [(2022, 0, None, None, None, False), (2023, 1, 20, 10, 1.0, True)]


def test_quality_tells_zeros_blanks_and_rules_apart(con) -> None:
    rows = find_all(
        con,
        "SELECT is_latest, form_cell_count, reported_cell_count, blank_cell_count, hard_assessed_count, "
        "hard_passed_count, soft_assessed_count, soft_passed_count, section_count, "
        "hard_passed_over_assessed_rate, blank_over_form_rate FROM mart.quality "
        "INNER JOIN core.agency USING (agency_id) WHERE agency_name = ? ORDER BY 1",
        "乙镇人民政府",
    )
    assert rows == [(False, 200, 200, 0, 1, 1, 1, 0, 1, 1.0, 0.0), (True, 200, 197, 3, 1, 1, 1, 0, 1, 1.0, 0.015)]


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ([("380", "元", False)], Decimal(380)),
        ([("380", "元", False), ("380", "元", False)], Decimal(380)),
        ([("380", "元", False), ("400", "元", False)], None),
        ([("380", "元", True)], None),
        ([("3", "万元", False)], None),
    ],
    ids=["one", "repeated", "two", "approximate", "another unit"],
)
def test_a_fee_that_the_text_states_counts_only_where_it_states_one(
    paths, make_report, build_stages, claims, expected
) -> None:
    rows = make_report("费镇", 2022, {})
    (like,) = rows["core.claim"]
    rows["core.claim"] = [
        like
        | {
            "claim_number": number,
            "fact_code": "n_fee_received_yuan",
            "value": Decimal(value),
            "unit": unit,
            "is_approximate": is_approximate,
        }
        for number, (value, unit, is_approximate) in enumerate(claims, start=1)
    ]
    build_stages([rows])
    with reopen_build(paths) as con:
        assert agency_year(con, "费镇", 2022)["fee_received_yuan"] == expected


def test_every_column_carries_its_description(con) -> None:
    found = con.execute(
        "SELECT schema_name || '.' || table_name AS name, column_name, comment FROM duckdb_columns() "
        "WHERE name IN (SELECT unnest(?))",
        [list(load_marts())],
    ).fetchall()
    expected = {
        (mart.name, c.name, f"{c.zh} / {c.en}" + (f" [{c.unit}]" if c.unit else ""))
        for mart in load_marts().values()
        for c in mart.columns
    }
    assert set(found) == expected
