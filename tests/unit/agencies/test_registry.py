from __future__ import annotations

import pytest

from pipeline.agencies.names import normalise_name
from pipeline.agencies.organs import list_department_names, list_kinds
from pipeline.agencies.regions import load_places
from pipeline.agencies.registry import load_registry, make_registry


def line(agency_id: str, name: str, aliases: str = "") -> dict[str, str]:
    return {
        "agency_id": agency_id,
        "agency_name": name,
        "alias_names": aliases,
        "organ_kind_code": "township_government",
        "department_code": "",
        "region_code": "999999001",
        "region_path_text": "某省 某县",
    }


def test_the_files_rows_are_well_formed():
    agencies = load_registry().by_id.values()
    assert agencies
    for agency in agencies:
        assert agency.organ_kind_code in list_kinds()
        assert agency.department_code in ("", *list_department_names())
        (*_, holder) = load_places().by_code(agency.region_code)
        assert agency.region_path_text == load_places().path_text(holder)
        assert agency.agency_id.startswith(f"cn-{load_places().anchor(holder)}-")


def test_an_alias_that_repeats_the_name_is_one_entry():
    registry = make_registry([line("a", "丙镇人民政府", "丙镇人民政府|丙镇 人民政府|")])
    assert [agency.agency_id for agency in registry.by_name["丙镇人民政府"]] == ["a"]
    assert "" not in registry.by_name


def test_an_identifier_given_twice_is_refused():
    with pytest.raises(ValueError, match="gives a twice"):
        make_registry([line("a", "甲"), line("a", "乙")])


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        ([{"document_id": "d1", "agency_id": "x", "reason": "why"}], "no agency x"),
        ([{"document_id": "d1", "agency_id": "a", "reason": " "}], "no reason"),
        ([{"document_id": "d1", "agency_id": "a", "reason": "why"}] * 2, "decides twice"),
    ],
)
def test_a_correction_that_cannot_be_followed_is_refused(entries, complaint):
    with pytest.raises(ValueError, match=complaint):
        make_registry([line("a", "甲")], entries)


def test_names_are_compared_without_width_or_white_space():
    assert normalise_name("Ａ县 （甲）\t局") == "A县(甲)局"
