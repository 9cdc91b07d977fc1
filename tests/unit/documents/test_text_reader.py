from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.documents import text as text_reader
from pipeline.documents.model import Document, Grid, Text
from pipeline.documents.refusal import DocumentRefused
from pipeline.documents.text import read_text
from pipeline.documents.whitespace import ZERO_WIDTH
from pipeline.issues import IssueCode


def read(*lines: str) -> Document:
    return read_text("\n".join(lines).encode())


def rows_of(grid: Text | Grid) -> list[list[str]]:
    assert isinstance(grid, Grid)
    assert not grid.has_true_columns
    assert grid.column_count == max(cell.column for cell in grid.cells) + 1
    return [[cell.text for cell in grid.cells if cell.row == row] for row in range(grid.row_count)]


def places_of(grid: Text | Grid) -> list[str]:
    assert isinstance(grid, Grid)
    return [str(cell.locator) for cell in grid.cells]


def outline(document: Document) -> list[object]:
    return [block.text if isinstance(block, Text) else rows_of(block) for block in document.blocks]


def test_lines_keep_their_numbers_and_characters() -> None:
    first, second = read("\ufeff", "", "  　一、总体情况 \u200b", "\x0c第二页").blocks
    assert (first.text, str(first.locator)) == ("一、总体情况", "L3:4-9")  # type: ignore[union-attr]
    assert (second.text, str(second.locator)) == ("第二页", "L4:2-4")  # type: ignore[union-attr]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str) -> None:
    blocks = read_text(end.join(["a", "", "b\u2028c"]).encode()).blocks
    assert [str(b.locator) for b in blocks if isinstance(b, Text)] == ["L1:1-1", "L3:1-3"]


def test_markdown_headings() -> None:
    blocks = read("## 二、主动公开 ", "#标签", "#", "### ").blocks
    assert [(b.text, b.style, str(b.locator)) for b in blocks if isinstance(b, Text)] == [
        ("二、主动公开", "heading", "L1:4-9"),
        ("#标签", "", "L2:1-3"),
        ("#", "", "L3:1-1"),
        ("###", "", "L4:1-3"),
    ]


def test_rows_with_tabs_are_one_grid_over_blank_lines() -> None:
    document = read("前言", "信息内容\t本年", "", "规章 \t 0\t", "行政强制\t12", "后记")
    assert outline(document) == ["前言", [["信息内容", "本年"], ["规章", "0", ""], ["行政强制", "12"]], "后记"]
    # A blank cell at the end of a line is placed at the separator before it
    assert places_of(document.blocks[1]) == ["L2:1-4", "L2:6-7", "L4:1-2", "L4:6-6", "L4:7-7", "L5:1-4", "L5:6-7"]


def test_blank_cells_stand_at_their_separators() -> None:
    (grid,) = read("\t\t(四)\t 5").blocks
    assert rows_of(grid) == [["", "", "(四)", "5"]]
    assert places_of(grid) == ["L1:1-1", "L1:2-2", "L1:3-5", "L1:8-8"]


def test_a_row_of_only_tabs_is_a_row_of_blanks_below_other_rows_only() -> None:
    assert outline(read("\t\t", "维持\t纠正", "\t", "\t\t ", "完")) == [
        [["维持", "纠正"], ["", ""], ["", "", ""]],
        "完",
    ]


def test_a_stray_tab_makes_no_table() -> None:
    assert outline(read("\t一、总体情况", "本年公开信息。\t", "公开\t")) == ["一、总体情况", "本年公开信息。", "公开"]
    assert outline(read("a\tb", "\t四、复议", "c\td")) == [[["a", "b"]], "四、复议", [["c", "d"]]]


def test_markdown_tables_drop_their_rule_and_borders() -> None:
    document = read("| 信息内容 | 本年 |", "|:---|---:|", "| 规章 |  |", "| 罚 | 3", "|  |  |", "text")
    assert outline(document) == [[["信息内容", "本年"], ["规章", ""], ["罚", "3"], ["", ""]], "text"]
    assert places_of(document.blocks[0])[2:4] == ["L3:3-4", "L3:9-9"]


def test_a_bordered_table_keeps_a_blank_first_cell() -> None:
    assert outline(read("|| 总计 |", "| a | 1 |")) == [[["", "总计"], ["a", "1"]]]


def test_pipes_that_end_cells() -> None:
    document = read("第五项 | |||", "规章 | 0 | / | 2 |", "| 纠正 | 1 |", "自然人 | 法人")
    assert outline(document) == [
        [["第五项", "", "", ""], ["规章", "0", "/", "2"], ["", "纠正", "1"], ["自然人", "法人"]]
    ]


def test_one_cell_a_line_is_one_row_where_blank_differs_from_nothing() -> None:
    document = read("引言", "规章 |", "0 |", "|", "|||", "/ |", "三、收到")
    assert outline(document) == ["引言", [["规章", "0", "", "", "", "", "/"]], "三、收到"]
    assert places_of(document.blocks[1]) == ["L2:1-2", "L3:1-1", "L4:1-1", "L5:1-1", "L5:2-2", "L5:3-3", "L6:1-1"]


def test_a_pipe_alone_ends_the_cell_on_the_line_before_it() -> None:
    document = read("二、主动公开", "规章", "|", "0", "", "|", "|", "30", "|", "完")
    assert outline(document) == ["二、主动公开", [["规章", "0", "", "30"]], "完"]
    assert places_of(document.blocks[1]) == ["L2:1-2", "L4:1-1", "L7:1-1", "L8:1-2"]


def test_pipes_inside_prose_stay_prose() -> None:
    assert outline(read("来源|办公室", "下载 a|b")) == ["来源|办公室", "下载 a|b"]
    assert outline(read("规章 | 0 | 0")) == [[["规章", "0", "0"]]]


@pytest.mark.parametrize(
    ("lines", "limit"), [(["a\t" * 70], "71 cells"), (["a\tb"] * 2_001, "2001 rows"), (["a |"] * 2_001, "2001 rows")]
)
def test_over_a_limit_rows_stay_lines_with_an_issue(lines: list[str], limit: str) -> None:
    document = read(*lines)
    assert len(document.blocks) == len(lines)
    assert all(isinstance(block, Text) for block in document.blocks)
    (issue,) = document.issues
    assert (issue.code, issue.locator) == (IssueCode.LIMIT_EXCEEDED, "L1")
    assert limit in issue.message


def test_damage_is_an_issue_and_not_the_end() -> None:
    content = ("申请情况 3 件\n" * 40).encode("gb18030")
    document = read_text(content[:100] + b"\xff" + content[101:])
    assert [issue.code for issue in document.issues] == [IssueCode.DAMAGED_TEXT]
    assert len(document.blocks) >= 39


LINES = st.lists(st.text(st.sampled_from("一0 \t|-#:。\u3000\u200b\x0c"), max_size=12), max_size=12)
# What separates or marks and does not print: separators, heading marks, the dashes of a Markdown rule
_MARKUP = re.compile(f"[\\s|#:{ZERO_WIDTH}-]")


@settings(deadline=None)
@given(LINES)
@example(["0\t0", "\t "])
def test_nothing_printed_is_lost_or_invented(lines: list[str]) -> None:
    document = read_text("\n".join(lines).encode())
    found: Counter[str] = Counter()
    for block in document.blocks:
        for piece in (block,) if isinstance(block, Text) else block.cells:
            place = piece.locator
            raw = lines[place.line - 1]
            if piece.text:
                assert raw[place.start - 1 : place.end] == piece.text
            else:
                assert raw[place.start - 1 : place.end] in ("\t", "|")
            found.update(piece.text)
    printed = Counter("".join(lines))
    for character in set(printed) | set(found):
        if not _MARKUP.match(character):
            assert found[character] == printed[character]


@settings(deadline=None)
@given(LINES)
def test_blocks_come_in_the_order_of_the_file(lines: list[str]) -> None:
    blocks = read_text("\n".join(lines).encode()).blocks
    numbers = [
        piece.locator.line for block in blocks for piece in ((block,) if isinstance(block, Text) else block.cells)
    ]
    assert numbers == sorted(numbers)


def test_text_of_more_lines_than_any_report_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_reader, "MAX_LINES", 3)
    assert len(read("一", "二", "三").blocks) == 3
    with pytest.raises(DocumentRefused) as refused:
        read("一", "二", "", "四")
    assert refused.value.issue.code is IssueCode.LIMIT_EXCEEDED
