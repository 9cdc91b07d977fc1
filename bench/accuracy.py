"""Reading judged against what was printed: one document, one batch of documents, batches on every core.

Belongs here: telling right, wrong, missed and invented cells apart and counting them. Does not belong here: reading
itself, documents, time.
"""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from functools import partial
from typing import Any

from bench.corpus import build_batch
from bench.layouts import LAYOUTS
from bench.model import SimulatedReport
from bench.mutate import LAYOUTS_OF, MUTATIONS, mutate_report
from bench.simulate import simulate_report
from pipeline.archive.sniff import sniff_media_type
from pipeline.issues import IssueCode
from pipeline.orchestration.reading import Reading, read_content
from pipeline.reports.model import CellReading

DOCUMENTS_PER_BATCH = 125
MUTATIONS_PER_BATCH = 250
DAMAGES = tuple((kind, layout) for kind in MUTATIONS for layout in LAYOUTS_OF.get(kind, tuple(LAYOUTS)))
# Reports that say little hide damage: most of their cells are 0 wherever they are read from
BUSY_RECEIVED = 3
_MAX_FAULTS_PER_GROUP = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell read otherwise than printed; kind is 'wrong', 'missed' or 'invented'."""

    kind: str
    document: str
    cell_code: str
    printed: str
    read: str
    raw: str


@dataclass(slots=True)
class Tally:
    """Counts over the documents of one group. Cells printed blank or not at all count only if a number is read there.

    misidentified: documents whose agency or year is not the printed one. outcomes: 'report' or what it was refused
    with -> documents. exceptions: documents that broke the reader. not_made: documents a program did not make.
    printed_numbers, read_numbers: what the reader itself says of the tables, without knowing the truth.
    """

    documents: int = 0
    right: int = 0
    wrong: int = 0
    missed: int = 0
    invented: int = 0
    misidentified: int = 0
    exceptions: int = 0
    not_made: int = 0
    printed_numbers: int = 0
    read_numbers: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add the counts of another tally; of the faults only the first few are kept."""
        for name in (each.name for each in fields(self) if each.type == "int"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for outcome, count in other.outcomes.items():
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + count
        worst_first = sorted((*self.faults, *other.faults), key=lambda fault: fault.kind == "missed")
        self.faults = worst_first[:_MAX_FAULTS_PER_GROUP]


def compare_cells(document: str, values: Mapping[str, str], cells: Iterable[CellReading]) -> tuple[int, list[Fault]]:
    """How many cells are read as printed, and those that are not. values: cell code -> number, '' for none."""
    printed = {code: value for code, value in values.items() if value}
    read = {cell.code: cell for cell in cells}
    right, faults = 0, []
    for code in printed.keys() | read.keys():
        cell = read.get(code)
        value = None if cell is None else cell.value
        if value is None and code not in printed:
            continue
        if value is not None and code in printed and value == Decimal(printed[code]):
            right += 1
            continue
        kind = "missed" if value is None else "wrong" if code in printed else "invented"
        shown = "" if cell is None else (cell.state if value is None else str(value))
        faults.append(Fault(kind, document, code, printed.get(code, ""), shown, "" if cell is None else cell.raw[:80]))
    return right, sorted(faults, key=lambda fault: fault.cell_code)


def tally_reading(document: str, values: Mapping[str, str], reading: Reading, report: SimulatedReport | None) -> Tally:
    """The tally of one document. report: whose name and year the reading must find, None where damage excuses that."""
    right, faults = compare_cells(document, values, reading.report.cells)
    counts = {kind: sum(fault.kind == kind for fault in faults) for kind in ("wrong", "missed", "invented")}
    found = (reading.report.agency_name, reading.report.report_year)
    return Tally(
        documents=1,
        right=right,
        misidentified=int(report is not None and found != (report.agency_name, report.report_year)),
        exceptions=int(reading.failure is not None and reading.failure.code == IssueCode.READER_CRASHED),
        printed_numbers=reading.report.printed_number_count or 0,
        read_numbers=reading.report.read_number_count or 0,
        outcomes={"report" if reading.report.is_report else str(reading.report.reject_reason): 1},
        # One of each kind is enough to find the document again by its number and seed
        faults=list({fault.kind: fault for fault in reversed(faults)}.values()),
        **counts,
    )


def judge_documents(numbers: Sequence[int], seed: int, formats: Sequence[str]) -> dict[str, Tally]:
    """The simulated documents of these numbers made, read and judged: format -> tally."""
    tallies: dict[str, Tally] = {}
    documents = build_batch(numbers, seed, formats)
    for document in documents:
        reading = read_content(document.content, sniff_media_type(document.content))
        tally = tally_reading(document.name, document.values, reading, document.report)
        tallies.setdefault(document.format_name, Tally()).add(tally)
    if len(documents) < len(numbers):
        tallies["not made"] = Tally(not_made=len(numbers) - len(documents))
    return tallies


def judge_mutations(numbers: Sequence[int], seed: int) -> dict[str, Tally]:
    """The damaged documents of these numbers made, read and judged: kind of damage -> tally.

    A cell missed counts only where the damage left it readable.
    """
    tallies: dict[str, Tally] = {}
    for number in numbers:
        kind, layout = DAMAGES[number % len(DAMAGES)]
        rng = random.Random(f"{seed}/{kind}/{layout}/{number}")
        mutation = mutate_report(_draw_busy_report(rng, seed), layout, kind, rng)
        reading = read_content(mutation.content, sniff_media_type(mutation.content))
        tally = tally_reading(f"{number:06d}-{layout}-{kind}", mutation.values, reading, None)
        if not mutation.readable:
            tally.missed, tally.faults = 0, [fault for fault in tally.faults if fault.kind != "missed"]
        tallies.setdefault(kind, Tally()).add(tally)
    return tallies


def judge_many(
    reports: int, mutations: int, seed: int, formats: Sequence[str], cores: int
) -> Iterator[tuple[str, int, dict[str, Tally]]]:
    """Both kinds of documents on so many cores: ('accuracy' or 'damage', documents in the batch, tallies) as they end.

    The slow batches, which start other programs, go first.
    """
    accuracy = partial(judge_documents, seed=seed, formats=formats)
    damage = partial(judge_mutations, seed=seed)
    jobs = [("accuracy", accuracy, numbers) for numbers in _split(reports, DOCUMENTS_PER_BATCH, cores)]
    jobs += [("damage", damage, numbers) for numbers in _split(mutations, MUTATIONS_PER_BATCH, cores)]
    with ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(job, numbers): (section, len(numbers)) for section, job, numbers in jobs}
        for future in as_completed(futures):
            yield *futures[future], future.result()


def describe_tallies(tallies: Mapping[str, Tally]) -> dict[str, dict[str, Any]]:
    """The tallies as JSON objects, by name."""
    return {name: asdict(tallies[name]) for name in sorted(tallies)}


def _split(count: int, size: int, cores: int) -> list[range]:
    """Numbers 0 to count-1 in batches of at most `size`, at least one batch for every core."""
    size = max(1, min(size, -(-count // cores)))
    return [range(start, min(count, start + size)) for start in range(0, count, size)]


def _draw_busy_report(rng: random.Random, seed: int) -> SimulatedReport:
    while True:
        report = simulate_report(rng.randrange(2_000), seed)
        if int(report.cells["requests.new_received.total"]) >= BUSY_RECEIVED:
            return report
