"""Reading a partition: choose, read, write a batch, and say what became of it.

Belongs here: the loop over one partition's documents and its summary. Does not belong here: reading one document
(reading.py), worker processes (readers.py), merging batches into core tables (facts/stages.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.archive.captures import CaptureLog
from pipeline.archive.ledger import LedgerEntry, load_ledger, move_documents
from pipeline.facts.stages import ManifestEntry, read_manifest, was_merged
from pipeline.orchestration.readers import read_documents
from pipeline.orchestration.reading import PARTITION_KEYS
from pipeline.orchestration.selection import ReadingFilter, select_documents
from pipeline.orchestration.stage_queries import find_agency_documents, load_issue_messages
from pipeline.orchestration.storing import Reader, RowStore, StoredReadings
from pipeline.paths import DataPaths

SAMPLE_SIZE = 50


@dataclass(frozen=True, slots=True)
class UnreadDocument:
    """One document that is no report: failed (the reader broke) or rejected (it is something else)."""

    document_id: str
    outcome: str
    origin: str
    issue_code: str
    message: str


@dataclass(frozen=True, slots=True)
class PartitionReading:
    """What one pass over a partition did, and how the partition stands after it.

    read_count documents were read now; moved_to are partitions that some of them turned out to belong to; standing
    counts outcomes over all documents of the partition; unread is a sample of at most SAMPLE_SIZE, failures first.
    """

    year: str
    read_count: int
    skipped_count: int
    standing: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[UnreadDocument, ...] = ()
    moved_to: tuple[str, ...] = ()

    @property
    def document_count(self) -> int:
        """Documents of the partition that have been read, now or before."""
        return sum(self.standing.values())


def read_partition(
    paths: DataPaths,
    year: str,
    entries: Sequence[LedgerEntry],
    wanted: ReadingFilter,
    worker_count: int | None = None,
    reader: Reader | None = None,
) -> PartitionReading:
    """Read the wanted ones of a partition's documents into new batches, unmerged. A bad document becomes a row.

    One that turns out to report on another year moves to the partition of that year, rows and all. reader: reads them
    elsewhere than in worker_count processes of this machine.
    """
    agency_documents = find_agency_documents(paths, wanted.agency) if wanted.agency else frozenset()
    chosen = select_documents(entries, read_manifest(paths, year), wanted, agency_documents)
    store = reader.read(paths, chosen) if reader and chosen else _read_here(paths, chosen, worker_count)
    moved = {document_id: partition for document_id, partition in store.partitions.items() if partition != year}
    if moved:
        move_documents(paths, moved)
    staying = [entry for entry in entries if entry.document_id not in moved]
    summary = _summarise(paths, year, staying, len(chosen), store.first_issues)
    return replace(summary, skipped_count=len(entries) - len(chosen), moved_to=tuple(sorted(set(moved.values()))))


def summarise_partition(paths: DataPaths, year: str, entries: Sequence[LedgerEntry]) -> PartitionReading:
    """How a partition stands, without reading anything."""
    return _summarise(paths, year, entries, 0, {})


def group_by_year(paths: DataPaths) -> Mapping[str, list[LedgerEntry]]:
    """Every known document by the partition it is read in; a partition without documents has an empty list."""
    entries: dict[str, list[LedgerEntry]] = {year: [] for year in PARTITION_KEYS}
    for entry in load_ledger(paths):
        entries[entry.partition_year].append(entry)
    return entries


def list_years(paths: DataPaths) -> list[str]:
    """The partitions that have documents, or had some when they were last merged, in order."""
    merged = {year for year in PARTITION_KEYS if was_merged(paths, year)}
    return [year for year, entries in group_by_year(paths).items() if entries or year in merged]


def select_years(paths: DataPaths, years: Iterable[str], document_ids: Sequence[str]) -> list[str]:
    """The partitions a request touches, in order: those named, or all; with document_ids only where these live.

    ValueError for a year that is no partition and for a document nobody has captured: a typing error must not look like
    "nothing to do".
    """
    named = list(years)
    unknown_years = [year for year in named if year not in PARTITION_KEYS]
    if unknown_years:
        raise ValueError(f"no such year: {', '.join(unknown_years)}; a year is one of {', '.join(PARTITION_KEYS)}")
    partition_of = {entry.document_id: entry.partition_year for entry in load_ledger(paths)}
    unknown_ids = [document_id for document_id in document_ids if document_id not in partition_of]
    if unknown_ids:
        raise ValueError(
            f"no such document: {', '.join(unknown_ids)}; raw.document lists them, a document id has 16 hex digits"
        )
    touched = {partition_of[i] for i in document_ids} if document_ids else set(partition_of.values())
    return [key for key in PARTITION_KEYS if key in touched and (not named or key in named)]


def _read_here(paths: DataPaths, chosen: Sequence[LedgerEntry], worker_count: int | None) -> StoredReadings:
    store = RowStore(paths)
    for group in read_documents(paths.blobs, chosen, worker_count) if chosen else ():
        store.add(group)
    store.finish()
    return store


def _summarise(
    paths: DataPaths, year: str, entries: Sequence[LedgerEntry], read_count: int, fresh: Mapping[str, tuple[str, str]]
) -> PartitionReading:
    manifest = read_manifest(paths, year)
    standing = [manifest[e.document_id] for e in entries if e.document_id in manifest]
    unread = sorted((m for m in standing if m.outcome != "report"), key=lambda m: (m.outcome, m.document_id))
    sample = unread[:SAMPLE_SIZE]
    messages = {**load_issue_messages(paths, year, [m.document_id for m in sample]), **fresh} if sample else {}
    origins = {c.document_id: c.origin_text for c in CaptureLog(paths.captures).read()} if sample else {}
    return PartitionReading(
        year=year,
        read_count=read_count,
        skipped_count=len(entries) - read_count,
        standing=Counter(m.outcome for m in standing),
        reasons=Counter(_first_code(m) for m in unread),
        unread=tuple(
            UnreadDocument(
                document_id=m.document_id,
                outcome=m.outcome,
                origin=origins.get(m.document_id, ""),
                issue_code=_first_code(m),
                message=messages.get(m.document_id, ("", ""))[1],
            )
            for m in sample
        ),
    )


def _first_code(entry: ManifestEntry) -> str:
    return next(iter(entry.issue_codes), "")
