from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.documents import page_guard
from pipeline.documents.html import read_html
from pipeline.documents.model import Document, Grid, Text
from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import IssueCode

TABLE = """<table><tbody>
<tr><td rowspan="2">事项</td><td colspan="2">申请人</td></tr>
<tr><td>自然人</td><td>总计</td></tr>
<tr><td>新收</td><td>1</td><td>2</td></tr>
<tr><td>结转</td><td>3</td><td>4</td></tr>
</tbody></table>"""
POSITIONS = [
    ("事项", 0, 0),
    ("申请人", 0, 1),
    ("自然人", 1, 1),
    ("总计", 1, 2),
    ("新收", 2, 0),
    ("1", 2, 1),
    ("2", 2, 2),
    ("结转", 3, 0),
    ("3", 3, 1),
    ("4", 3, 2),
]


def read(body: str) -> Document:
    return read_html(f"<html><body>{body}</body></html>".encode())


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Text)]


def grids(document: Document) -> list[list[tuple[str, int, int]]]:
    return [[(c.text, c.row, c.column) for c in block.cells] for block in document.blocks if isinstance(block, Grid)]


def test_text_blocks_in_order_with_their_ordinals() -> None:
    document = read(
        "<h2>一、<b>总体</b>\n情况</h2><p>本年 <span>公开</span>&nbsp;&nbsp;3\u200b5 条<br>第二行</p>散文<div>尾</div>"
    )
    assert [(b.text, str(b.locator), b.style) for b in document.blocks if isinstance(b, Text)] == [
        ("一、总体 情况", "L1", "heading"),
        ("本年 公开 35 条", "L2", ""),
        ("第二行", "L3", ""),
        ("散文", "L4", ""),
        ("尾", "L5", ""),
    ]


def test_a_table_is_a_grid_between_the_texts_around_it() -> None:
    document = read(f"<p>前</p>{TABLE}<p>后</p>")
    before, grid, after = document.blocks
    assert isinstance(before, Text)
    assert isinstance(after, Text)
    assert isinstance(grid, Grid)
    assert grids(document) == [POSITIONS]
    assert [str(c.locator) for c in grid.cells][:3] == ["T1 R1 C1", "T1 R1 C2", "T1 R2 C2"]
    assert grid.has_true_columns


def test_text_inside_a_cell_is_one_line() -> None:
    document = read(
        "<table><tr><td><p>结果</p><p>维持</p></td><td>1<br/>2</td><td><b>3</b><i>4</i>&#12288;</td></tr></table>"
    )
    assert grids(document) == [[("结果 维持", 0, 0), ("1 2", 0, 1), ("34", 0, 2)]]


@pytest.mark.parametrize(
    "damage",
    [
        lambda html: html.replace("</td>", ""),
        lambda html: html.replace("</tr>", ""),
        lambda html: html.replace("</tr>\n<tr><td>新收", "</tr>\n<td>新收"),
        lambda html: html.replace("</tr>\n<tr>", "</tr>\n<form action='x'><tr>").replace("</table>", "</form></table>"),
        lambda html: html.replace("<td>", "<td>\0").replace("总计", "总\0计"),
        lambda html: html.replace("</td>", "</div></td>"),
        lambda html: html.replace("<tbody>", "").replace("</tbody>", ""),
        lambda html: html.replace("</table>", ""),
    ],
    ids=["no-td-end", "no-tr-end", "no-tr-start", "form-between-rows", "nul", "stray-div", "no-tbody", "no-table-end"],
)
def test_malformed_tables_give_the_grid_a_browser_shows(damage: object) -> None:
    assert callable(damage)
    assert grids(read("<p>前</p>" + damage(TABLE))) == [POSITIONS]


def test_what_follows_the_end_of_the_page_is_kept() -> None:
    document = read(f"<p>前</p></body></html>\n<html><body><p>粘贴</p>{TABLE}")
    assert texts(document) == ["前", "粘贴"]
    assert grids(document) == [POSITIONS]


def test_layout_tables_are_walked() -> None:
    document = read(f"<table><tr><td>导航</td><td><p>正文</p>{TABLE}<p>落款</p></td></tr></table>")
    assert texts(document) == ["导航", "正文", "落款"]
    assert grids(document) == [POSITIONS]


def test_a_table_of_one_column_frames_text() -> None:
    document = read("<table><tr><td><h1>标题</h1><p>正文</p></td></tr><tr><td>落款</td></tr></table>")
    assert texts(document) == ["标题", "正文", "落款"]
    assert grids(document) == []


def test_tables_are_numbered_as_grids_and_captions_precede_them() -> None:
    document = read(f"<table><tr><td>框</td></tr></table><table><caption>表一</caption><tr><td>a<td>b</table>{TABLE}")
    assert [b.text if isinstance(b, Text) else b.cells[0].locator.table for b in document.blocks] == [
        "框",
        "表一",
        1,
        2,
    ]


def test_a_row_span_ends_with_its_row_group() -> None:
    head = "<thead><tr><td rowspan=9>a</td><td>b</td></tr></thead>"
    document = read(f"<table>{head}<tbody><tr><td rowspan=0>c</td><td>d</td></tr><tr><td>e</td></tr></tbody></table>")
    assert grids(document) == [[("a", 0, 0), ("b", 0, 1), ("c", 1, 0), ("d", 1, 1), ("e", 2, 1)]]


def test_hidden_content_is_not_read() -> None:
    document = read(
        "<p>见</p><script>var x = '<p>no</p>';</script><style>p {}</style><noscript>no</noscript><!-- no -->"
        "<template><p>no</p></template><p style='DISPLAY : none'>no<b>no</b></p><div hidden>no</div>"
        "<p style='visibility:hidden'>no</p><iframe>no</iframe>"
    )
    assert texts(document) == ["见"]


def test_a_hidden_cell_has_no_place_and_an_invisible_one_prints_nothing() -> None:
    hidden = "<td style='display:none'>no</td>"
    row = f"<tr>{hidden}<td>a</td><td style='visibility:hidden'>no</td><td>b</td></tr>"
    document = read(f"<table>{row}<tr style='display:none'><td>no<td>no</tr></table>")
    assert grids(document) == [[("a", 0, 0), ("", 0, 1), ("b", 0, 2)]]


def test_cells_of_an_invisible_row_print_nothing() -> None:
    row = "<tr style='visibility:hidden'><td>no</td><td><p>no</p></td></tr>"
    document = read(f"<table><tr><td>a</td><td>b</td></tr>{row}</table>")
    assert grids(document) == [[("a", 0, 0), ("b", 0, 1), ("", 1, 0), ("", 1, 1)]]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("<div>a<p>b</p>c</div>", ["a", "b", "c"]),
        ("<span>a<i>b</i></span><b>c</b>", ["abc"]),
        ("<span>a<p>b</p></span>c", ["a", "b", "c"]),
        ("a<p hidden>no</p>b", ["ab"]),
        ("a<p></p>b<br>c", ["a", "b", "c"]),
        ("<p>a</p> <p>b</p><span> </span>c", ["a", "b", "c"]),
    ],
)
def test_a_line_ends_where_a_block_begins_or_ends(body: str, lines: list[str]) -> None:
    assert texts(read(body)) == lines


def test_head_metadata() -> None:
    document = read_html(
        b"<head><title> A \n report </title><meta name=ArticleTitle content='first'><meta name=PubDate content=''>"
        b"<meta name='ArticleTitle' content='second'><meta charset=utf-8></head><body><title>B</title><p>x</p>"
    )
    assert document.metadata == {"title": "A report", "ArticleTitle": "first"}
    assert texts(document) == ["x"]


def test_preformatted_lines_stay_lines() -> None:
    assert texts(read("<pre>新收 0 0\n  结转 <b>1</b> 2\n\n完</pre>")) == ["新收 0 0", "结转 1 2", "完"]


@pytest.mark.parametrize("tag", ["style", "script", "title", "noscript", "template"])
def test_an_element_that_is_never_closed_swallows_nothing(tag: str) -> None:
    document = read(f"<p>前</p><{tag}>x{{}}{TABLE}<p>后</p>")
    assert grids(document) == [POSITIONS]
    assert texts(document)[-1] == "后"


def test_complete_scripts_beside_an_unclosed_one_stay_out() -> None:
    document = read("<p>前</p><script>no()</script><script>x<p>后</p>")
    assert texts(document) == ["前", "x", "后"]


@pytest.mark.parametrize(
    "spans", ["colspan=1000000000", "colspan=65", "rowspan=1000000000 colspan=99999999999999999999"]
)
def test_span_bombs_are_left_out_with_an_issue(spans: str) -> None:
    document = read(f"<table><tr><td {spans}>x</td><td>y</td></tr></table>{TABLE}")
    assert [(issue.code, issue.locator) for issue in document.issues] == [(IssueCode.LIMIT_EXCEEDED, "T1")]
    assert grids(document) == [POSITIONS]


@pytest.mark.parametrize("spans", ["rowspan=1000000000", "colspan=x", "colspan=0", "rowspan=-1", "colspan=''"])
def test_spans_that_mean_nothing_more_than_one_cell(spans: str) -> None:
    assert grids(read(f"<table><tr><td {spans}>x</td><td>y</td></tr></table>")) == [[("x", 0, 0), ("y", 0, 1)]]


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 600 + "x",
        "<span></b>" * 600 + "x",
        "<p " + "a=1 " * 1_100 + ">x",
        "<p " + "/".join(["a"] * 1_100) + ">x",
        "<p " + 'a=""' * 1_100 + ">x",
        "<br>" * 300_001,
        "".join(f"<p><font size={n}>x</p>" for n in range(400)) + "<p>x" * 3_000,
        "x" * (10 * 1024 * 1024 + 1),
    ],
    ids=["deep", "deep-behind-false-ends", "attributes", "slashed", "adjoining", "tags", "unclosed-styles", "long"],
)
def test_pages_beyond_the_limits_are_refused(body: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read(body)
    assert refused.value.issue.code is IssueCode.LIMIT_EXCEEDED
    assert any(words in str(refused.value) for words in ("limit", "more than", "never closed"))


def test_many_tags_that_do_not_nest_are_no_depth() -> None:
    words = " ".join(["keyword"] * 1_500)
    document = read(f"<p title='{words}'>" + "<p>行<br><img src=x><b>粗</b>" * 2_000 + "<br/><div/>" * 10)
    assert len(texts(document)) == 4_000


@given(st.lists(st.sampled_from(["<span>", "<DIV >", "<o:p>", "<b>", "<p>", "<br/>", "x", "</>", "</i>"]), max_size=40))
def test_pages_are_refused_exactly_beyond_the_depth_that_their_tags_reach(pieces: list[str]) -> None:
    closing = [f"</{piece[1:-1].strip()}>" for piece in pieces if piece[1:-1].strip() in ("span", "DIV", "o:p", "b")]
    page = "<span>1</span>" * 9 + "".join(pieces) + "".join(reversed(closing))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_guard, "MAX_DEPTH", max(len(closing), 1))
        page_guard.check_page_limits(page)
        patch.setattr(page_guard, "MAX_DEPTH", max(len(closing), 1) - 1)
        with pytest.raises(DocumentRefused):
            page_guard.check_page_limits(page)


def test_gb_pages_with_a_wrong_charset_and_a_damaged_byte() -> None:
    page = f"<html><head><meta charset=utf-8></head><body><p>{'总体情况' * 50}</p>{TABLE}</body></html>"
    content = page.encode("gb18030").replace("新收".encode("gb18030"), b"\xff\xff")
    document = read_html(content)
    assert [issue.code for issue in document.issues] == [IssueCode.DAMAGED_TEXT]
    assert [cell for cell in grids(document)[0] if cell[1] == 3] == POSITIONS[-3:]


def test_a_page_of_frames_has_no_blocks() -> None:
    assert read_html(b"<html><frameset><frame src=a></frameset></html>").blocks == ()


_TAGS = (
    "<p></p><table></table><tr></tr><td></td><td rowspan=3><td colspan=2><tbody><form><pre>"
    "<br><b></b><div></div><h3></h3></body></html>"
)
FRAGMENTS = st.lists(st.sampled_from([*re.findall("<[^>]*>", _TAGS), "甲", "1", "\n", "&nbsp;"]), max_size=40)


@settings(deadline=None)
@given(FRAGMENTS)
def test_no_tag_soup_loses_or_doubles_a_character(pieces: list[str]) -> None:
    source = "".join(pieces)
    document = read(source)
    found = "".join(
        piece.text for block in document.blocks for piece in ((block,) if isinstance(block, Text) else block.cells)
    )
    printed = re.sub(r"<[^>]*>|&nbsp;|\s", "", source)
    assert sorted(found.replace(" ", "")) == sorted(printed)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("12<sup>1</sup>", "12\u00b9"),
        ("12<sub>1</sub>", "12\u2081"),
        ("<s>5</s>7", "\ufffd7"),
        ('<span style="text-decoration:line-through">5</span>7', "\ufffd7"),
    ],
)
def test_raised_and_struck_digits_do_not_join_the_number_beside_them(cell, text):
    (grid,) = read_html(f"<table><tr><td>a</td><td>{cell}</td></tr></table>".encode()).blocks
    assert isinstance(grid, Grid)
    assert grid.cells[1].text == text
