"""Versions: copies, changed sentences, changed figures, and which document stands for the latest."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from pipeline.facts.fingerprints import fingerprint_figures, fingerprint_text
from pipeline.facts.versions import Candidate, number_versions
from pipeline.reports.model import CellReading, CellState, Section

START = dt.datetime(2023, 1, 20, tzinfo=dt.UTC)


def candidate(name: str, day: int, figures: str, text: str) -> Candidate:
    return Candidate(name, START + dt.timedelta(days=day), figures, text)


def summarise(*candidates: Candidate) -> list[tuple[str, int, str, bool]]:
    return [(one.report_id, one.number, str(one.change), one.is_latest) for one in number_versions(candidates)]


def test_the_same_report_at_two_addresses_is_one_version() -> None:
    assert summarise(candidate("page", 0, "f", "t"), candidate("mirror", 5, "f", "t")) == [
        ("page", 1, "first", True),
        ("mirror", 1, "copy", False),
    ]


def test_a_later_change_of_figures_or_sentences_is_a_version_of_its_own() -> None:
    assert summarise(
        candidate("corrected", 9, "g", "t"), candidate("first", 0, "f", "t"), candidate("reworded", 4, "f", "u")
    ) == [("first", 1, "first", False), ("reworded", 2, "text", False), ("corrected", 3, "figures", True)]


def test_a_stale_copy_found_late_does_not_become_the_latest() -> None:
    assert summarise(
        candidate("first", 0, "f", "t"), candidate("corrected", 3, "g", "t"), candidate("stale", 90, "f", "t")
    ) == [("first", 1, "first", False), ("corrected", 2, "figures", True), ("stale", 1, "copy", False)]


def test_captures_of_one_moment_are_ordered_by_identifier() -> None:
    assert summarise(candidate("b", 0, "g", "t"), candidate("a", 0, "f", "t"))[0][0] == "a"


def test_no_documents_no_versions() -> None:
    assert number_versions([]) == ()


CELL = CellReading("requests.granted.total", Decimal(5), "件", CellState.REPORTED, "5", "T1 R2 C3", "grid", "x", 0)


def test_figures_do_not_depend_on_how_they_are_printed() -> None:
    printed = replace(CELL, value=Decimal("5.0"), raw="５．0", locator="P2 T1 R9 C9", method="tokens")
    other = replace(CELL, code="requests.granted.natural_person")
    assert fingerprint_figures([CELL, other]) == fingerprint_figures([other, printed])


def test_a_blank_is_not_a_zero_and_an_unprinted_cell_is_nothing() -> None:
    zero = replace(CELL, value=Decimal(0))
    blank = replace(CELL, value=None, state=CellState.BLANK)
    absent = replace(CELL, value=None, state=CellState.ABSENT)
    assert len({fingerprint_figures([one]) for one in (CELL, zero, blank, absent)}) == 4
    assert fingerprint_figures([absent]) == fingerprint_figures([])


def test_text_is_compared_without_white_space_and_width() -> None:
    section = Section("S1", "一、总体情况", "全年收到申请５件。\n均已办结。", "L3")
    assert fingerprint_text([section]) == fingerprint_text([replace(section, body="全年收到申请5件。均已办结。")])
    assert fingerprint_text([section]) != fingerprint_text([replace(section, body="全年收到申请6件。均已办结。")])
