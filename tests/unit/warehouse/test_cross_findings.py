"""mart.cross_finding: rules that need the report of the year before, or those of a whole region."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.contract.cross_rules import cross_rule_term_rows
from pipeline.contract.editions import load_editions
from pipeline.warehouse.build import reopen_build

BEFORE = {
    "requests.carried_out.natural_person": 3,
    "requests.carried_out.total": 4,
    "requests.granted.total": 9,
    "proactive.normative_docs.in_force": 20,
    "disputes.review.upheld": 1,
}
NOW = {
    "requests.carried_in.natural_person": 2,
    "requests.carried_in.total": 4,
    "proactive.normative_docs.in_force": 22,
    "proactive.normative_docs.issued": 3,
    "proactive.normative_docs.repealed": 1,
    "disputes.lit_after_review.total": 3,
}


def lineage(agency: str, predecessor: str, year: int) -> dict[str, object]:
    return {
        "agency_id": f"id-{agency}",
        "predecessor_agency_id": f"id-{predecessor}",
        "predecessor_name": predecessor,
        "lineage_kind_code": "merge",
        "lineage_basis_code": "division",
        "change_year": year,
    }


@pytest.fixture
def judge(paths, build_stages):
    """Findings of one agency's report of 2023: (rule, place) → (verdict, left, right)."""

    def build_and_judge(reports, agency: str = "甲县人民政府"):
        build_stages(reports)
        with reopen_build(paths) as con:
            rows = con.execute(
                "SELECT rule_code, place_text, verdict_code, left_value, right_value FROM mart.cross_finding "
                "INNER JOIN core.report USING (report_id) WHERE agency_id = ? AND report_year = 2023",
                [f"id-{agency}"],
            ).fetchall()
        return {(rule, place): (verdict, left, right) for rule, place, verdict, left, right in rows}

    return build_and_judge


def test_what_was_carried_out_must_be_carried_in(judge, make_report) -> None:
    found = judge([make_report("甲县人民政府", 2022, BEFORE), make_report("甲县人民政府", 2023, NOW)])
    assert found["R11", "total"] == ("pass", 4, 4)
    assert found["R11", "natural_person"] == ("fail", 2, 3)
    assert found["R08", "normative_docs"] == ("pass", 22, 22)
    assert found["R12", "lit_after_review"] == ("fail", 3, 1)
    assert not [place for rule, place in found if rule == "R10"]


def test_a_blank_makes_a_rule_not_assessable_and_never_counts_as_zero(judge, make_report) -> None:
    blank = ["requests.carried_out.total", "disputes.review.other"]
    found = judge([make_report("甲县人民政府", 2022, BEFORE, blank), make_report("甲县人民政府", 2023, NOW)])
    assert found["R11", "total"] == ("not_assessable", 4, None)
    assert found["R12", "lit_after_review"][0] == "not_assessable"


def test_a_merged_agency_is_compared_with_the_sum_of_those_it_took_over(judge, make_report) -> None:
    merged = make_report("甲县人民政府", 2023, {"requests.carried_in.total": 7})
    merged["core.agency_lineage"] = [lineage("甲县人民政府", old, 2023) for old in ("旧一县", "旧二县")]
    parts = [make_report(old, 2022, {"requests.carried_out.total": n}) for old, n in (("旧一县", 5), ("旧二县", 2))]
    assert judge([merged, *parts])["R11", "total"] == ("pass", 7, 7)


def test_a_missing_part_of_a_merger_or_a_split_is_not_assessable(judge, make_report) -> None:
    merged = make_report("甲县人民政府", 2023, {"requests.carried_in.total": 7})
    merged["core.agency_lineage"] = [lineage("甲县人民政府", old, 2023) for old in ("旧一县", "旧二县")]
    part = make_report("旧一县", 2022, {"requests.carried_out.total": 7})
    assert judge([merged, part])["R11", "total"][0] == "not_assessable"


def test_a_split_agency_leaves_nothing_to_compare(judge, make_report) -> None:
    one = make_report("甲县人民政府", 2023, {"requests.carried_in.total": 7})
    other = make_report("乙县人民政府", 2023, {})
    one["core.agency_lineage"] = [lineage("甲县人民政府", "旧县", 2023), lineage("乙县人民政府", "旧县", 2023)]
    before = make_report("旧县", 2022, {"requests.carried_out.total": 7})
    assert judge([one, other, before])["R11", "total"][0] == "not_assessable"


def test_an_agency_that_took_in_another_is_compared_with_both(judge, make_report) -> None:
    grown = make_report("甲县人民政府", 2023, {"requests.carried_in.total": 7})
    grown["core.agency_lineage"] = [lineage("甲县人民政府", "旧一县", 2023)]
    other = make_report("旧一县", 2022, {"requests.carried_out.total": 7})
    assert judge([grown, other])["R11", "total"][0] == "not_assessable"
    own = make_report("甲县人民政府", 2022, {"requests.carried_out.total": 1})
    assert judge([grown, other, own])["R11", "total"] == ("fail", 7, 8)


def test_a_department_follows_a_reform_within_two_years(judge, make_report) -> None:
    renamed = make_report("甲县人民政府", 2023, {"requests.carried_in.total": 7})
    before = make_report("旧委", 2022, {"requests.carried_out.total": 7})
    changed = lineage("甲县人民政府", "旧委", 2021) | {
        "lineage_kind_code": "rename",
        "lineage_basis_code": "department",
    }
    renamed["core.agency_lineage"] = [changed]
    assert judge([renamed, before])["R11", "total"] == ("pass", 7, 7)
    renamed["core.agency_lineage"] = [changed | {"change_year": 2020}]
    assert ("R11", "total") not in judge([renamed, before])


def test_a_year_copied_whole_is_named(judge, make_report) -> None:
    copied = make_report("甲县人民政府", 2023, BEFORE)
    first = make_report("甲县人民政府", 2022, BEFORE)
    copied["core.report"][0]["figures_hash"] = first["core.report"][0]["figures_hash"]
    found = judge([first, copied])
    assert found["R21", "figures"][0] == "fail"
    assert found["R21", "narrative"][0] == "pass"


def test_a_year_of_zeros_twice_is_no_copy(judge, make_report) -> None:
    second, first = make_report("甲县人民政府", 2023, {}), make_report("甲县人民政府", 2022, {})
    second["core.report"][0]["figures_hash"] = first["core.report"][0]["figures_hash"]
    assert judge([first, second])["R21", "figures"][0] == "not_assessable"


def test_a_regional_sum_is_no_smaller_than_any_of_its_parts(judge, make_report) -> None:
    region = make_report("甲市人民政府", 2023, {"requests.new_received.total": 8})
    region["core.agency"][0] |= {"region_code": "990100"}
    region["core.report"][0] |= {"scope_code": "region_aggregate"}
    parts = [make_report(name, 2023, {"requests.new_received.total": n}) for name, n in (("甲镇", 9), ("乙镇", 2))]
    found = judge([region, *parts], "甲市人民政府")
    assert found["R22", "requests.new_received.total"] == ("fail", Decimal(9), Decimal(8))
    assert found["R22", "requests.total_disposed.total"][0] == "pass"


def region_with(make_report, total: int, parts: dict[str, int], **changes):
    """Reports of a prefecture that sums up its region and of organs within it; changes: fields of the organs."""
    region = make_report("甲市人民政府", 2023, {"requests.new_received.total": total})
    region["core.agency"][0] |= {"region_code": "990100"}
    region["core.report"][0] |= {"scope_code": "region_aggregate"}
    organs = [make_report(name, 2023, {"requests.new_received.total": count}) for name, count in parts.items()]
    for organ in organs:
        organ["core.report"][0] |= {name: value for name, value in changes.items() if name == "scope_code"}
        organ["core.agency"][0] |= {name: value for name, value in changes.items() if name != "scope_code"}
    return [region, *organs]


@pytest.mark.parametrize(
    ("total", "verdict"),
    # 9 + 2: less than the region proves nothing, since organs may be missing
    [(10, "fail"), (11, "pass"), (12, "not_assessable")],
)
def test_a_regional_sum_is_no_smaller_than_its_parts_together(judge, make_report, total, verdict) -> None:
    found = judge(region_with(make_report, total, {"甲镇": 9, "乙镇": 2}), "甲市人民政府")
    assert found["R22", "requests.new_received.total"][0] == "pass"
    assert found["R22", "requests.new_received.total.sum"] == (verdict, Decimal(11), Decimal(total))


@pytest.mark.parametrize(
    "changes",
    [
        {"region_code": "990201"},
        {"organ_kind_code": "vertical_organ"},
        {"identity_basis_code": "provisional"},
        {"scope_code": "level_own"},
    ],
    ids=str,
)
def test_what_is_no_part_of_a_region_is_not_added(judge, make_report, changes) -> None:
    found = judge(region_with(make_report, 1, {"甲镇": 9}, **changes), "甲市人民政府")
    assert not any(rule == "R22" for rule, _ in found)


def test_an_offices_report_is_compared_but_not_added(judge, make_report) -> None:
    found = judge(region_with(make_report, 1, {"甲县人民政府办公室": 9}, scope_code="office_own"), "甲市人民政府")
    assert found["R22", "requests.new_received.total"][0] == "fail"
    assert found["R22", "requests.new_received.total.sum"] == ("not_assessable", None, Decimal(1))


def test_every_term_names_a_cell_of_some_edition() -> None:
    cells = {cell.code for edition in load_editions() for cell in edition.cells()}
    assert {row["cell_code"] for row in cross_rule_term_rows()} <= cells
