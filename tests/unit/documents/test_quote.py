"""A stored place leads back to what is printed there."""

from __future__ import annotations

from pipeline.documents.html import read_html
from pipeline.documents.quote import quote_place
from pipeline.documents.text import read_text

TEXT = "一、总体情况\n行政许可 5069\n行政处罚\t225\t\n".encode()
PAGE = "<p>第一行</p><table><tr><td>事项</td><td>件数</td></tr><tr><td>行政许可</td><td>7</td></tr></table>".encode()


def test_a_line_is_quoted_whole() -> None:
    assert quote_place(read_text(TEXT), "L2:6-9") == "行政许可 5069"


def test_a_row_of_separated_cells_is_quoted_with_its_label() -> None:
    assert quote_place(read_text(TEXT), "L3:6-8") == "行政处罚 | 225"


def test_a_row_of_a_table_is_quoted_with_its_label() -> None:
    assert quote_place(read_html(PAGE), "T1 R2 C2") == "行政许可 | 7"


def test_of_a_long_line_only_the_surroundings_are_quoted() -> None:
    text = "甲" * 500 + "行政许可2418" + "乙" * 500
    quoted = quote_place(read_text(text.encode()), "L1:505-508")
    assert quoted == "…" + "甲" * 56 + "行政许可2418" + "乙" * 60 + "…"


def test_a_place_that_is_not_there_quotes_nothing() -> None:
    document = read_text(TEXT)
    assert [quote_place(document, place) for place in ("", "L99:1-2", "T9 R1 C1", "somewhere")] == [""] * 4
