"""Rows of running text in which a number of the page, of a line or of the next row may have taken a blank's place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from pipeline.issues import IssueCode
from pipeline.reports.model import CellState, Report

ReadLines = Callable[[Sequence[str]], Report]
NEW = "requests.new_received."
CARRIED = "requests.carried_in."
# One applicant is left blank, and the sum is, by chance, the number that follows
GAPPED = "0 1 0 0 0 1"


def _states(report: Report, start: str) -> set[CellState]:
    return {cell.state for cell in report.cells if cell.code.startswith(start)}


def _find(lines: Sequence[str], start: str) -> int:
    return next(i for i, line in enumerate(lines) if line.startswith(start))


def _is_refused(report: Report, start: str) -> bool:
    return _states(report, start) == {CellState.AMBIGUOUS} and any(
        issue.code is IssueCode.ROW_WIDTH for issue in report.issues
    )


def test_the_number_of_the_next_row_is_not_a_missing_sum(lines: list[str], read_lines: ReadLines) -> None:
    at = _find(lines, "一、本年新收")
    label = lines[at].split()[0]
    report = read_lines([*lines[:at], f"{label} {GAPPED}", f"2 {lines[at + 1]}", *lines[at + 2 :]])
    assert _is_refused(report, NEW)
    assert _states(report, CARRIED) == {CellState.REPORTED}


def test_a_page_number_below_a_row_is_not_a_missing_sum(lines: list[str], read_lines: ReadLines) -> None:
    at = _find(lines, "一、本年新收")
    label = lines[at].split()[0]
    report = read_lines([*lines[:at], f"{label} {GAPPED}", "2", *lines[at + 1 :]])
    assert _is_refused(report, NEW)
    assert _states(report, CARRIED) == {CellState.REPORTED}


def test_a_number_behind_every_line_is_not_a_missing_sum(lines: list[str], read_lines: ReadLines) -> None:
    at, end = _find(lines, "一、本年新收"), _find(lines, "四、政府信息公开行政复议")
    numbered = [f"{line} {n}" for n, line in enumerate(lines[at + 1 : end], 3)]
    label = lines[at].split()[0]
    report = read_lines([*lines[:at], f"{label} {GAPPED} 2", *numbered, *lines[end:]])
    assert _is_refused(report, NEW)


@pytest.mark.parametrize("page_number", ["3", "12"])
def test_a_page_number_is_not_the_only_value_of_a_row(
    lines: list[str], read_lines: ReadLines, page_number: str
) -> None:
    at = _find(lines, "行政许可")
    report = read_lines([*lines[:at], "行政许可", page_number, *lines[at + 1 :]])
    assert _is_refused(report, "proactive.licensing")
    assert _states(report, "proactive.penalty") == {CellState.REPORTED}


def test_a_page_number_is_not_the_last_of_three_values(lines: list[str], read_lines: ReadLines) -> None:
    at = _find(lines, "规章")
    report = read_lines([*lines[:at], "规章 0 5", "3", *lines[at + 1 :]])
    assert _is_refused(report, "proactive.regulations")
    assert _states(report, "proactive.normative_docs") == {CellState.REPORTED}


def _one_value_a_line(lines: Sequence[str]) -> list[str]:
    begin, end = _find(lines, "一、本年新收"), _find(lines, "四、政府信息公开行政复议")
    return [*lines[:begin], *(word for line in lines[begin:end] for word in line.split()), *lines[end:]]


def test_one_value_a_line_is_read_where_the_sums_over_rows_hold(read_lines: ReadLines, lines: list[str]) -> None:
    balanced = [line.rsplit(" ", 7)[0] + " 0" * 7 if line.endswith(_counts(line)) else line for line in lines]
    at = _find(balanced, "一、本年新收")
    balanced[at] = balanced[at].split()[0] + " 1 0 0 0 0 0 1"
    for start in ("（一）予以公开", "（七）总计"):
        row = _find(balanced, start)
        balanced[row] = balanced[row].split()[0] + " 1 0 0 0 0 0 1"
    assert _states(read_lines(_one_value_a_line(balanced)), "requests.") == {CellState.REPORTED}
    # The first applicant's blank: the others move up, and a page number stands for the sum
    broken = _one_value_a_line(balanced)
    at = _find(broken, "一、本年新收")
    broken[at + 1 : at + 8] = ["0", "0", "0", "0", "0", "2", "2"]
    assert _is_refused(read_lines(broken), NEW)


def _counts(line: str) -> str:
    values = line.split()[1:]
    return " ".join(values) if len(values) == 7 and all(value.isdigit() for value in values) else "\0"


def test_a_last_value_on_the_next_line_is_read_where_several_rows_are_wrapped_so(
    lines: list[str], read_lines: ReadLines
) -> None:
    wrapped = list(lines)
    for start in ("一、本年新收", "二、上年结转", "（一）予以公开"):
        at = _find(wrapped, start)
        head, _, total = wrapped[at].rpartition(" ")
        wrapped[at : at + 1] = [head, total]
    assert _states(read_lines(wrapped), "requests.granted.") == {CellState.REPORTED}
    assert _states(read_lines(wrapped), NEW) == {CellState.REPORTED}
