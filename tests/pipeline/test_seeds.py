"""Five published reports, read end to end against tables transcribed by hand."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.archive.sniff import sniff_media_type
from pipeline.documents.read import read_document
from pipeline.facts.identities import evaluate_rules
from pipeline.paths import REPO_ROOT
from pipeline.reports.model import Report
from pipeline.reports.read import read_report

SEEDS = REPO_ROOT.parent / "shared" / "seeds"
SEED_NAMES = (
    "000_51d10938adade9c8",
    "001_3b852b11c21bff53",
    "002_e36d426879923bc1",
    "003_805152a68a1ca0be",
    "004_60a353e520c94bef",
)

pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason=f"the published reports are not in {SEEDS}")


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read_seed(name: str) -> Report:
    content = (SEEDS / f"{name}.txt").read_bytes()
    return read_report(read_document(content, sniff_media_type(content)))


@pytest.mark.parametrize("name", SEED_NAMES)
def test_every_cell_is_read_as_printed(name):
    report = read_seed(name)
    expected = {row["cell_code"]: row["value"] for row in read_rows(SEEDS / "expected" / f"{name}.cells.csv")}
    found = {cell.code: cell.value for cell in report.cells}
    assert len(expected) == 200
    assert {code: found.get(code) for code, value in expected.items() if found.get(code) != Decimal(value)} == {}


@pytest.mark.parametrize("name", SEED_NAMES)
def test_agency_year_and_edition_are_found(name):
    report = read_seed(name)
    truth = next(row for row in read_rows(SEEDS / "expected" / "reports.csv") if row["document"] == name)
    assert report.is_report
    assert report.agency_name == truth["agency_name"]
    assert (str(report.report_year), report.edition) == (truth["report_year"], truth["edition"])


@pytest.mark.parametrize("name", SEED_NAMES)
def test_every_assessable_identity_passes(name):
    findings = evaluate_rules(read_seed(name))
    balances = [finding for finding in findings if finding.rule in ("R01", "R02", "R03", "R06")]
    assert len(balances) == 7 + 7 + 25 + 3
    assert {(finding.rule, finding.place) for finding in balances if finding.verdict != "pass"} == set()
    assert {finding.rule for finding in findings if finding.verdict == "fail"} == set()
