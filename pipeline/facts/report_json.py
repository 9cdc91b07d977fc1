"""One document's reading as the public JSON object of `touming report --json`.

Belongs here: the shape that scripts depend on. Does not belong here: printing it, or reading the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.agencies.model import Method, OrganMatch
from pipeline.facts.cells import complete_cells
from pipeline.facts.claims import mask_sentences
from pipeline.facts.masking import mask_personal
from pipeline.facts.model import Finding
from pipeline.issues import Issue
from pipeline.reports.model import CellReading, Claim, Report


def report_to_json(
    report: Report,
    findings: Sequence[Finding],
    agency: OrganMatch | None,
    sha256: str,
    media_type: str,
    byte_count: int,
) -> dict[str, Any]:
    """The JSON object of one document, a report or not, made of str, int, bool, None, list and dict only.

    agency is None for a document that is no report. A value is the printed number as a decimal string in the printed
    unit, never with an exponent; null for every state but `reported`. What is not known is null, not ''. The start and
    end of a claim count characters of its section's body from 0, end exclusive.
    """
    cells: tuple[CellReading, ...] = ()
    issues = report.issues
    if report.is_report:
        complete = complete_cells(report)
        cells, issues = tuple(complete.readings.values()), (*report.issues, *complete.issues)
    return {
        "document": {"sha256": sha256, "media_type": media_type, "bytes": byte_count},
        "is_report": report.is_report,
        "reject_reason": report.reject_reason or None,
        "title": mask_personal(report.title) or None,
        "agency_name": mask_personal(report.agency_name) or None,
        "report_year": report.report_year,
        "edition": report.edition or None,
        "region": _region_to_json(agency),
        "recall": {"printed": report.printed_number_count, "read": report.read_number_count},
        "cells": [_cell_to_json(cell) for cell in cells],
        "claims": [_claim_to_json(*pair) for pair in zip(report.claims, mask_sentences(report), strict=True)],
        "findings": [_finding_to_json(finding) for finding in findings],
        "issues": [_issue_to_json(issue) for issue in issues],
    }


def _region_to_json(agency: OrganMatch | None) -> dict[str, Any]:
    if agency is None:
        return {"code": None, "path": None, "method": None, "candidates": []}
    candidates = [{"code": c.region_code, "path": c.region_path_text} for c in agency.candidates]
    return {
        "code": agency.region_code,
        "path": agency.region_path_text,
        "method": None if agency.method is Method.NONE else str(agency.method),
        "candidates": candidates,
    }


def _cell_to_json(cell: CellReading) -> dict[str, Any]:
    return {
        "code": cell.code,
        "value": None if cell.value is None else f"{cell.value:f}",
        "unit": cell.unit,
        "state": str(cell.state),
        "raw": cell.raw,
        "locator": cell.locator,
        "method": cell.method,
    }


def _claim_to_json(claim: Claim, sentence: str) -> dict[str, Any]:
    return {
        "fact": claim.fact_code,
        "value": None if claim.value is None else f"{claim.value:f}",
        "unit": claim.unit,
        "approximate": claim.is_approximate,
        "section": claim.section_code,
        "sentence": sentence,
        "start": claim.start,
        "end": claim.end,
    }


def _finding_to_json(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "place": finding.place,
        "severity": finding.severity,
        "verdict": str(finding.verdict),
        "lenient_verdict": str(finding.lenient_verdict),
        "left": None if finding.left is None else f"{finding.left:f}",
        "right": None if finding.right is None else f"{finding.right:f}",
        "cells": list(finding.cells),
        "message": finding.message,
    }


def _issue_to_json(issue: Issue) -> dict[str, Any]:
    return {"code": str(issue.code), "message": mask_personal(issue.message), "locator": issue.locator}
