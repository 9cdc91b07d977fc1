"""Documents on disk, each with its truth: documents/<name>, truth/<name>.cells.csv and one truth.json.

Belongs here: the files a corpus consists of. Does not belong here: figures, layouts, the bundled samples' choice.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.formats import DIRECT_FORMATS, FORMATS, Format, draw_document
from bench.model import EDITION, SimulatedReport, list_values
from bench.producers import produce_files
from bench.render_scan import scan_document
from bench.simulate import APPLICANTS, break_row_total, list_broken_rules, simulate_report

# Of a hundred simulated reports, how many contradict themselves and how many leave the organisations' columns blank.
CONTRADICTORY_PERCENT = 4
BLANK_PERCENT = 6
# Documents drawn before the programs that make files of them are started, once per batch
BATCH_SIZE = 100


@dataclass(frozen=True, slots=True)
class TruthfulDocument:
    """One document and what it prints.

    report: None for a document that is no report. outcome: 'report', or the issue code it is refused with.
    values: cell code -> decimal string, '' for a printed blank or mark; cells that are not printed are left out.
    issues: issue codes a reading should raise. format_name: one of FORMATS, '' for a sample.
    """

    name: str
    content: bytes
    report: SimulatedReport | None
    values: dict[str, str]
    outcome: str = "report"
    issues: tuple[str, ...] = ()
    format_name: str = ""


def build_corpus(count: int, seed: int, formats: Sequence[str] = DIRECT_FORMATS) -> Iterator[TruthfulDocument]:
    """Simulated documents in the formats named, a few of them contradictory or with blank columns.

    What is printed in document n depends on n, the seed and the formats alone. Raises FileNotFoundError where a format
    takes a program that is not installed; a document that a program fails on is left out.
    """
    for start in range(0, count, BATCH_SIZE):
        yield from build_batch(range(start, min(count, start + BATCH_SIZE)), seed, formats)


def build_batch(numbers: Iterable[int], seed: int, formats: Sequence[str]) -> list[TruthfulDocument]:
    """The documents of these numbers, in their order; each program is started once per kind of drawing."""
    drafts = [_draw(number, seed, formats) for number in numbers]
    waiting: dict[tuple[str, str, str], dict[str, bytes]] = defaultdict(dict)
    for draft in drafts:
        made_by = FORMATS[draft.format_name]
        if made_by.producer:
            suffix = "pdf" if made_by.is_scanned else made_by.suffix
            waiting[made_by.producer, made_by.drawing_suffix, suffix][draft.name] = draft.content
    made: dict[str, bytes] = {}
    for (producer, drawing_suffix, suffix), drawings in waiting.items():
        made |= produce_files(producer, drawings, drawing_suffix, suffix)
    direct = {draft.name: draft.content for draft in drafts if not FORMATS[draft.format_name].producer}
    made |= direct
    for draft in drafts:
        if draft.name in made and FORMATS[draft.format_name].is_scanned:
            rng = random.Random(f"{seed}/{draft.name}/scan")
            made[draft.name] = scan_document(made[draft.name], FORMATS[draft.format_name].suffix, rng)
    return [
        replace(draft, name=f"{draft.name}.{FORMATS[draft.format_name].suffix}", content=made[draft.name])
        for draft in drafts
        if draft.name in made
    ]


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


def _draw(number: int, seed: int, formats: Sequence[str]) -> TruthfulDocument:
    """Document `number` before a program has made the file: its name lacks the suffix, its content is the drawing."""
    rng = random.Random(f"{seed}/{number}/layout")
    drawn_as = FORMATS[rng.choices(formats, [FORMATS[name].share for name in formats])[0]]
    report = _depart(simulate_report(number, seed), drawn_as, rng)
    content = draw_document(report, drawn_as, rng)
    name = f"{number:06d}-{drawn_as.name}"
    return TruthfulDocument(name, content, report, list_values(report.cells), format_name=drawn_as.name)


def _depart(report: SimulatedReport, drawn_as: Format, rng: random.Random) -> SimulatedReport:
    drawn = rng.randrange(100)
    if drawn < CONTRADICTORY_PERCENT:
        return break_row_total(report, rng.choice(("new_received", "granted", "total_disposed")))
    if drawn < CONTRADICTORY_PERCENT + BLANK_PERCENT:
        return blank_columns(report, "" if drawn_as.shows_blanks else "/")
    return report


def blank_columns(report: SimulatedReport, mark: str) -> SimulatedReport:
    """The same report with this mark in the columns of organisations, if all they would print is 0."""
    organisations = tuple(f".{applicant}" for applicant in APPLICANTS[1:])
    marked = {c: mark for c in report.cells if c.startswith("requests.") and c.endswith(organisations)}
    unmarked = {c: v for c, v in report.cells.items() if c in marked and v != "0"}
    return report if unmarked else replace(report, cells={**report.cells, **marked})
