"""PDF files written without another program: every number is read from them, scans of them hold pictures alone."""

from __future__ import annotations

import random
from contextlib import closing
from dataclasses import replace

import pypdfium2
import pytest

from bench.accuracy import compare_cells
from bench.model import list_values
from bench.nation.scans import explain_missing_fonts, scan_report
from bench.render_pdf import render_pdf
from bench.simulate import simulate_report
from pipeline.issues import IssueCode
from pipeline.orchestration.reading import read_content


@pytest.mark.parametrize("number", range(0, 40, 5))
def test_every_number_is_read_from_the_ruled_tables(number) -> None:
    report = simulate_report(number, 3)
    reading = read_content(render_pdf(report), "application/pdf").report
    right, faults = compare_cells("", list_values(report.cells), reading.cells)
    assert (right, faults) == (200, [])
    assert (reading.agency_name, reading.report_year) == (report.agency_name, report.report_year)


def test_the_same_report_gives_the_same_bytes() -> None:
    report = simulate_report(1, 3)
    assert render_pdf(report) == render_pdf(report)
    assert render_pdf(report) != render_pdf(report, skew_degrees=0.5)


def test_a_report_without_a_table_prints_none_of_it() -> None:
    report = simulate_report(1, 3)
    kept = {code: value for code, value in report.cells.items() if not code.startswith("requests.")}
    reading = read_content(render_pdf(replace(report, cells=kept)), "application/pdf").report
    assert {cell.code.partition(".")[0] for cell in reading.cells if cell.value is not None} == {
        "proactive",
        "disputes",
    }


def test_a_scan_is_pictures_of_every_page_and_nothing_else() -> None:
    if reason := explain_missing_fonts():
        pytest.skip(reason)
    report = simulate_report(1, 3)
    scanned = scan_report(report, random.Random(1))
    assert scanned == scan_report(report, random.Random(1))
    with closing(pypdfium2.PdfDocument(scanned)) as file, closing(pypdfium2.PdfDocument(render_pdf(report))) as drawn:
        assert len(file) == len(drawn)
        assert [page.get_textpage().get_text_range() for page in file] == [""] * len(file)
        # Ink is where the page has text
        assert min(bytes(file[0].render(grayscale=True).buffer)) < 100
    failure = read_content(scanned, "application/pdf").failure
    assert failure is None or failure.code == IssueCode.NEEDS_OCR
