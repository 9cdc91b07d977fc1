from __future__ import annotations

import datetime as dt

import pytest

from pipeline.archive.captures import Fetch, make_capture
from pipeline.orchestration.regions import find_source_region, list_provinces, region_of_division
from pipeline.sources.registry import load_sources


def test_there_are_thirty_four_provinces():
    assert len(list_provinces()) == 34
    assert list_provinces()[0] == "110000"


@pytest.mark.parametrize(
    ("division", "region"),
    [
        ("410322", "410000"),
        ("410322101", "410000"),
        ("410000", "410000"),
        ("000000", "unknown"),
        ("990000", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_division_lies_in_a_province(division, region):
    assert region_of_division(division) == region


def test_a_capture_is_from_the_province_of_its_source():
    source = load_sources()[0]
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

    def capture(source_id):
        return make_capture(source.column_url, "0" * 64, moment, "text/html", 1, Fetch(source_id=source_id))

    assert find_source_region(capture(source.source_id)) == f"{source.division_code[:2]}0000"
    assert find_source_region(capture("no-such-source")) == find_source_region(capture(None)) == "unknown"
