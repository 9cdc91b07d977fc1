"""The measurement of a warehouse at size, with a handful of rows: they are published as real ones are.

What they do not keep are two promises that are warnings: their figures are those of a few reports over and over, and
changing them makes some rates larger than one.
"""

from __future__ import annotations

import pytest

from bench import warehouse


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    with pytest.MonkeyPatch.context() as patch:
        # A hundredth of so few may be none
        patch.setattr(warehouse, "CHANGED_SHARE", 0.1)
        return warehouse.measure_warehouse(folder, 60, (2023, 2024), 12, lambda text: None)


def test_every_night_is_published_and_only_what_changed_is_new(measured) -> None:
    first, same, changed = measured["nights"].values()
    assert measured["cells"] == 60 * 2 * 200
    assert first["build_id"] == same["build_id"] != changed["build_id"]
    assert 0 < changed["changed reports"] < 20
    assert [night["not built"] for night in measured["nights"].values()] == [[], [], []]
    failed = {check for night in measured["nights"].values() for check in night["failed checks"]}
    assert failed <= {"year_is_not_copied", "rate_between_zero_and_one"}


def test_every_question_is_answered(measured) -> None:
    assert len(measured["questions"]) >= 20
    assert min(measured["questions"].values()) > 0
