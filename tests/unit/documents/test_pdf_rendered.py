"""Whole forms as browsers and word processors print them, every number compared with what was simulated."""

from __future__ import annotations

import html
import io
import random
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from bench.layouts import LAYOUTS
from bench.model import SimulatedReport, list_values
from bench.producers import explain_absence, find_producer, produce_files
from bench.render_docx import render_docx
from bench.simulate import simulate_reports
from pipeline.documents.model import Grid
from pipeline.documents.pdf import read_pdf
from pipeline.reports.model import Report
from pipeline.reports.read import read_report

REPORT = next(iter(simulate_reports(1, seed=41)))
BORDERS = "table{border-collapse:collapse;width:100%} td{border:1px solid #000;padding:2pt;font-size:9pt}"
# Without borders, each with labels that wrap in other places
STYLES = {
    "as_is": "",
    "large": "td{font-size:14pt;padding:2pt}",
    "narrow": "@page{size:A5;margin:10mm} td{font-size:9pt;padding:2pt}",
    "low": "@page{size:210mm 118mm;margin:12mm} td{font-size:9pt;padding:2pt}",
    "top": "td{vertical-align:top;padding:2pt}",
    "tight": "td{font-size:16pt;line-height:1;padding:0}",
    "centred": "td{text-align:center;padding:0}",
}
BLANKS = {code: "" for n, code in enumerate(REPORT.cells) if n % 11 == 3 and code.startswith("requests.")}
WHOLE_PAGES = "@page{size:A4;margin:20mm}"
SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
LOW_PAGES = "@page{size:210mm 118mm;margin:12mm}"

needs_chromium = pytest.mark.skipif(not shutil.which("chromium"), reason="chromium, which prints the pages, is absent")
needs_soffice = pytest.mark.skipif(not shutil.which("soffice"), reason="soffice, which prints the files, is absent")


def print_page(page: str, folder: Path) -> bytes:
    source, printed = folder / "report.html", folder / "report.pdf"
    source.write_text(page, encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    subprocess.run([*command, f"--print-to-pdf={printed}", str(source)], capture_output=True, check=True, timeout=120)
    return printed.read_bytes()


def style_page(report: SimulatedReport, style: str) -> str:
    return LAYOUTS["page"](report).content.decode().replace("</head>", f"<style>{style}</style></head>")


def printed_values(report: Report) -> dict[str, str]:
    return {cell.code: "" if cell.value is None else str(cell.value) for cell in report.cells}


@needs_chromium
@pytest.mark.parametrize("paper", [WHOLE_PAGES, LOW_PAGES], ids=["whole", "cut"])
def test_ruled_tables_of_a_browser(paper: str, tmp_path: Path) -> None:
    document = read_pdf(print_page(style_page(REPORT, BORDERS + paper), tmp_path))
    grids = [block for block in document.blocks if isinstance(block, Grid)]
    assert printed_values(read_report(document)) == list_values(REPORT.cells)
    is_cut = any(len({cell.locator.page for cell in grid.cells}) > 1 for grid in grids)
    assert is_cut or paper == WHOLE_PAGES


@needs_chromium
def test_blank_cells_of_a_browser_stay_blank_where_they_are(tmp_path: Path) -> None:
    blanks = {code: "" for code in REPORT.cells if code.startswith("requests.") and ".legal_" in code}
    sparse = replace(REPORT, cells={**REPORT.cells, **blanks})
    values = printed_values(read_report(read_pdf(print_page(style_page(sparse, BORDERS + LOW_PAGES), tmp_path))))
    assert {code: values[code] for code in blanks} == blanks
    assert {c for c, value in list_values(sparse.cells).items() if values[c] not in ("", value)} == set()


@needs_chromium
def test_lines_of_text_of_a_browser(tmp_path: Path) -> None:
    lines = LAYOUTS["plain"](REPORT).content.decode().split("\n")
    body = "<br>".join(html.escape(line) for line in lines)
    page = f'<meta charset="utf-8"><style>{WHOLE_PAGES}</style><title>{REPORT.title}</title>{body}'
    assert printed_values(read_report(read_pdf(print_page(page, tmp_path)))) == list_values(REPORT.cells)


def print_file(variant: str, folder: Path) -> bytes:
    """The DOCX file of a variant, its tables ruled, as the word processor prints it."""
    source = folder / "report.docx"
    with zipfile.ZipFile(io.BytesIO(render_docx(REPORT, variant, random.Random(5)))) as plain:
        parts = {name: plain.read(name).decode() for name in plain.namelist()}
    sides = "".join(f'<w:{side} w:val="single" w:sz="4"/>' for side in SIDES)
    with zipfile.ZipFile(source, "w") as ruled:
        for name, part in parts.items():
            ruled.writestr(name, part.replace("</w:tblPr>", f"<w:tblBorders>{sides}</w:tblBorders></w:tblPr>"))
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder), str(source)]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    return (folder / "report.pdf").read_bytes()


@needs_soffice
@pytest.mark.parametrize("variant", ["clean", "slivers"])
def test_ruled_tables_of_a_word_processor(variant: str, tmp_path: Path) -> None:
    values = printed_values(read_report(read_pdf(print_file(variant, tmp_path))))
    assert values == list_values(REPORT.cells)


@needs_soffice
def test_numbers_printed_with_their_deleted_versions_are_not_read(tmp_path: Path) -> None:
    values = printed_values(read_report(read_pdf(print_file("tracked", tmp_path))))
    assert {c for c, value in list_values(REPORT.cells).items() if values.get(c, "") not in ("", value)} == set()


@pytest.fixture(scope="module", params=["chromium", "soffice"])
def borderless(request: pytest.FixtureRequest) -> dict[str, dict[str, str]]:
    """Style, or style and '-blanks' → cell code → number read, of tables without borders as one program prints them."""
    if find_producer(request.param) is None:
        pytest.skip(explain_absence(request.param))
    reports = {"": REPORT, "-blanks": replace(REPORT, cells={**REPORT.cells, **BLANKS})}
    drawings = {
        style + kind: style_page(report, STYLES[style]).encode() for style in STYLES for kind, report in reports.items()
    }
    printed = produce_files(request.param, drawings, "html", "pdf")
    assert printed.keys() == drawings.keys()
    return {name: printed_values(read_report(read_pdf(content))) for name, content in printed.items()}


@pytest.mark.parametrize("style", ["as_is", "large", "narrow", "low", "top"])
def test_tables_without_borders_are_read_whole(borderless: dict[str, dict[str, str]], style: str) -> None:
    assert borderless[style] == list_values(REPORT.cells)


def test_blank_cells_that_leave_no_trace_are_blank(borderless: dict[str, dict[str, str]]) -> None:
    assert borderless["as_is-blanks"] == list_values({**REPORT.cells, **BLANKS})


def test_tables_without_borders_give_no_wrong_number(borderless: dict[str, dict[str, str]]) -> None:
    truth = list_values(REPORT.cells)
    for name, values in borderless.items():
        printed = {**truth, **BLANKS} if name.endswith("-blanks") else truth
        assert {c for c, value in values.items() if value not in ("", printed[c])} == set(), name
