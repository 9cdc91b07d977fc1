"""The gazetteer: what its table says of known places, what look-ups promise, and that the file keeps its own rules."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from pipeline.contract.divisions import (
    CHANGES_FILE,
    LEVELS,
    Gazetteer,
    load_gazetteer,
    read_gazetteer,
    read_vocabulary,
    stem_of,
)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


def codes(divisions) -> list[str]:
    return [division.code for division in divisions]


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("410308101", "河南省 洛阳市 孟津区 会盟镇"),
        ("410325111", "河南省 洛阳市 嵩县 陆浑镇"),
        ("410883100", "河南省 焦作市 孟州市 化工镇"),
        ("110101", "北京市 东城区"),
        ("500151", "重庆市 铜梁区"),
        ("419001001", "河南省 济源市 沁园街道"),
        ("429004", "湖北省 仙桃市"),
        ("659001", "新疆维吾尔自治区 石河子市"),
        ("441900003", "广东省 东莞市 东城街道"),
        ("460400", "海南省 儋州市"),
        ("620171", "甘肃省 兰州市 兰州新区"),
        ("810000", "香港特别行政区"),
        ("000000", ""),
    ],
)
def test_a_path_is_named_from_the_province_down(gazetteer, code, path):
    assert gazetteer.path_text(code) == path


@pytest.mark.parametrize("code", ["441900", "442000", "460400", "620200"])
def test_towns_hang_under_a_prefecture_without_counties(gazetteer, code):
    children = gazetteer.children(code)
    assert len(children) >= 5
    assert {child.level for child in children if child.valid_to is None} == {"township"}


def test_a_merger_leads_both_ways(gazetteer):
    old = gazetteer.by_code("410322")
    assert (old.name, old.valid_from, old.valid_to, old.successor_codes) == ("孟津县", 1983, 2020, ("410308",))
    new = gazetteer.by_code("410308")
    assert (new.valid_from, new.valid_to, new.successor_codes) == (2021, None, ())
    assert codes(gazetteer.predecessors("410308")) == ["410306", "410322"]
    assert codes(gazetteer.predecessors("410307")) == ["410381"]


def test_a_division_shared_out_has_several_successors(gazetteer):
    assert gazetteer.by_code("130421").successor_codes == ("130402", "130403")
    assert "130421" in codes(gazetteer.predecessors("130402"))


def test_codes_dealt_out_anew_make_no_successions(gazetteer):
    """In 1982 whole prefectures swapped codes among their counties, in 1993 two counties of Hebei did."""
    for county in gazetteer.all_of_code("142121"):
        assert county.successor_codes != ("142121",)
    assert all(holder.successor_codes != ("130123",) for holder in gazetteer.all_of_code("130123"))


def test_a_code_has_its_holders_from_old_to_new(gazetteer):
    holders = gazetteer.all_of_code("420600")
    assert [holder.name for holder in holders] == ["襄樊市", "襄阳市"]
    assert gazetteer.by_code("420600") == holders[-1]
    assert holders[0].successor_codes == ("420600",)
    assert gazetteer.holder_in("420600", 2008) == holders[0]
    assert gazetteer.holder_in("420600", None) == holders[1]
    assert gazetteer.all_of_code("42060") == ()
    assert gazetteer.by_code("") is None


def test_ancestors_are_those_of_the_divisions_own_time(gazetteer):
    # The prefecture of this code was another one before 2021; the county ended in 1982
    assert [each.name for each in gazetteer.ancestors("412522")] == ["河南省", "洛阳地区"]
    assert gazetteer.ancestors("410000") == ()


def test_a_name_finds_every_division_that_ever_had_it(gazetteer):
    assert codes(gazetteer.by_name("会盟镇")) == ["410308101"]
    assert {division.code for division in gazetteer.by_name("孟津县")} == {"410322", "412522"}
    towns = gazetteer.by_name("城关镇")
    assert len(towns) > 80
    assert codes(towns) == sorted(codes(towns))
    assert gazetteer.by_name("会盟") == ()


def test_a_stem_finds_divisions_of_every_kind(gazetteer):
    assert {division.name for division in gazetteer.by_stem("孟津")} == {"孟津县", "孟津区"}
    assert {division.name for division in gazetteer.by_stem("嵩县")} == {"嵩县"}
    assert gazetteer.by_stem("嵩") == ()


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("河南省", "河南"),
        ("内蒙古自治区", "内蒙古"),
        ("新疆维吾尔自治区", "新疆"),
        ("积石山保安族东乡族撒拉族自治县", "积石山"),
        ("克孜勒苏柯尔克孜自治州", "克孜勒苏"),
        ("鄂温克族自治旗", "鄂温克"),
        ("大兴安岭地区", "大兴安岭"),
        ("万柏林区", "万柏林"),
        ("浦东新区", "浦东"),
        ("城关镇", "城关"),
        ("漓东街道办事处", "漓东"),
        ("长哨营满族乡", "长哨营"),
        ("城区", "城区"),
        ("八五〇农场", "八五〇农场"),
    ],
)
def test_a_stem_is_the_name_without_its_suffix(name, stem):
    assert stem_of(name) == stem


def test_the_file_keeps_its_rules(gazetteer):
    rows = list(gazetteer)
    assert len(rows) == len(gazetteer) > 49_000
    assert [row.code for row in rows] == sorted(row.code for row in rows)
    known = {row.code for row in rows}
    digits = dict(zip(LEVELS, (6, 6, 6, 9), strict=True))
    for row in rows:
        assert re.fullmatch(rf"\d{{{digits[row.level]}}}", row.code)
        assert row.name
        assert (row.parent_code in known) != (row.level == "province")
        for code in row.successor_codes:
            year = row.valid_to + 1
            holder = gazetteer.holder_in(code, year)
            assert (holder.valid_from or year) <= year <= (holder.valid_to or year)


def test_a_town_s_code_says_its_county(gazetteer):
    towns = [row for row in gazetteer if row.level == "township"]
    assert len(towns) == 41_352
    elsewhere = [town for town in towns if not town.code.startswith(town.parent_code[:4])]
    assert not elsewhere


def test_the_file_was_made_from_the_changes_that_are_listed(gazetteer):
    for row in read_vocabulary(CHANGES_FILE):
        (ended,) = (
            holder
            for holder in gazetteer.all_of_code(row["code"])
            if (holder.name, holder.valid_to) == (row["name"], int(row["year"]) - 1)
        )
        assert row["successor_code"] in ended.successor_codes, "make divisions.csv anew: see CONTRIBUTING.md"
        assert row["reason"]
        assert row["source"]


def test_every_division_that_ended_since_reports_exist_has_a_successor(gazetteer):
    lost = [row for row in gazetteer if row.valid_to and row.valid_to >= 2007 and not row.successor_codes]
    assert not lost


def test_a_file_of_another_form_is_refused(tmp_path):
    path = tmp_path / "divisions.csv"
    path.write_text("# a comment\ncode,name\n410000,河南省\n", encoding="utf-8")
    with pytest.raises(ValueError, match="columns are not code,name,level"):
        read_gazetteer(path)


def test_looking_a_division_up_imports_nothing_heavy():
    script = (
        "import sys; from pipeline.contract.divisions import load_gazetteer\n"
        "load_gazetteer().by_code('410308')\n"
        "print(*sorted({'polars', 'pyarrow', 'duckdb', 'lxml'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "\n"
