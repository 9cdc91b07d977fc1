"""One document's reading as rows of the core tables.

Belongs here: spreading a Report and its findings over the tables of the contract, narrative masked. Does not belong
here: agencies and versions, which need other documents (merging, in stages.py), and any file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pipeline.agencies.evidence import REPORT_EVIDENCE_FILE
from pipeline.contract.editions import edition_expected
from pipeline.contract.load import CONTRACT_ROOT, fingerprint
from pipeline.facts.cells import ReportCells, complete_cells
from pipeline.facts.claims import mask_sentences
from pipeline.facts.fingerprints import fingerprint_figures, fingerprint_text
from pipeline.facts.identities import grade_report
from pipeline.facts.masking import mask_personal
from pipeline.facts.model import DocumentRows, Finding, Outcome, Verdict
from pipeline.facts.whose import collect_evidence
from pipeline.issues import Issue
from pipeline.reports.model import CellReading, CellState, Report

Row = Mapping[str, object]

# Version of everything in this room that decides a document's rows; part of the reader version, so a change re-reads
FACTS_VERSION = "facts/8+" + fingerprint(
    [CONTRACT_ROOT / "identities.yml", CONTRACT_ROOT / "vocab" / "masking.yml", REPORT_EVIDENCE_FILE]
)


def document_rows(document_id: str, partition_year: str, report: Report, findings: Sequence[Finding]) -> DocumentRows:
    """The rows of one document that was read: those of every table that reading writes for a report, core.reading and
    core.issue otherwise; and in both cases raw.attachment.

    findings are those of evaluate_rules(report). ValueError or KeyError when the report breaks the form's own shape
    (a cell or section read twice, an unknown cell or edition).
    """
    if not report.is_report:
        reason = report.reject_reason
        reading = _reading_row(
            document_id, partition_year, Outcome.REJECTED, reason, report.title, report.reader_version
        )
        tables = {"raw.attachment": _attachment_rows(document_id, report)}
        return _collect(document_id, report.reader_version, Outcome.REJECTED, reading, report.issues, tables)
    cells = complete_cells(report)
    issues = (*report.issues, *cells.issues)
    reading = _reading_row(document_id, partition_year, Outcome.REPORT, "", report.title, report.reader_version)
    tables = {
        "core.report": (_report_row(document_id, report, findings, cells),),
        "core.cell": tuple(_cell_row(document_id, reading) for reading in cells.readings.values()),
        "core.report_evidence": tuple(
            {"report_id": document_id, "evidence_kind_code": kind, "evidence_text": text}
            for kind, text in collect_evidence(report).items()
        ),
        "core.section": _section_rows(document_id, report),
        "core.claim": _claim_rows(document_id, report),
        "core.finding": tuple(_finding_row(document_id, finding) for finding in findings),
        "raw.attachment": _attachment_rows(document_id, report),
    }
    return _collect(document_id, report.reader_version, Outcome.REPORT, reading, issues, tables)


def failed_rows(document_id: str, partition_year: str, issue: Issue, reader_version: str) -> DocumentRows:
    """The rows of a document that no reader could read: it crashed on it or refused it, for the reason in the issue."""
    reading = _reading_row(document_id, partition_year, Outcome.FAILED, str(issue.code), "", reader_version)
    return _collect(document_id, reader_version, Outcome.FAILED, reading, (issue,))


def _collect(
    document_id: str,
    reader_version: str,
    outcome: Outcome,
    reading: Row,
    issues: Iterable[Issue],
    tables: Mapping[str, tuple[Row, ...]] | None = None,
) -> DocumentRows:
    known = tuple(issues)
    issue_rows = tuple(_issue_row(document_id, number, issue) for number, issue in enumerate(known, start=1))
    codes = tuple(dict.fromkeys(str(issue.code) for issue in known))
    everything = {"core.reading": (reading,), **(tables or {}), "core.issue": issue_rows}
    return DocumentRows(document_id, reader_version, outcome, codes, everything)


def _reading_row(
    document_id: str, partition_year: str, outcome: Outcome, reason: str, title: str, reader_version: str
) -> Row:
    return {
        "document_id": document_id,
        "partition_year": partition_year,
        "reading_outcome": str(outcome),
        "reject_reason_code": reason or None,
        "title_text": mask_personal(title) or None,
        "reader_version": reader_version,
    }


def _report_row(document_id: str, report: Report, findings: Sequence[Finding], cells: ReportCells) -> Row:
    expected = None if report.report_year is None else edition_expected(report.report_year)
    return {
        "report_id": document_id,
        "agency_name_text": mask_personal(report.agency_name) or None,
        "report_year": report.report_year,
        "title_text": mask_personal(report.title) or None,
        "title_year": report.title_year,
        "edition_code": report.edition or None,
        "edition_expected_code": expected.code if expected else None,
        "period_start_date": report.period_start,
        "period_end_date": report.period_end,
        "published_date": report.published,
        "grade_code": str(grade_report(report, findings)),
        "reported_cell_count": sum(reading.state is CellState.REPORTED for reading in cells.readings.values()),
        "printed_number_count": report.printed_number_count,
        "read_number_count": report.read_number_count,
        "figures_hash": fingerprint_figures(cells.readings.values()),
        "text_hash": fingerprint_text(report.sections),
    }


def _cell_row(document_id: str, reading: CellReading) -> Row:
    table, row, column = reading.code.split(".")
    return {
        "report_id": document_id,
        "cell_code": reading.code,
        "table_code": table,
        "row_code": row,
        "column_code": column,
        "value": reading.value,
        "unit": reading.unit,
        "state_code": str(reading.state),
        "raw_text": reading.raw,
        "locator_text": reading.locator,
        "method_code": reading.method,
        # A label read without a wrong character is the form's own
        "label_text": mask_personal(reading.label) if reading.label_distance else reading.label,
        "label_distance": reading.label_distance,
    }


def _section_rows(document_id: str, report: Report) -> tuple[Row, ...]:
    codes = [section.code for section in report.sections]
    if len(set(codes)) != len(codes):
        raise ValueError(f"a section was read twice: {', '.join(codes)}")
    return tuple(
        {
            "report_id": document_id,
            "section_code": section.code,
            "heading_text": mask_personal(section.heading),
            "body_text": mask_personal(section.body),
            "locator_text": section.locator,
        }
        for section in report.sections
    )


def _claim_rows(document_id: str, report: Report) -> tuple[Row, ...]:
    sentences = mask_sentences(report)
    return tuple(
        {
            "report_id": document_id,
            "claim_number": number,
            "fact_code": claim.fact_code,
            "value": claim.value,
            "unit": claim.unit,
            "is_approximate": claim.is_approximate,
            "section_code": claim.section_code,
            "sentence_text": sentence,
            "start_offset": claim.start,
            "end_offset": claim.end,
        }
        for number, (claim, sentence) in enumerate(zip(report.claims, sentences, strict=True), start=1)
    )


def _attachment_rows(document_id: str, report: Report) -> tuple[Row, ...]:
    return tuple(
        {
            "page_document_id": document_id,
            "link_number": link.number,
            "anchor_text": mask_personal(link.text),
            "target_text": link.target,
            "attachment_kind_code": link.kind,
        }
        for link in report.links
    )


def _finding_row(document_id: str, finding: Finding) -> Row:
    left, right = finding.left, finding.right
    return {
        "report_id": document_id,
        "rule_code": finding.rule,
        "place_text": finding.place,
        "severity_code": finding.severity,
        "verdict_code": str(finding.verdict),
        "lenient_verdict_code": str(finding.lenient_verdict),
        "left_value": left,
        "right_value": right,
        "difference": None if left is None or right is None else left - right,
        "cell_code_list": list(finding.cells),
        # A tenth of a warehouse was sentences that say of two equal numbers that they are equal
        "message_text": None if finding.verdict is Verdict.PASS else finding.message,
    }


def _issue_row(document_id: str, number: int, issue: Issue) -> Row:
    return {
        "document_id": document_id,
        "issue_number": number,
        "issue_code": str(issue.code),
        "message_text": mask_personal(issue.message),
        "locator_text": issue.locator,
    }
