"""Bridges lead from cells that an older form has to cells, or groups of them, that the form in force has."""

from __future__ import annotations

from collections import Counter

from pipeline.contract.bridges import TARGET_EDITION, bridge_rows
from pipeline.contract.editions import edition_by_code
from pipeline.contract.frames import make_frame

# What marts add up: groups of outcomes, and both kinds of lawsuits
GROUPS = {
    "requests.disclosed",
    "requests.denied",
    "requests.unavailable",
    "requests.unprocessed",
    "requests.other",
    "disputes.litigation",
}


def cells_of(edition_code: str) -> set[str]:
    tables = edition_by_code(edition_code).tables
    return {cell.code for table in tables for row in table.rows for cell in table.row_cells(row)}


def test_both_ends_of_a_bridge_exist() -> None:
    frame = make_frame("meta.bridge", bridge_rows())
    assert frame.select("edition_code", "cell_code", "target_code").is_duplicated().sum() == 0
    for row in frame.iter_rows(named=True):
        assert row["cell_code"] in cells_of(row["edition_code"]), row
        target = row["target_code"]
        assert not target or target in cells_of(TARGET_EDITION) or target.rpartition(".")[0] in GROUPS, row
        assert (row["comparability_code"] == "none") or target, row


def test_every_cell_of_the_form_of_2019_is_said_to_compare_or_not() -> None:
    said = {row["cell_code"] for row in bridge_rows() if row["edition_code"] == "ED_2019"}
    assert {cell.code for cell in edition_by_code("ED_2019").cells()} <= said


def test_what_old_groups_leave_out_is_no_answer() -> None:
    # The parts of all answers come to the groups of today, each answer once: 不是政府信息 moves from one to another
    answers = Counter[str]()
    for row in bridge_rows():
        if row["edition_code"] == "ED_2014" and str(row["target_code"]).startswith("requests."):
            answers[str(row["cell_code"]).split(".")[1]] += int(str(row["sign"]))
    parts = ("c26", "c27", "c28", "c29", "c36", "c37", "c38", "c39")
    assert {code: count for code, count in answers.items() if code[:3] in parts} == {
        code: 1 for code in answers if code[:3] in parts
    }
    assert {code[:3] for code in answers} == {*parts, "c17", "c25", "c34"}
    assert answers["c34_not_gov_info"] == 0
