"""Documents on disk, each with its truth: documents/<name>, truth/<name>.cells.csv and one truth.json.

Belongs here: the files a corpus consists of. Does not belong here: figures, layouts, the bundled samples' choice.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bench.layouts import LAYOUTS
from bench.model import EDITION, SimulatedReport, list_values
from bench.simulate import APPLICANTS, break_row_total, list_broken_rules, simulate_reports

# Of a hundred simulated reports, how many contradict themselves and how many leave the organisations' columns blank.
CONTRADICTORY_PERCENT = 4
BLANK_PERCENT = 6


@dataclass(frozen=True, slots=True)
class TruthfulDocument:
    """One document and what it prints.

    report: None for a document that is no report. outcome: 'report', or the issue code it is refused with.
    values: cell code -> decimal string, '' for a printed blank or mark; cells that are not printed are left out.
    issues: issue codes a reading should raise.
    """

    name: str
    content: bytes
    report: SimulatedReport | None
    values: dict[str, str]
    outcome: str = "report"
    issues: tuple[str, ...] = ()


def build_corpus(count: int, seed: int) -> Iterator[TruthfulDocument]:
    """Simulated documents in every layout, a few of them contradictory or with blank columns."""
    for number, drawn in enumerate(simulate_reports(count, seed)):
        rng = random.Random(f"{seed}/{number}/layout")
        layout = rng.choice(list(LAYOUTS))
        report = _depart(drawn, layout, rng)
        rendering = LAYOUTS[layout](report)
        name = f"{number:06d}-{layout}.{rendering.suffix}"
        yield TruthfulDocument(name, rendering.content, report, list_values(report.cells))


def write_documents(documents: Iterable[TruthfulDocument], document_folder: Path, truth_folder: Path) -> int:
    """Writes documents and truths into two folders and returns how many; a file of the same name is replaced."""
    document_folder.mkdir(parents=True, exist_ok=True)
    truth_folder.mkdir(parents=True, exist_ok=True)
    entries = {}
    for document in documents:
        (document_folder / document.name).write_bytes(document.content)
        if document.values:
            (truth_folder / f"{document.name}.cells.csv").write_text(format_cells(document.values), encoding="utf-8")
        entries[document.name] = describe_truth(document)
    (truth_folder / "truth.json").write_text(format_truths(entries), encoding="utf-8")
    return len(entries)


def format_cells(values: dict[str, str]) -> str:
    """The truth of one document as CSV text: cell_code,value."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("cell_code", "value"))
    writer.writerows(values.items())
    return stream.getvalue()


def format_truths(entries: dict[str, dict[str, object]]) -> str:
    """The truths of all documents as JSON text: file name -> who, when, what a reading should come to."""
    return json.dumps(entries, ensure_ascii=False, indent=1) + "\n"


def describe_truth(document: TruthfulDocument) -> dict[str, object]:
    """The entry of one document in truth.json."""
    entry: dict[str, object] = {"outcome": document.outcome, "issues": list(document.issues)}
    if document.report is None:
        return entry
    who = {"agency_name": document.report.agency_name, "report_year": document.report.report_year, "edition": EDITION}
    return who | entry | {"broken_rules": list_broken_rules(document.values)}


def _depart(report: SimulatedReport, layout: str, rng: random.Random) -> SimulatedReport:
    drawn = rng.randrange(100)
    if drawn < CONTRADICTORY_PERCENT:
        return break_row_total(report, rng.choice(("new_received", "granted", "total_disposed")))
    # Without cell borders a blank cell leaves no trace, so only pages print blanks; text prints a slash.
    mark = "" if layout in ("page", "word") else "/"
    if drawn < CONTRADICTORY_PERCENT + BLANK_PERCENT:
        organisations = tuple(f".{applicant}" for applicant in APPLICANTS[1:])
        marked = {c: mark for c in report.cells if c.startswith("requests.") and c.endswith(organisations)}
        unmarked = {c: v for c, v in report.cells.items() if c in marked and v != "0"}
        return report if unmarked else replace(report, cells={**report.cells, **marked})
    return report
