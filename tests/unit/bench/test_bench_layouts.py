"""Layouts print every number of the report, each in its own way of going wrong."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bench.layouts import LAYOUTS
from bench.simulate import simulate_report
from bench.wording import merge_rows

TAG = re.compile(r"<[^>]+>")
REPORT = simulate_report(3, 11)


def printed_values(text: str, count: int) -> list[str]:
    """The last `count` numbers of a row, its markup removed and its runs joined."""
    if "<td" in text:
        cells = [TAG.sub("", cell).strip() for cell in re.split(r"<td[^>]*>", text)]
        return cells[-count:]
    return text.split()[-count:]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_cell_is_printed_in_its_row(layout):
    rows = {piece.row: piece.text for piece in LAYOUTS[layout](REPORT).pieces if piece.row}
    found = {}
    for row, text in rows.items():
        prefix = "disputes." if row == "disputes.values" else f"{row}."
        codes = [code for code in REPORT.cells if code.startswith(prefix) and not row.endswith(".header")]
        found |= dict(zip(codes, printed_values(text, len(codes)), strict=True)) if codes else {}
    assert found == REPORT.cells


@pytest.mark.parametrize("layout", LAYOUTS)
def test_title_sections_and_narrative_are_printed(layout):
    text = re.sub(r"\s+", "", TAG.sub("", LAYOUTS[layout](REPORT).text))
    assert REPORT.title in text
    for paragraph in (*REPORT.narrative["S1"], *REPORT.narrative["S5"], *REPORT.narrative["S6"]):
        assert re.sub(r"\s+", "", paragraph) in text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_row_without_cells_is_not_printed(layout):
    kept = {code: value for code, value in REPORT.cells.items() if ".denied_third_party." not in code}
    text = TAG.sub("", LAYOUTS[layout](replace(REPORT, cells=kept)).text)
    assert "保护第三方合法权益" in re.sub(r"\s", "", TAG.sub("", LAYOUTS[layout](REPORT).text))
    assert "保护第三方合法权益" not in re.sub(r"\s", "", text)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_merged_row_stands_before_the_total(layout):
    merged = replace(REPORT, cells=merge_rows(REPORT.cells, "other_total"))
    rows = [piece.row for piece in LAYOUTS[layout](merged).pieces]
    assert rows.index("requests.other_total") + 1 == rows.index("requests.total_disposed")


def test_a_label_can_be_misprinted():
    text = LAYOUTS["plain"](replace(REPORT, labels={"normative_docs": "规范性文件"})).text
    assert "\n规范性文件 " in text
    assert "行政规范性文件" not in text


def test_tab_layouts_shift_rows_against_each_other():
    rows = {piece.row: piece.text for piece in LAYOUTS["markdown"](REPORT).pieces}
    assert rows["requests.other_misc"].startswith("3")
    assert rows["requests.denied_law_prohibited"].startswith("\t\t2")


def test_narrow_lines_push_the_last_value_down():
    rows = {piece.row: piece.text for piece in LAYOUTS["lines"](REPORT).pieces}
    lines = [line for line in rows["requests.other_fee_unpaid"].splitlines() if line]
    assert lines[-1] == REPORT.cells["requests.other_fee_unpaid.total"]
    assert len(lines[-2].split()) == 6


def test_a_pasted_page_closes_no_cell_and_a_clean_one_closes_all():
    pasted, clean = LAYOUTS["word"](REPORT).text, LAYOUTS["page"](REPORT).text
    rows = [piece.text for piece in LAYOUTS["word"](REPORT).pieces if piece.row]
    assert not any("</td>" in text or "</tr>" in text for text in rows)
    assert clean.count("<td") == clean.count("</td>")
    assert REPORT.title not in pasted.partition("</head>")[2]


def test_a_page_in_gb18030_is_the_same_page():
    rendering = LAYOUTS["page"](REPORT)
    assert replace(rendering, encoding="gb18030").content.decode("gb18030") == rendering.text
