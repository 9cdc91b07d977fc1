"""What only the sums can settle: digits run together, labels torn off; and what they must leave alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from pipeline.contract.editions import edition_by_code
from pipeline.contract.identities import rules_of
from pipeline.issues import IssueCode
from pipeline.reports.glued import cut_digits
from pipeline.reports.model import CellState, Report
from pipeline.reports.sums import hard_places

ReadLines = Callable[[Sequence[str]], Report]


@pytest.mark.parametrize(
    ("runs", "widths", "ways"),
    [
        (["12200014"], [7], []),
        (["122000014"], [7], [(12, 2, 0, 0, 0, 0, 14)]),
        (["330000033"], [7], [(3, 30, 0, 0, 0, 0, 33), (33, 0, 0, 0, 0, 0, 33)]),
        (["0", "0", "0", "0", "0", "00"], [7], [(0,) * 7]),
        (["230", "000023"], [7], [(23, 0, 0, 0, 0, 0, 23)]),
        (["1000100000" + "00000"], [5, 5, 5], [(1, 0, 0, 0, 1, *(0,) * 10)]),
    ],
)
def test_digits_are_cut_where_rows_add_up(runs: list[str], widths: list[int], ways: list[tuple[int, ...]]) -> None:
    assert cut_digits(runs, widths, ends_in_sum=True) == ways


def test_a_number_never_spans_a_printed_separator() -> None:
    assert cut_digits(["1", "11", "2"], [4], ends_in_sum=False) == [(1, 1, 1, 2)]


@pytest.mark.parametrize("runs", [["12a"], ["1.5"], [""], ["1" * 80]])
def test_what_is_no_run_of_digits_has_no_reading(runs: list[str]) -> None:
    assert cut_digits(runs, [2], ends_in_sum=False) == []


# A balanced table: natural persons, five kinds of organisations, total
BALANCED = {
    "一、本年新收": [14, 2, 0, 0, 0, 1, 17],
    "二、上年结转": [1, 0, 0, 0, 0, 0, 1],
    "（一）予以公开": [10, 1, 0, 0, 0, 1, 12],
    "3.补正后申请内容仍不明确": [3, 0, 0, 0, 0, 0, 3],
    "2.重复申请": [1, 1, 0, 0, 0, 0, 2],
    "（七）总计": [14, 2, 0, 0, 0, 1, 17],
    "四、结转下年度": [1, 0, 0, 0, 0, 0, 1],
}


@pytest.fixture
def balanced(lines: list[str]) -> list[str]:
    """The form with a table 3 in which every sum holds."""
    start, end = _index(lines, "一、本年新收"), _index(lines, "四、结转下年度")
    for i in range(start, end + 1):
        label = lines[i].split(" ")[0]
        numbers = next((v for key, v in BALANCED.items() if label.startswith(key)), [0] * 7)
        lines[i] = " ".join([label, *map(str, numbers)])
    return lines


def _index(lines: Sequence[str], label: str) -> int:
    return next(i for i, line in enumerate(lines) if label in line)


def _values(report: Report, table: str) -> list[str]:
    return [str(c.value) for c in report.cells if c.code.startswith(table)]


def _glue(lines: list[str], first: str, last: str) -> None:
    for i in range(_index(lines, first), _index(lines, last) + 1):
        label, *numbers = lines[i].split(" ")
        lines[i] = label + "".join(numbers)


def test_a_table_flattened_into_one_line_is_read_by_its_sums(balanced: list[str], read_lines: ReadLines) -> None:
    whole = read_lines(balanced)
    start, end = _index(balanced, "二、主动公开"), _index(balanced, "五、存在")
    _glue(balanced, "一、本年新收", "四、结转下年度")
    balanced[end - 1] = balanced[end - 1].replace(" ", "")
    balanced[start:end] = ["".join(balanced[start:end])]
    report = read_lines(balanced)
    assert _values(report, "requests.") == _values(whole, "requests.")
    assert {c.method for c in report.cells if c.code.startswith("requests.")} == {"sums"}
    assert [s.code for s in report.sections] == ["S1", "S2", "S3", "S4", "S5", "S6"]


def test_every_number_cut_out_keeps_its_own_place(balanced: list[str], read_lines: ReadLines) -> None:
    _glue(balanced, "一、本年新收", "四、结转下年度")
    flat = "".join(balanced)
    for cell in read_lines([flat]).cells:
        if cell.method == "sums":
            first, last = map(int, cell.locator.removeprefix("L1:").split("-"))
            assert flat[first - 1 : last] == cell.raw == str(cell.value)


def test_a_flat_row_with_two_readings_stays_in_doubt(balanced: list[str], read_lines: ReadLines) -> None:
    _glue(balanced, "一、本年新收", "四、结转下年度")
    text = "".join(balanced).replace("行政规范性文件 8 11 3", "行政规范性文件 5845546")
    assert "5845546" in text
    report = read_lines([text])
    assert {c.state for c in report.cells if ".normative_docs." in c.code} == {CellState.AMBIGUOUS}


def test_a_table_whose_sums_fail_is_not_cut(balanced: list[str], read_lines: ReadLines) -> None:
    at = _index(balanced, "（七）总计")
    balanced[at] = "（七）总计 15 2 0 0 0 1 18"
    _glue(balanced, "（一）予以公开", "（一）予以公开")
    report = read_lines(["".join(balanced)])
    assert {c.state for c in report.cells if ".granted." in c.code} == {CellState.AMBIGUOUS}


def test_values_torn_from_their_labels_are_placed_when_all_sums_hold(
    balanced: list[str], read_lines: ReadLines
) -> None:
    whole = _values(read_lines(balanced), "requests.")
    at = _index(balanced, "3.补正后")
    _, *numbers = balanced[at].split(" ")
    balanced[at] = " ".join(["（注）", *numbers])
    report = read_lines(balanced)
    assert _values(report, "requests.") == whole
    assert [i.code for i in report.issues] == [IssueCode.LABEL_MISSING]


def test_values_torn_from_their_labels_are_left_alone_when_a_sum_fails(
    balanced: list[str], read_lines: ReadLines
) -> None:
    at = _index(balanced, "3.补正后")
    balanced[at] = "（注） 4 0 0 0 0 0 4"
    report = read_lines(balanced)
    assert {c.state for c in report.cells if ".unavailable_unclear." in c.code} == {CellState.ABSENT}
    assert IssueCode.VALUES_UNREAD in {i.code for i in report.issues}


def test_only_hard_rules_settle_a_reading() -> None:
    proactive = edition_by_code("ED_2021").table("proactive")
    soft = [r for r in rules_of("ED_2021") if r.kind == "at_most" and r.severity == "soft"]
    assert any(place.left[0].startswith("proactive.") for rule in soft for place in rule.places)
    assert hard_places(proactive, "ED_2021", "at_most") == []
    stats = edition_by_code("ED_2014").table("stats")
    hard = {place.name for rule in rules_of("ED_2014") if rule.code in ("R26", "R27") for place in rule.places}
    assert {place.name for place in hard_places(stats, "ED_2014", "at_most")} == hard
