"""Every golden document reads as its case says: every value and state, agency, year, edition, or why it is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.archive.sniff import sniff_media_type
from pipeline.contract.editions import edition_by_code
from pipeline.documents.read import read_document
from pipeline.reports.model import Report
from pipeline.reports.read import read_report

GOLDEN_ROOT = Path(__file__).resolve().parent
CASES_FILE = GOLDEN_ROOT / "cases.yml"
CASES: Mapping[str, Mapping[str, Any]] = yaml.safe_load(CASES_FILE.read_text(encoding="utf-8"))
SIZE_LIMIT = 200_000
IDENTITY = ("agency_name", "report_year", "edition")


def read_case(name: str) -> Report:
    content = (GOLDEN_ROOT / "documents" / CASES[name]["document"]).read_bytes()
    return read_report(read_document(content, sniff_media_type(content)))


def cells_path(name: str) -> Path:
    return GOLDEN_ROOT / "cells" / f"{name}.cells.csv"


def list_cells(report: Report) -> dict[str, tuple[str, str]]:
    """Cell code -> (value, state): cells of the edition (absent where not mentioned) and optional ones if read."""
    own = [cell.code for cell in edition_by_code(report.edition).cells()]
    read = {cell.code: ("" if cell.value is None else str(cell.value), str(cell.state)) for cell in report.cells}
    return dict.fromkeys(own, ("", "absent")) | read


def load_cells(name: str) -> dict[str, tuple[str, str]]:
    with cells_path(name).open(encoding="utf-8", newline="") as stream:
        return {row["cell_code"]: (row["value"], row["state"]) for row in csv.DictReader(stream)}


def update_case(name: str, report: Report) -> None:
    """Rewrites what one case expects; provenance and document stay."""
    kept = {key: CASES[name][key] for key in ("document", "provenance")}
    if report.is_report:
        found: dict[str, Any] = {key: getattr(report, key) for key in IDENTITY}
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("cell_code", "value", "state"))
        writer.writerows((code, *cell) for code, cell in list_cells(report).items())
        cells_path(name).write_text(stream.getvalue(), encoding="utf-8")
    else:
        found = {"reject_reason": str(report.reject_reason)}
        cells_path(name).unlink(missing_ok=True)
    text = CASES_FILE.read_text(encoding="utf-8")
    head = "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))
    cases = yaml.safe_load(text) | {name: kept | found}
    body = yaml.safe_dump(cases, allow_unicode=True, sort_keys=False, width=140)
    CASES_FILE.write_text(head + body, encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_a_golden_document_reads_as_expected(name, request):
    report = read_case(name)
    if request.config.getoption("--update-golden"):
        update_case(name, report)
        pytest.skip("expectations rewritten: read the difference before keeping it")
    case = CASES[name]
    if "reject_reason" in case:
        assert (report.is_report, report.reject_reason, report.cells) == (False, case["reject_reason"], ())
        return
    assert report.is_report, f"refused as {report.reject_reason}"
    assert {key: getattr(report, key) for key in IDENTITY} == {key: case[key] for key in IDENTITY}
    expected = load_cells(name)
    found = list_cells(report)
    assert {code: found[code] for code in expected if found[code] != expected[code]} == {}
    assert found.keys() == expected.keys()


def test_every_fixture_belongs_to_a_case():
    documents = {case["document"] for case in CASES.values()}
    cells = {cells_path(name).name for name, case in CASES.items() if "reject_reason" not in case}
    assert {path.name for path in (GOLDEN_ROOT / "documents").iterdir()} == documents
    assert {path.name for path in (GOLDEN_ROOT / "cells").iterdir()} == cells


@pytest.mark.parametrize("name", CASES)
def test_a_case_says_where_it_comes_from_and_stays_small(name):
    assert CASES[name]["provenance"].endswith(".")
    assert (GOLDEN_ROOT / "documents" / CASES[name]["document"]).stat().st_size < SIZE_LIMIT
