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
