"""Reading what is new, outdated or asked for: choose, read, write batches, and say what became of it.

Belongs here: one pass over the documents of some partitions, and how partitions stand. Does not belong here: reading
one document (reading.py), worker processes (readers.py), merging batches into core tables (facts/stages.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.archive.captures import CaptureLog
from pipeline.archive.ledger import UNKNOWN_REGION, LedgerEntry, load_ledger, move_documents
from pipeline.facts.stages import ManifestEntry, read_manifest, reading_pass, was_merged
from pipeline.orchestration.filing import find_readings
from pipeline.orchestration.readers import read_documents
from pipeline.orchestration.reading import PARTITION_KEYS
from pipeline.orchestration.regions import Partition, list_provinces
from pipeline.orchestration.selection import ReadingFilter, select_documents
from pipeline.orchestration.stage_queries import find_agency_documents, load_issue_messages
from pipeline.orchestration.storing import Reader, RowStore
from pipeline.paths import DataPaths
from pipeline.warehouse.swap import explain_disk

SAMPLE_SIZE = 50
# Called as documents are read: how many are, and how many there are to read
ShowProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class UnreadDocument:
    """One document that is no report: failed (the reader broke) or rejected (it is something else)."""

    document_id: str
    outcome: str
    origin: str
    issue_code: str
    message: str


@dataclass(frozen=True, slots=True)
class ReadingPass:
    """What one pass did.

    document_count documents were looked at. read_counts: of those that were read, how many turned out to be of each
    partition, and failed_counts how many of these could not be read. touched: these partitions, and those that
    documents have left.
    """

    document_count: int
    read_counts: Mapping[Partition, int]
    failed_counts: Mapping[Partition, int]
    touched: tuple[Partition, ...]

    @property
    def read_count(self) -> int:
        """Documents read in this pass."""
        return sum(self.read_counts.values())


@dataclass(frozen=True, slots=True)
class PartitionStanding:
    """How a partition stands: its documents by outcome of their newest reading.

    reasons counts why documents are no reports, unread is a sample of at most SAMPLE_SIZE of them, failures first.
    """

    partition: Partition
    standing: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    unread: tuple[UnreadDocument, ...] = ()

    @property
    def document_count(self) -> int:
        """Documents of the partition that have been read."""
        return sum(self.standing.values())


def read_partitions(
    paths: DataPaths,
    wanted: ReadingFilter,
    partitions: Collection[Partition] | None = None,
    worker_count: int | None = None,
    show_progress: ShowProgress = lambda done, total: None,  # noqa: ARG005 (nobody is looking)
    reader: Reader | None = None,
) -> ReadingPass:
    """Read the wanted ones of these partitions' documents, of all for None, into new batches, unmerged.

    A bad document becomes a row. One that turns out to report on another year than the one it is filed under moves
    there, rows and all. reader: reads them elsewhere than in worker_count processes of this machine.
    """
    entries = [e for e in load_ledger(paths) if partitions is None or place_of(e) in partitions]
    chosen = _choose(paths, entries, wanted)
    known = {} if wanted.is_narrowed or wanted.force else find_readings(paths, chosen)
    unread = [entry for entry in chosen if entry.document_id not in known]
    with explain_disk(paths.shards), reading_pass(paths):
        if reader is not None and unread:
            read = reader.read(paths, unread).partitions
        else:
            read = _read_here(paths, unread, worker_count, show_progress)
        return _file(paths, entries, {**known, **read}, read)


def _read_here(
    paths: DataPaths, unread: Sequence[LedgerEntry], worker_count: int | None, show_progress: ShowProgress
) -> dict[str, str]:
    """The partition of each document by id, its rows in a batch."""
    store = RowStore(paths)
    done = 0
    for group in read_documents(paths.blobs, unread, worker_count) if unread else ():
        store.add(group)
        done += len(group.documents)
        show_progress(done, len(unread))
    store.finish()
    return store.partitions


def describe_partitions(paths: DataPaths, partitions: Collection[Partition] | None = None) -> list[PartitionStanding]:
    """How these partitions stand, or all that have documents, in order."""
    by_partition: dict[Partition, list[LedgerEntry]] = {partition: [] for partition in partitions or ()}
    for entry in load_ledger(paths):
        if partitions is None or place_of(entry) in by_partition:
            by_partition.setdefault(place_of(entry), []).append(entry)
    by_year: dict[str, list[Partition]] = {}
    for partition in sorted(by_partition):
        by_year.setdefault(partition.year, []).append(partition)
    found = []
    for year, places in by_year.items():
        manifest = read_manifest(paths, year)
        found += [
            (place, [manifest[e.document_id] for e in by_partition[place] if e.document_id in manifest])
            for place in places
        ]
    unread = {place: sorted((m for m in read if m.outcome != "report"), key=_failures_first) for place, read in found}
    samples = {place: entries[:SAMPLE_SIZE] for place, entries in unread.items()}
    origins = find_origins(paths, {one.document_id for sample in samples.values() for one in sample})
    return sorted(
        (
            PartitionStanding(
                partition=place,
                standing=Counter(m.outcome for m in read),
                reasons=Counter(_first_code(m) for m in unread[place]),
                unread=tuple(_describe_unread(paths, place.year, samples[place], origins)),
            )
            for place, read in found
        ),
        key=lambda one: one.partition,
    )


def place_of(entry: LedgerEntry) -> Partition:
    """The partition that a document is in."""
    return Partition(entry.partition_region, entry.partition_year)


def group_by_year(paths: DataPaths) -> Mapping[str, list[LedgerEntry]]:
    """Every known document by the year it is filed under; a year without documents has an empty list."""
    entries: dict[str, list[LedgerEntry]] = {year: [] for year in PARTITION_KEYS}
    for entry in load_ledger(paths):
        entries[entry.partition_year].append(entry)
    return entries


def list_years(paths: DataPaths, entries: Mapping[str, Sequence[LedgerEntry]]) -> list[str]:
    """The years that have documents (entries: as group_by_year gives them), or had some when last merged, in order."""
    return [year for year, of_year in entries.items() if of_year or was_merged(paths, year)]


def select_partitions(
    paths: DataPaths, years: Iterable[str], document_ids: Sequence[str], regions: Sequence[str] = ()
) -> frozenset[Partition]:
    """The partitions a request touches: those of the years and provinces named, or all; with document_ids only where
    these live.

    ValueError for a year or province that is no partition and for a document nobody has captured: a typing error must
    not look like "nothing to do".
    """
    named = list(years)
    unknown_regions = [region for region in regions if region not in (*list_provinces(), UNKNOWN_REGION)]
    if unknown_regions:
        raise ValueError(
            f"no such province: {', '.join(unknown_regions)}; it is a code such as {list_provinces()[0]}, or unknown"
        )
    unknown_years = [year for year in named if year not in PARTITION_KEYS]
    if unknown_years:
        raise ValueError(f"no such year: {', '.join(unknown_years)}; a year is one of {', '.join(PARTITION_KEYS)}")
    partition_of = {entry.document_id: place_of(entry) for entry in load_ledger(paths)}
    unknown_ids = [document_id for document_id in document_ids if document_id not in partition_of]
    if unknown_ids:
        raise ValueError(
            f"no such document: {', '.join(unknown_ids)}; raw.document lists them, a document id has 16 hex digits"
        )
    touched = {partition_of[i] for i in document_ids} if document_ids else set(partition_of.values())
    return frozenset(
        partition
        for partition in touched
        if (not named or partition.year in named) and (not regions or partition.region in regions)
    )


def _choose(paths: DataPaths, entries: Iterable[LedgerEntry], wanted: ReadingFilter) -> list[LedgerEntry]:
    agency_documents = find_agency_documents(paths, wanted.agency) if wanted.agency else frozenset()
    by_year: dict[str, list[LedgerEntry]] = {}
    for entry in entries:
        by_year.setdefault(entry.partition_year, []).append(entry)
    return [
        entry
        for year in sorted(by_year)
        for entry in select_documents(by_year[year], read_manifest(paths, year), wanted, agency_documents)
    ]


def _file(
    paths: DataPaths, entries: Sequence[LedgerEntry], year_of: Mapping[str, str], read: Mapping[str, str]
) -> ReadingPass:
    """Write down where the documents belong by the year each reports on, and count those that were read."""
    failed = _list_failed(paths, read)
    read_counts: Counter[Partition] = Counter()
    failed_counts: Counter[Partition] = Counter()
    touched: set[Partition] = set()
    moved: dict[str, str] = {}
    for entry in entries:
        year = year_of.get(entry.document_id)
        if year is None:
            continue
        place = Partition(entry.partition_region, year)
        touched.update((place, place_of(entry)))
        read_counts[place] += entry.document_id in read
        failed_counts[place] += entry.document_id in failed
        if year != entry.partition_year:
            moved[entry.document_id] = year
    if moved:
        move_documents(paths, moved)
    return ReadingPass(len(entries), +read_counts, +failed_counts, tuple(sorted(touched)))


def _list_failed(paths: DataPaths, read: Mapping[str, str]) -> frozenset[str]:
    """Which of the documents that were read, each in a batch of its year, could not be."""
    manifests = {year: read_manifest(paths, year) for year in set(read.values())}
    return frozenset(id_ for id_, year in read.items() if manifests[year][id_].outcome == "failed")


def _describe_unread(
    paths: DataPaths, year: str, sample: Sequence[ManifestEntry], origins: Mapping[str, str]
) -> Iterator[UnreadDocument]:
    messages = load_issue_messages(paths, year, {one.document_id: one.batch for one in sample}) if sample else {}
    for one in sample:
        yield UnreadDocument(
            document_id=one.document_id,
            outcome=one.outcome,
            origin=origins.get(one.document_id, ""),
            issue_code=_first_code(one),
            message=messages.get(one.document_id, ""),
        )


def find_origins(paths: DataPaths, document_ids: Collection[str]) -> Mapping[str, str]:
    """Where these documents were last captured from; the whole log is read for it, so only where there is one."""
    captures = CaptureLog(paths.captures).read() if document_ids else ()
    return {c.document_id: c.origin_text for c in captures if c.document_id and c.document_id in document_ids}


def _failures_first(entry: ManifestEntry) -> tuple[str, str]:
    return entry.outcome, entry.document_id


def _first_code(entry: ManifestEntry) -> str:
    return next(iter(entry.issue_codes), "")
