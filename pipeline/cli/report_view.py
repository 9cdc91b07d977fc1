"""One report laid out for a reader: a summary, and every number with its evidence.

Belongs here: choosing and arranging what is shown. Does not belong here: reading or judging.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import click
from rich.table import Table

from pipeline.agencies.model import OrganMatch
from pipeline.cli.console import open_console
from pipeline.contract.editions import Edition, FormCell, edition_by_code
from pipeline.facts.model import Finding, Verdict
from pipeline.reports.model import CellReading, CellState, Report

_CANDIDATES_SHOWN = 3


def show_summary(report: Report, findings: Sequence[Finding], agency: OrganMatch | None, document_id: str) -> None:
    """A dozen lines: who, when, which form, how many numbers, what contradicts, what is in doubt."""
    lines = [("document", document_id), ("title", report.title or "(none)")]
    if report.is_report and agency is not None:
        lines += _describe_report(report, findings, agency)
    else:
        lines += [("not a report", report.reject_reason)]
    lines += [("issue", " ".join(filter(None, (str(i.code), i.locator, i.message)))) for i in report.issues]
    for name, value in lines:
        click.echo(f"{name:<14}{value}")


def _describe_report(report: Report, findings: Sequence[Finding], agency: OrganMatch) -> list[tuple[str, str]]:
    states = Counter(cell.state for cell in report.cells)
    verdicts = Counter(finding.verdict for finding in findings)
    lines = [
        ("agency", f"{report.agency_name or '(none)'} = {_describe_agency(agency)}"),
        ("year", str(report.report_year or "unknown")),
        ("form", report.edition or "unknown"),
        ("cells", ", ".join(f"{count} {state}" for state, count in states.most_common()) or "none"),
        ("recall", _describe_recall(report)),
        ("rules", ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common()) or "none"),
    ]
    lines += [
        ("contradiction" if finding.severity == "hard" else "finding", f"{_name_place(finding)}: {finding.message}")
        for finding in findings
        if finding.verdict is Verdict.FAIL
    ]
    return lines


def _describe_agency(agency: OrganMatch) -> str:
    if agency.is_settled:
        place = agency.region_path_text or agency.division_level
        return f"{agency.agency_id} ({agency.confidence}, by {agency.method}; {place})"
    paths = [candidate.region_path_text for candidate in agency.candidates]
    shown = "; ".join(paths[:_CANDIDATES_SHOWN]) + ("; …" if len(paths) > _CANDIDATES_SHOWN else "")
    return f"{agency.agency_id} ({agency.confidence}" + (f", may be {len(paths)}: {shown})" if paths else ")")


def _describe_recall(report: Report) -> str:
    if not report.printed_number_count:
        return "no number is printed in a table of the form"
    return f"{report.read_number_count} of {report.printed_number_count} printed numbers read"


def _name_place(finding: Finding) -> str:
    return f"{finding.rule} {finding.place}".strip()


def show_explanation(report: Report, findings: Sequence[Finding]) -> None:
    """A table for each table of the form: label as printed, column, value, state, place, rules for and against."""
    console = open_console()
    evidence = _collect_evidence(findings)
    readings = {cell.code: cell for cell in report.cells}
    for edition, table_code, form_cells in _split_tables(report):
        title = edition.table(table_code)
        console.print(_explain_table(f"{title.label_zh} / {title.label_en}", form_cells, readings, evidence))


def _split_tables(report: Report) -> Iterable[tuple[Edition, str, list[FormCell]]]:
    if not report.edition:
        return
    edition = edition_by_code(report.edition)
    for table_code, form_cells in groupby(edition.cells(), key=lambda cell: cell.table):
        yield edition, table_code, list(form_cells)


def _explain_table(
    title: str,
    form_cells: Iterable[FormCell],
    readings: Mapping[str, CellReading],
    evidence: Mapping[str, Sequence[str]],
) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for header in ("cell", "label as printed", "printed", "value", "state", "place", "rules"):
        table.add_column(header, overflow="fold", justify="right" if header == "value" else "left")
    for form_cell in form_cells:
        cell = readings.get(form_cell.code)
        if cell is None or cell.state is CellState.ABSENT:
            table.add_row(form_cell.code, "", "", "", str(CellState.ABSENT), "", "")
            continue
        value = "" if cell.value is None else f"{cell.value:f} {cell.unit}"
        rules = " ".join(evidence.get(cell.code, ()))
        table.add_row(form_cell.code, cell.label, cell.raw, value, str(cell.state), cell.locator, rules)
    return table


def _collect_evidence(findings: Iterable[Finding]) -> Mapping[str, list[str]]:
    """Rules by cell code: a bare code confirms, one with its verdict behind it does not."""
    evidence: dict[str, list[str]] = defaultdict(list)
    for finding in findings:
        if finding.verdict is Verdict.NOT_ASSESSABLE:
            continue
        name = finding.rule if finding.verdict is Verdict.PASS else f"{finding.rule}({finding.verdict})"
        for code in finding.cells:
            if name not in evidence[code]:
                evidence[code].append(name)
    return evidence
