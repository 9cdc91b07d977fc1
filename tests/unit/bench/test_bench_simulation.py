"""Simulated reports: consistent, repeatable, told apart by name and year."""

from __future__ import annotations

import itertools
import re

import pytest

from bench.corpus import build_corpus
from bench.figures import load_figures
from bench.model import parse_printed
from bench.simulate import break_row_total, list_broken_rules, name_agency, simulate_report, simulate_reports
from bench.wording import list_form_codes, merge_rows
from pipeline.contract.editions import edition_by_code

FORM_CODES = set(list_form_codes())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_balance_identity_holds(seed):
    for report in simulate_reports(60, seed):
        assert set(report.cells) == FORM_CODES
        assert list_broken_rules(report.cells) == []


def test_a_corpus_has_requests_and_disputes_to_read():
    reports = list(simulate_reports(100, 5))
    received = [int(report.cells["requests.new_received.total"]) for report in reports]
    assert max(received) >= 50
    assert 20 <= sum(count == 0 for count in received) <= 80
    assert any(report.cells["disputes.lit_after_review.total"] != "0" for report in reports)


def test_the_same_seed_gives_the_same_report_whatever_the_count():
    assert list(simulate_reports(12, 7))[11] == simulate_report(11, 7)
    assert simulate_report(11, 7) != simulate_report(11, 8)


def test_requests_are_carried_from_one_year_to_the_next():
    reports = list(simulate_reports(100, 4))
    pairs = [(a, b) for a, b in itertools.pairwise(reports) if a.agency_name == b.agency_name]
    assert len(pairs) == 80
    for earlier, later in pairs:
        assert earlier.cells["requests.carried_out.total"] == later.cells["requests.carried_in.total"]


def test_agencies_are_told_apart():
    names = [name_agency(number) for number in range(5000)]
    assert len(set(names)) == 5000
    with pytest.raises(ValueError, match=r"names\.yml names \d+ agencies"):
        name_agency(10**6)


def test_a_broken_row_total_breaks_its_row_and_only_what_depends_on_it():
    broken = break_row_total(simulate_report(0, 1), "granted")
    assert list_broken_rules(broken.cells) == ["R02 total", "R03 granted"]


def test_a_row_without_a_total_cannot_be_broken():
    with pytest.raises(ValueError, match="choose a row with a total"):
        break_row_total(load_figures()["kewei-2024"], "carried_out")


def test_the_form_has_two_hundred_cells_which_are_those_of_the_contract():
    assert len(FORM_CODES) == 200
    assert {cell.code for cell in edition_by_code("ED_2021").cells()} == FORM_CODES


def test_merged_rows_keep_the_sums():
    report = next(r for r in simulate_reports(60, 3) if r.cells["requests.other_misc.total"] != "0")
    merged = merge_rows(report.cells, "other_total")
    assert len(merged) == 200 - 14
    assert int(merged["requests.other_total.total"]) >= int(report.cells["requests.other_misc.total"])
    assert list_broken_rules(merged) == []
    assert list_broken_rules({**merged, "requests.other_total.total": "999"}) == ["R02 total", "R03 other_total"]


@pytest.mark.parametrize("key", sorted(load_figures()))
def test_real_figures_hold_their_identities(key):
    report = load_figures()[key]
    assert list_broken_rules(report.cells) == []
    assert len(report.cells) == (186 if key == "hongze-2024" else 200)


def test_narratives_say_the_numbers_of_the_tables():
    for report in load_figures().values():
        stated = " ".join(report.narrative["S1"])
        received = report.cells["requests.new_received.total"]
        if received != "0" and report.cells["requests.carried_out.total"]:
            assert re.search(rf"\D{received}\D", stated), report.agency_name
        assert "{" not in "".join(text for texts in report.narrative.values() for text in texts)


def test_a_count_that_is_not_printed_is_not_stated():
    report = load_figures()["kewei-2024"]
    assert report.cells["requests.carried_out.total"] == ""
    assert "34" not in "".join(report.narrative["S1"])


def test_a_corpus_contains_contradictions_and_marks():
    documents = list(build_corpus(150, 9))
    assert len({document.name for document in documents}) == 150
    assert any(list_broken_rules(document.values) for document in documents)
    assert any("" in document.values.values() for document in documents)


@pytest.mark.parametrize(
    ("printed", "value"),
    [("0", "0"), ("1,234", "1234"), ("１２", "12"), ("12.5000", "12.5000"), ("", None), ("/", None), ("无", None)],
)
def test_what_a_printed_cell_is_worth(printed, value):
    assert (None if value is None else str(parse_printed(printed))) == value
