"""Governments that owe a report whether or not one was seen."""

from __future__ import annotations

import pytest

from pipeline.facts.expected import expected_organ_rows, write_expected_organs
from pipeline.paths import DataPaths


@pytest.fixture(scope="module")
def organs():
    return {row["agency_id"]: row for row in expected_organ_rows()}


def test_a_county_and_its_towns_have_their_governments(organs) -> None:
    county = organs["cn-410308-gov"]
    assert (county["agency_name"], county["organ_kind_code"]) == ("洛阳市孟津区人民政府", "government")
    town = organs["cn-410308101-gov"]
    assert (town["agency_name"], town["organ_kind_code"]) == ("洛阳市孟津区会盟镇人民政府", "township_government")
    street = organs["cn-410308003-gov"]
    assert (street["agency_name"], street["organ_kind_code"]) == ("洛阳市孟津区康乐街道办事处", "street_office")


def test_a_county_that_ended_is_expected_until_then(organs) -> None:
    assert organs["cn-410322-gov"]["valid_to_year"] == 2020
    assert organs["cn-410308-gov"]["valid_from_year"] == 2021


def test_what_ended_before_the_first_reports_and_farms_are_not_expected(organs) -> None:
    assert all((row["valid_to_year"] or 9999) >= 2008 for row in organs.values())
    assert not [row["agency_name"] for row in organs.values() if row["agency_name"].endswith("场")]


def test_the_numbers_are_those_of_the_divisions(organs) -> None:
    levels = [row["division_level"] for row in organs.values() if row["valid_to_year"] is None]
    assert levels.count("province") == 34
    assert 2_800 < levels.count("county") < 2_900
    assert 38_000 < levels.count("township") < 40_000


def test_the_stage_is_written_once(tmp_path) -> None:
    paths = DataPaths(tmp_path)
    assert write_expected_organs(paths) > 40_000
    assert write_expected_organs(paths) == 0
