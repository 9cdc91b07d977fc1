"""Whole forms: every cell of simulated reports in every way a word processor leaves them."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import docx
import pytest

from bench.model import SimulatedReport, list_values
from bench.render_docx import VARIANTS, render_docx
from bench.simulate import simulate_reports
from bench.wording import load_wording
from pipeline.documents.docx import read_docx
from pipeline.documents.model import Grid
from pipeline.issues import IssueCode
from pipeline.reports.model import Report
from pipeline.reports.read import read_report

REPORTS = tuple(simulate_reports(8, seed=29))
BLANK = dict.fromkeys(REPORTS[0].cells, "")


def printed_values(report: Report) -> dict[str, str]:
    return {cell.code: "" if cell.value is None else str(cell.value) for cell in report.cells}


def read_variants(report: SimulatedReport) -> Iterator[tuple[str, Report]]:
    for variant in VARIANTS:
        yield variant, read_report(read_docx(render_docx(report, variant, random.Random(report.title))))


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.title)
def test_every_cell_in_every_variant(report: SimulatedReport) -> None:
    for variant, read in read_variants(report):
        assert printed_values(read) == list_values(report.cells), variant
        assert (read.agency_name, read.report_year) == (report.agency_name, report.report_year), variant
        issues = [issue.code for issue in read.issues]
        assert (IssueCode.TRACKED_CHANGES in issues) == (variant == "tracked"), variant


def test_blank_columns_stay_blank_where_they_are() -> None:
    report = REPORTS[0]
    blank = {c: "" for c in report.cells if c.startswith("requests.") and ".legal_" in c}
    sparse = replace(report, cells={**report.cells, **blank})
    for variant, read in read_variants(sparse):
        values = printed_values(read)
        assert {c: values[c] for c in blank} == blank, variant
        wrong = {c for c, value in list_values(sparse.cells).items() if values[c] not in ("", value)}
        assert wrong == set(), variant


def test_single_numbers_in_a_blank_row_are_never_moved() -> None:
    report = REPORTS[0]
    for index, code in enumerate(c for c in report.cells if c.startswith("requests.")):
        sparse = replace(report, cells={**report.cells, **dict.fromkeys(row_of(code, report), ""), code: "4"})
        variant = VARIANTS[index % len(VARIANTS)]
        read = read_report(read_docx(render_docx(sparse, variant, random.Random(index))))
        values = printed_values(read)
        assert {c: values[c] for c in row_of(code, report) if values[c]} in ({code: "4"}, {}), variant


def row_of(code: str, report: SimulatedReport) -> list[str]:
    stem = code.rpartition(".")[0] + "."
    return [c for c in report.cells if c.startswith(stem)]


def test_a_form_without_numbers_is_a_blank_form() -> None:
    empty = replace(
        REPORTS[0],
        title=load_wording()["sections"]["S1"],
        cells=BLANK,
        narrative={"preface": (), "S1": (), "S5": (), "S6": ()},
    )
    read = read_report(read_docx(render_docx(empty, "clean", random.Random(0))))
    assert (read.is_report, read.reject_reason) == (False, IssueCode.BLANK_FORM.value)


def test_merges_as_another_writer_puts_them() -> None:
    written = docx.Document()
    table = written.add_table(3, 4)
    table.cell(0, 0).merge(table.cell(2, 0)).text = "group"
    table.cell(0, 1).merge(table.cell(0, 3)).text = "wide"
    for row in (1, 2):
        for column in (1, 2, 3):
            table.cell(row, column).text = f"{row}{column}"
    stream = io.BytesIO()
    written.save(stream)
    (grid,) = read_docx(stream.getvalue()).blocks
    assert isinstance(grid, Grid)
    assert [(c.text, c.row, c.column, c.row_span, c.column_span) for c in grid.cells] == [
        *(("group", 0, 0, 3, 1), ("wide", 0, 1, 1, 3)),
        *((f"{row}{column}", row, column, 1, 1) for row in (1, 2) for column in (1, 2, 3)),
    ]


def test_slivers_are_in_the_markup_and_not_in_the_grid() -> None:
    content = render_docx(REPORTS[0], "slivers", random.Random(5))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.read("word/document.xml").count(b'<w:gridCol w:w="1"/>') == 3 + 9 + 14
    assert [b.column_count for b in read_docx(content).blocks if isinstance(b, Grid)] == [4, 10, 15]
