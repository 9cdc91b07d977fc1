"""Digits that a page draws where nobody sees them must not join those that are seen."""

from __future__ import annotations

import pytest

from pipeline.documents.html import read_html
from pipeline.documents.model import Grid
from pipeline.reports.model import CellState
from pipeline.reports.values import parse_value

UNSEEN = [
    "font-size:0",
    "FONT-SIZE: 0.0pt;",
    "font:0/0 a",
    "opacity:0",
    "opacity: .0 !important",
    "filter:opacity(0)",
    "width:0;height:0;overflow:hidden",
    "overflow:hidden;display:inline-block;max-width:0px",
    "text-indent:-9999px",
    "color:#fff",
    "color:white;",
    "color:transparent",
    "color:rgba(0, 0, 0, 0)",
    "color:red;background:red",
    "background-color:#eee;color:#eee",
    "clip:rect(0 0 0 0);position:absolute",
    "clip-path:inset(100%)",
    "position:absolute;left:-9999px",
    "left:-999em;position:absolute",
    "margin-left:-9999px",
    "transform:scale(0)",
    "vertical-align:super",
    "vertical-align: 4px",
    "position:relative;top:-3.0pt;mso-text-raise:3.0pt",
    "text-decoration:underline line-through",
    "unicode-bidi:bidi-override;direction:rtl",
]
SEEN = [
    "font-size:10px",
    "font-size:0.9em",
    "opacity:0.5",
    "opacity:1",
    "text-indent:-21.0pt",
    "color:#fff;background:#00f",
    "color:#ffff00",
    "background-color:white",
    "color:black;background:white",
    "overflow:hidden;width:100px",
    "position:absolute;left:10px",
    "line-height:0",
    "vertical-align:middle",
    "text-decoration:underline",
]


def read_cells(body: str, head: str = "") -> list[str]:
    document = read_html(f"<html><head>{head}</head><body>{body}</body></html>".encode())
    return [cell.text for block in document.blocks if isinstance(block, Grid) for cell in block.cells]


def in_cell(content: str) -> str:
    return f"<table><tr><td>a</td><td>{content}</td></tr></table>"


@pytest.mark.parametrize("style", UNSEEN)
def test_an_unseen_digit_makes_its_cell_illegible(style: str) -> None:
    inline = read_cells(in_cell(f"<span style='{style}'>7</span>0"))
    by_class = read_cells(in_cell("<span class='k'>7</span>0"), f"<style>p {{x:y}} .k, b:hover {{ {style} }}</style>")
    by_id = read_cells(in_cell("<b id='n'>7</b>0"), f"<style>/* note */ td #n{{{style}}}</style>")
    assert inline == by_class == by_id == ["a", "\ufffd0"]
    value = parse_value(inline[1])
    assert value is not None
    assert value.state is CellState.ILLEGIBLE


@pytest.mark.parametrize("style", SEEN)
def test_a_style_that_hides_nothing_changes_nothing(style: str) -> None:
    inline = read_cells(in_cell(f"<span style='{style}'>7</span>0"))
    by_class = read_cells(in_cell("<span class='k'>7</span>0"), f"<style>.k{{{style}}}</style>")
    assert inline == by_class == ["a", "70"]


@pytest.mark.parametrize("hiding", ["display:none", "visibility:hidden"])
def test_a_digit_hidden_by_a_style_sheet_makes_its_cell_illegible(hiding: str) -> None:
    assert read_cells(in_cell("<i class='k'>7</i>0"), f"<style>.k{{{hiding}}}</style>") == ["a", "\ufffd0"]


def test_a_cell_hidden_by_a_style_sheet_has_no_place() -> None:
    row = "<table><tr><td class='k'>9</td><td>a</td><td>1</td></tr></table>"
    assert read_cells(row, "<style>td.k{display:none}</style>") == ["a", "1"]


def test_what_holds_for_some_screens_only_hides_nothing() -> None:
    sheet = "<style>@media (max-width:600px){.k{display:none} b{x:y}} @media print{.k{opacity:0}}</style>"
    assert read_cells(in_cell("<i class='k'>7</i>0"), sheet) == ["a", "70"]


def test_text_with_a_size_of_its_own_inside_an_element_of_none_is_read() -> None:
    gapless = "<span style='font-size:0'><i>9</i><b style='font-size:14px'>7</b></span>"
    assert read_cells(in_cell(gapless)) == ["a", "\ufffd7"]


def test_white_on_a_dark_ground_is_read_and_white_words_are() -> None:
    dark = "<table><tr bgcolor='#003366'><td>a</td><td><font color=white>7</font></td></tr></table>"
    assert read_cells(dark) == ["a", "7"]
    assert read_cells(in_cell("<font color='#FFFFFF'>2023年</font>")) == ["a", "2023年"]
    assert read_cells(in_cell("<font color='#FFFFFF'>7</font>0")) == ["a", "\ufffd0"]


def test_a_layout_moved_aside_is_no_hidden_text() -> None:
    page = f"<div style='position:absolute;left:50%;margin-left:-500px'>{in_cell('70')}</div>"
    assert read_cells(page) == ["a", "70"]


def test_a_selector_that_no_parser_knows_does_no_harm() -> None:
    assert read_cells(in_cell("<i class='k'>7</i>0"), "<style>.k[[{opacity:0} .k{opacity:0}</style>") == [
        "a",
        "\ufffd0",
    ]


@pytest.mark.parametrize("printed", ["\ufffd", "\ufffc\ufffd", "9\ufffd\ufffd"])
def test_unreadable_characters_for_digits_are_illegible(printed: str) -> None:
    value = parse_value(printed)
    assert value is not None
    assert value.state is CellState.ILLEGIBLE


def test_digits_in_another_order_or_added_by_a_style_sheet_make_a_cell_illegible() -> None:
    assert read_cells(in_cell("<bdo dir='RTL'>12</bdo>")) == ["a", "\ufffd\ufffd"]
    assert read_cells(in_cell("<b class='k'>5</b>"), "<style>.k::after{content:'0'}</style>") == ["a", "\ufffd"]
    assert read_cells(in_cell("<b class='k'>5</b>"), "<style>.k:after{content:' '}</style>") == ["a", "5"]
