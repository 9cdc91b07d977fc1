"""Reading a partition: choose, read, write a batch, and say what became of it.

Belongs here: the loop over one partition's documents and its summary. Does not belong here: reading one document
(reading.py), worker processes (readers.py), merging batches into core tables (facts/stages.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.archive.captures import CaptureLog
from pipeline.archive.ledger import LedgerEntry, load_ledger
from pipeline.facts.model import DocumentRows
from pipeline.facts.rows import failed_rows
from pipeline.facts.stages import ManifestEntry, read_manifest, write_batch
from pipeline.issues import Issue, IssueCode
from pipeline.orchestration.readers import read_documents
from pipeline.orchestration.reading import PARTITION_KEYS, describe_error
from pipeline.orchestration.selection import ReadingFilter, select_documents
from pipeline.orchestration.stage_queries import find_agency_documents, load_issue_messages
from pipeline.paths import DataPaths

BATCH_SIZE = 1_000
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

    read_count documents were read now; standing counts outcomes over all documents of the partition; unread is a
    sample of at most SAMPLE_SIZE, failures first.
    """

    year: str
    read_count: int
    skipped_count: int
    standing: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[UnreadDocument, ...] = ()

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
) -> PartitionReading:
    """Read the wanted ones of a partition's documents into new batches, unmerged. A bad document becomes a row."""
    agency_documents = find_agency_documents(paths, wanted.agency) if wanted.agency else frozenset()
    chosen = select_documents(entries, read_manifest(paths, year), wanted, agency_documents)
    fresh: dict[str, tuple[str, str]] = {}
    pending: list[DocumentRows] = []
    for group in read_documents(paths.blobs, chosen, worker_count) if chosen else ():
        pending += group
        if len(pending) >= BATCH_SIZE:
            fresh |= _store_batch(paths, year, pending)
            pending = []
    if pending:
        fresh |= _store_batch(paths, year, pending)
    return _summarise(paths, year, entries, len(chosen), fresh)


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
    """The partitions that have documents, in order."""
    return [year for year, entries in group_by_year(paths).items() if entries]


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


def _store_batch(paths: DataPaths, year: str, rows: Sequence[DocumentRows]) -> dict[str, tuple[str, str]]:
    """Write one batch and return the first issue (code, message) of each of its documents that has one.

    Rows that the contract refuses are those of one document, and cost only that one: the batch is halved until it is
    found.
    """
    try:
        write_batch(paths, year, rows)
    except OSError:
        raise
    except Exception as error:
        if len(rows) > 1:
            half = len(rows) // 2
            return _store_batch(paths, year, rows[:half]) | _store_batch(paths, year, rows[half:])
        issue = Issue(IssueCode.READER_CRASHED, describe_error(error))
        rows = [failed_rows(rows[0].document_id, year, issue, rows[0].reader_version)]
        write_batch(paths, year, rows)
    issues: dict[str, tuple[str, str]] = {}
    for document in rows:
        for row in document.tables.get("core.issue", ())[:1]:
            issues[document.document_id] = (str(row["issue_code"]), str(row["message_text"]))
    return issues


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
