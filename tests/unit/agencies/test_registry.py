from __future__ import annotations

import pytest

from pipeline.agencies.registry import load_registry, make_registry, normalise_name, resolve_agency


def line(agency_id: str, name: str, aliases: str = "") -> dict[str, str]:
    return {
        "agency_id": agency_id,
        "agency_name": name,
        "alias_names": aliases,
        "organ_kind_code": "township_government",
        "region_code": "999999001",
        "region_path_text": "某省 某县",
    }


@pytest.mark.parametrize(
    ("printed", "region"),
    [
        ("会盟镇人民政府", "410308101"),
        ("洛阳市孟津区会盟镇人民政府", "410308101"),
        (" 陆浑镇　人民政府\n", "410325111"),
        ("孟津区人民政府办公室", "410308"),
        ("孟津区城关镇人民政府", "410308100"),
        ("孟州市化工镇人民政府", "410883100"),
    ],
)
def test_a_settled_name_gives_its_agency(printed, region):
    match = resolve_agency(printed, load_registry(), "d1")
    assert (match.region_code, match.method, match.candidates) == (region, "registry", ())
    assert match.agency_id.startswith(f"cn-{region}-")


def test_the_files_rows_are_well_formed():
    agencies = {a.agency_id: a for found in load_registry().by_name.values() for a in found}
    for agency in agencies.values():
        assert agency.region_code.isdigit()
        assert len(agency.region_code) in (6, 9)
        assert agency.agency_id.startswith(f"cn-{agency.region_code}-")
        assert agency.region_path_text
        assert agency.organ_kind_code


@pytest.mark.parametrize("printed", ["城关镇人民政府", "会盟镇", "孟津县会盟镇人民政府", "会盟镇人民政府办公室"])
def test_a_similar_name_is_no_match(printed):
    match = resolve_agency(printed, load_registry(), "d1")
    assert (match.method, match.region_code, match.organ_kind_code) == ("provisional", None, None)
    assert match.agency_id.startswith("p-")


def test_a_name_of_several_agencies_is_not_guessed():
    registry = make_registry(
        [line("a", "甲县城关镇人民政府", "城关镇人民政府"), line("b", "乙县城关镇人民政府", "城关镇人民政府")]
    )
    match = resolve_agency("城关镇人民政府", registry, "d1")
    assert (match.method, match.region_code) == ("provisional", None)
    assert [agency.agency_id for agency in match.candidates] == ["a", "b"]
    assert resolve_agency("甲县城关镇人民政府", registry, "d1").agency_id == "a"


def test_a_provisional_identity_depends_on_the_name_alone():
    registry = make_registry([])
    first, second = (
        resolve_agency(name, registry, d) for name, d in (("无名（乡）政府", "d1"), ("无名 (乡) 政府", "d2"))
    )
    assert first == second
    assert first.agency_id != resolve_agency("有名乡政府", registry, "d1").agency_id


def test_two_nameless_reports_are_two_agencies():
    registry = make_registry([])
    one, other = resolve_agency("", registry, "d1"), resolve_agency(" 　", registry, "d2")
    assert one.agency_id != other.agency_id
    assert one == resolve_agency("", registry, "d1")
    assert one.agency_name == ""


def test_an_alias_that_repeats_the_name_is_one_candidate():
    registry = make_registry([line("a", "丙镇人民政府", "丙镇人民政府|丙镇 人民政府|")])
    assert resolve_agency("丙镇人民政府", registry, "d1").agency_id == "a"
    assert "" not in registry.by_name


def test_an_identifier_given_twice_is_refused():
    with pytest.raises(ValueError, match="gives a twice"):
        make_registry([line("a", "甲"), line("a", "乙")])


def test_names_are_compared_without_width_or_white_space():
    assert normalise_name("Ａ县 （甲）\t局") == "A县(甲)局"
