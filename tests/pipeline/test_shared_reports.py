"""Published reports of many kinds: some numbers may be missed, but none is wrong and none invented."""

from __future__ import annotations

import csv
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from pipeline.archive.sniff import sniff_media_type
from pipeline.documents.read import read_document
from pipeline.paths import REPO_ROOT
from pipeline.reports.model import CellReading
from pipeline.reports.read import read_report

REPORTS = REPO_ROOT.parent / "shared" / "reports"
READABLE = {".txt", ".md", ".html"}
DOCUMENTS = sorted(path for path in REPORTS.glob("docs/*") if path.suffix in READABLE)

pytestmark = pytest.mark.skipif(not DOCUMENTS, reason=f"the published reports are not in {REPORTS}")


def load_truth(document: Path) -> dict[str, str]:
    """Cell code -> printed number or '' for a blank; empty for a document that prints no numbers."""
    path = REPORTS / "expected" / f"{document.stem}.cells.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["cell_code"]: row["value"] for row in csv.DictReader(stream)}


def is_printed(cell: CellReading, printed: str) -> bool:
    """Whether this is the printed number; where the cell prints a unit too, number and unit together."""
    try:
        return Decimal(printed) == cell.value
    except InvalidOperation:
        return printed == f"{cell.value}{cell.unit}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_number_is_wrong_or_invented(document):
    content = document.read_bytes()
    report = read_report(read_document(content, sniff_media_type(content)))
    truth = load_truth(document)
    reported = [cell for cell in report.cells if cell.value is not None]
    assert {cell.code: cell.value for cell in reported if not is_printed(cell, truth.get(cell.code, ""))} == {}


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if "_neg_" in path.name], ids=lambda path: path.name)
def test_what_is_no_report_reports_no_numbers(document):
    content = document.read_bytes()
    report = read_report(read_document(content, sniff_media_type(content)))
    assert [cell.code for cell in report.cells if cell.value is not None] == []
