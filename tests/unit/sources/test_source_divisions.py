from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.contract.divisions import load_gazetteer
from pipeline.sources.divisions import check_divisions
from pipeline.sources.registry import load_sources


def test_every_registered_division_is_there_and_of_its_level() -> None:
    assert check_divisions(load_sources(), load_gazetteer()) == ()


@pytest.mark.parametrize(
    ("code", "level", "said"),
    [
        ("419999", "county", "no division has the code"),
        ("410300", "county", "a prefecture, but division_level says county"),
        ("410322", "county", "ended in"),
    ],
)
def test_a_division_that_is_not_is_named(code: str, level: str, said: str) -> None:
    wrong = replace(load_sources()[0], division_code=code, division_level=level)
    ((source_id, fault),) = check_divisions([wrong], load_gazetteer())
    assert source_id == wrong.source_id
    assert said in fault
