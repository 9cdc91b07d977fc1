"""The bundled samples read as their truths say: the numbers, who and when, what is refused, what contradicts itself."""

from __future__ import annotations

import csv
import json
from decimal import Decimal

import pytest

from bench.samples import TRUTH_FOLDER
from pipeline.archive.sniff import sniff_media_type
from pipeline.documents.read import read_document
from pipeline.facts.identities import evaluate_rules
from pipeline.paths import REPO_ROOT, DataPaths
from pipeline.reports.model import Report
from pipeline.reports.read import read_report

SAMPLES = DataPaths(REPO_ROOT / "data").samples
TRUTHS = json.loads((TRUTH_FOLDER / "truth.json").read_text(encoding="utf-8"))
REPORTS = [name for name, truth in TRUTHS.items() if truth["outcome"] == "report"]


def read_sample(name: str) -> Report:
    content = (SAMPLES / name).read_bytes()
    return read_report(read_document(content, sniff_media_type(content)))


@pytest.mark.parametrize("name", REPORTS)
def test_every_printed_number_is_read_and_no_other(name):
    with (TRUTH_FOLDER / f"{name}.cells.csv").open(encoding="utf-8", newline="") as stream:
        expected = {row["cell_code"]: Decimal(row["value"]) for row in csv.DictReader(stream) if row["value"]}
    found = {cell.code: cell.value for cell in read_sample(name).cells if cell.value is not None}
    assert found == expected


@pytest.mark.parametrize("name", TRUTHS)
def test_who_and_when_or_why_not(name):
    report, truth = read_sample(name), TRUTHS[name]
    assert (report.reject_reason or "report") == truth["outcome"]
    if truth["outcome"] == "report":
        who = (report.agency_name, report.report_year, report.edition)
        assert who == (truth["agency_name"], truth["report_year"], truth["edition"])
    assert set(truth["issues"]) <= {str(issue.code) for issue in report.issues}


@pytest.mark.parametrize("name", REPORTS)
def test_only_the_sums_that_contradict_themselves_fail(name):
    failed = [finding for finding in evaluate_rules(read_sample(name)) if finding.verdict == "fail"]
    sums = {f"{finding.rule} {finding.place}" for finding in failed if finding.rule in ("R01", "R02", "R03", "R06")}
    assert sums == set(TRUTHS[name]["broken_rules"])
