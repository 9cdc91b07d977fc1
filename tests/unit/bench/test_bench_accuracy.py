"""Judging tells right, wrong, missed and invented apart, and adds up over documents and batches."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bench.accuracy import (
    DAMAGES,
    Fault,
    Tally,
    compare_cells,
    judge_documents,
    judge_mutations,
    tally_reading,
)
from bench.formats import DIRECT_FORMATS
from bench.simulate import simulate_report
from pipeline.issues import Issue, IssueCode
from pipeline.orchestration.reading import Reading
from pipeline.reports.model import CellReading, CellState, Report

REPORT = simulate_report(0, 1)


def read_cell(code: str, value: str | None, state: CellState = CellState.REPORTED) -> CellReading:
    return CellReading(code, None if value is None else Decimal(value), "", state, value or "", "", "")


def read_as(report: Report, failure: Issue | None = None) -> Reading:
    return Reading(report, failure=failure)


@pytest.mark.parametrize(
    ("printed", "cells", "right", "kinds"),
    [
        ({"a": "3"}, [read_cell("a", "3")], 1, []),
        ({"a": "12.50"}, [read_cell("a", "12.5")], 1, []),
        ({"a": "3"}, [read_cell("a", "8")], 0, ["wrong"]),
        ({"a": "0"}, [read_cell("a", None, CellState.BLANK)], 0, ["missed"]),
        ({"a": "0"}, [], 0, ["missed"]),
        ({"a": ""}, [read_cell("a", "0")], 0, ["invented"]),
        ({}, [read_cell("a", "0")], 0, ["invented"]),
        ({"a": ""}, [read_cell("a", None, CellState.SLASH)], 0, []),
        ({}, [read_cell("a", None, CellState.ABSENT)], 0, []),
    ],
)
def test_what_a_cell_counts_as(printed, cells, right, kinds):
    counted, faults = compare_cells("x.txt", printed, cells)
    assert (counted, [fault.kind for fault in faults]) == (right, kinds)


def test_a_fault_says_what_was_printed_and_what_was_read():
    _, faults = compare_cells("x.txt", {"a": "3", "b": "4"}, [read_cell("b", None, CellState.AMBIGUOUS)])
    assert faults == [Fault("missed", "x.txt", "a", "3", "", ""), Fault("missed", "x.txt", "b", "4", "ambiguous", "")]


def test_a_refused_document_misses_every_number_and_counts_under_its_reason():
    refused = read_as(Report(False, reject_reason=IssueCode.NOT_A_REPORT))
    tally = tally_reading("x.txt", {"a": "1", "b": "2"}, refused, REPORT)
    assert (tally.missed, tally.misidentified, tally.exceptions) == (2, 1, 0)
    assert tally.outcomes == {IssueCode.NOT_A_REPORT.value: 1}
    assert len(tally.faults) == 1  # one of each kind leads back to the document


def test_a_broken_reader_is_an_exception():
    issue = Issue(IssueCode.READER_CRASHED, "boom")
    broken = read_as(Report(False, reject_reason=issue.code, issues=(issue,)), issue)
    assert tally_reading("x.txt", {}, broken, None).exceptions == 1


def test_another_year_is_a_misidentification_where_identity_counts():
    other = read_as(Report(True, agency_name=REPORT.agency_name, report_year=REPORT.report_year + 1))
    assert tally_reading("x.txt", {}, other, REPORT).misidentified == 1
    assert tally_reading("x.txt", {}, other, None).misidentified == 0


def test_tallies_add_up_and_keep_the_worst_faults():
    total = Tally()
    for number in range(9):
        kind = "wrong" if number > 6 else "missed"
        fault = Fault(kind, f"{number}.txt", "a", "1", "2", "2")
        total.add(Tally(documents=1, right=2, wrong=kind == "wrong", outcomes={"report": 1}, faults=[fault]))
    assert (total.documents, total.right, total.wrong, total.outcomes) == (9, 18, 2, {"report": 9})
    assert [fault.kind for fault in total.faults][:2] == ["wrong", "wrong"]
    assert len(total.faults) == 5


def test_simulated_documents_are_read_right_in_every_format_of_our_own():
    tallies = judge_documents(range(40), 3, DIRECT_FORMATS)
    assert sum(tally.documents for tally in tallies.values()) == 40
    assert tallies.keys() <= set(DIRECT_FORMATS)
    for name, tally in tallies.items():
        found = (tally.wrong, tally.missed, tally.invented, tally.exceptions, tally.misidentified)
        assert found == (0, 0, 0, 0, 0), (name, tally.faults)
        assert tally.right > 100 * tally.documents


def test_every_kind_of_damage_is_judged():
    tallies = judge_mutations(range(len(DAMAGES)), 2)
    assert tallies.keys() == {kind for kind, _ in DAMAGES}
    assert sum(tally.documents for tally in tallies.values()) == len(DAMAGES)
    assert sum(tally.wrong + tally.invented + tally.exceptions for tally in tallies.values()) == 0
