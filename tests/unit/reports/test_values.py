"""What one printed value means, and above all what it must not be taken for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.reports.model import CellState
from pipeline.reports.values import parse_value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("0", "0"),
        ("14", "14"),
        ("１２", "12"),
        ("5,069", "5069"),
        ("1，234", "1234"),
        (" 225 ", "225"),
        ("4166.241619", "4166.241619"),
        ("0.0000", "0.0000"),
        ("-15", "-15"),
        ("+1036", "1036"),
        ("22（其中修订16件）", "22"),
        ("5件", "5"),
        ("增1423", "1423"),
        ("减少8", "-8"),
        ("－15", "-15"),
        ("增 1423", "1423"),
        ("-0", "0"),
        ("5,069件", "5069"),
        ("２宗", "2"),
        ("0件", "0"),
        ("零", "0"),
        ("〇", "0"),
        ("零件", "0"),
        ("三件", "3"),
        ("一百零五条", "105"),
        ("12．50", "12.50"),
    ],
)
def test_numbers_are_read_exactly(raw: str, value: str) -> None:
    printed = parse_value(raw)
    assert printed is not None
    assert (printed.state, printed.value) == (CellState.REPORTED, Decimal(value))


@pytest.mark.parametrize(("raw", "unit"), [("251000元", "元"), ("160.5964万元", "万元"), ("14", "")])
def test_a_unit_in_the_cell_is_kept(raw: str, unit: str) -> None:
    printed = parse_value(raw)
    assert printed is not None
    assert printed.unit == unit


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        ("", CellState.BLANK),
        (" \u3000\u00a0", CellState.BLANK),
        ("/", CellState.SLASH),
        ("／", CellState.SLASH),
        ("—", CellState.DASH),
        ("－", CellState.DASH),
        ("无", CellState.TEXT),
        ("不适用", CellState.TEXT),
        ("空", CellState.TEXT),
        ("持平", CellState.TEXT),
        ("详见附件", CellState.TEXT),
        ("undefined", CellState.TEXT),
        ("××", CellState.TEXT),
        ("∕", CellState.SLASH),
        ("……", CellState.DASH),
        ("━", CellState.DASH),
        ("﹣", CellState.DASH),
    ],
)
def test_marks_are_no_numbers(raw: str, state: CellState) -> None:
    printed = parse_value(raw)
    assert printed is not None
    assert (printed.state, printed.value) == (state, None)


@pytest.mark.parametrize(
    "raw",
    [
        "1,23",
        "1.2.3",
        "00",
        "007",
        "1 4",
        "12\u00a014",
        "①5",
        "3²",
        "1,2345",
        "l2",
        "300余",
        "5余件",
        "约5",
        "近5件",
        "5件以上",
        "1.2万",
        "5-6",
        "0/0",
        "12%",
        "5。",
        "—15",
        "Ｏ",
        "○",
        "l",
        "十二",
        "二百五",
        "٣",
    ],
)
def test_digits_that_are_not_one_number_are_illegible(raw: str) -> None:
    printed = parse_value(raw)
    assert printed is not None
    assert (printed.state, printed.value) == (CellState.ILLEGIBLE, None)


@pytest.mark.parametrize(
    "raw",
    ["1.属于国家秘密", "（一）予以公开", "第二十条", "约三百", "2022年", "1.", "3月", "一", "第二", "零星", "(5)"],
)
def test_words_are_labels(raw: str) -> None:
    assert parse_value(raw) is None
