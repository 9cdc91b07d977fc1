"""The ledger: which documents there are, and in which partition each is read.

Belongs here: one entry per distinct content in the capture log, its partition, and the stages of raw.capture and
raw.document. Does not belong here: finding the partition (whoever reads a document knows its year, whoever merges its
report knows its agency's province; this room reads none).
"""

from __future__ import annotations

import datetime as dt
import fcntl
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import polars as pl

from pipeline.archive import sniff
from pipeline.archive.captures import DOCUMENT_ID_DIGITS, Capture, CaptureLog, list_values
from pipeline.archive.store import BlobDamagedError, BlobMissingError, BlobStore
from pipeline.contract.frames import make_frame
from pipeline.paths import DataPaths
from pipeline.whole_files import replace_file

UNKNOWN_PARTITION = "unknown"
UNKNOWN_REGION = "unknown"
PARTITIONS = frozenset((*map(str, range(2008, 2041)), UNKNOWN_PARTITION))

_SCHEMA = pl.Schema(
    {
        "document_id": pl.String(),
        "sha256": pl.String(),
        "media_type": pl.String(),
        "byte_count": pl.Int64(),
        "first_captured_at": pl.Datetime("us", "UTC"),
        "partition_year": pl.String(),
        "partition_region": pl.String(),
        "sniff_version": pl.String(),
    }
)
# Refreshing looks at bytes for as long as it takes; the ledger itself is held for a moment
_REFRESH_LOCK, _LEDGER_LOCK = "refresh.lock", "ledger.lock"
_INTERNAL = frozenset(["partition_region", "sniff_version"])


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One document: its content, when it was first seen, and where it is read.

    partition_year is '2008'…'2040' or 'unknown', partition_region the code of a province or 'unknown'. sniff_version is
    that of the rule by which media_type was found, '' where the bytes could not be used: they are then looked for again
    at the next refresh.
    """

    document_id: str
    sha256: str
    media_type: str
    byte_count: int
    first_captured_at: dt.datetime
    partition_year: str
    partition_region: str
    sniff_version: str


# Asked for documents that are new, or of another type than was thought: the year of each that is known, by document_id
FindYears = Callable[[Sequence[LedgerEntry]], Mapping[str, str]]
# The province where the document of a capture is read until its agency is known, UNKNOWN_REGION for none
FindRegion = Callable[[Capture], str]


@dataclass(frozen=True, slots=True)
class FilingFailure:
    """A document whose bytes could not be used, and why."""

    document_id: str
    message: str


@dataclass(frozen=True, slots=True)
class LedgerSummary:
    """What a refresh came to: documents per year, years whose documents changed, documents that are new."""

    partition_counts: Mapping[str, int]
    changed_partitions: tuple[str, ...]
    new_count: int
    failures: tuple[FilingFailure, ...]


def load_ledger(paths: DataPaths) -> list[LedgerEntry]:
    """Every document in order of sha256; empty before the first refresh, and where another version wrote it."""
    path = _ledger_path(paths)
    if not path.is_file():
        return []
    frame = pl.read_parquet(path)
    return [LedgerEntry(**row) for row in frame.iter_rows(named=True)] if frame.schema == _SCHEMA else []


def refresh_ledger(
    paths: DataPaths,
    find_years: FindYears,
    show_origin: Callable[[str], str],
    find_region: FindRegion = lambda capture: UNKNOWN_REGION,  # noqa: ARG005 (where no registry knows any)
) -> LedgerSummary:
    """Bring the ledger and the stages of raw.capture and raw.document up to the capture log.

    Refreshes wait for each other: one that began with fewer captures would forget what the other filed.
    find_years gets the documents that are new, and those whose bytes another version took for another media type; one
    that it does not name stays where it was ('unknown' when new) until reading it shows more. One whose blob is damaged
    or gone is in `failures`, and is looked for again at every refresh. What move_documents did meanwhile stays.
    show_origin gives what raw.capture says of an origin; the log keeps it whole. ValueError for a year that is no
    partition.
    """
    with _lock(paths, _REFRESH_LOCK):
        captures = CaptureLog(paths.captures).read()
        store = BlobStore(paths.blobs)
        known = {entry.sha256: entry for entry in load_ledger(paths)}
        failures: list[FilingFailure] = []
        entries: dict[str, LedgerEntry] = {}
        pending: list[LedgerEntry] = []
        for sha256, first in sorted(_first_captures(captures).items()):
            before = known.get(sha256)
            entry = before or _enter(sha256, first, find_region)
            if entry.sniff_version != sniff.VERSION:
                entry, message = _sniff_entry(entry, store)
                if message:
                    failures.append(FilingFailure(entry.document_id, message))
                elif before is None or not before.sniff_version or before.media_type != entry.media_type:
                    pending.append(entry)
            if entry.first_captured_at != first.captured_at:
                entry = replace(entry, first_captured_at=first.captured_at)
            entries[sha256] = entry
        year_of = _check_years(find_years(pending)) if pending else {}
        with _lock(paths, _LEDGER_LOCK):
            now = {entry.sha256: entry for entry in load_ledger(paths)}
            after = [_place_entry(entry, now.get(sha256), year_of) for sha256, entry in entries.items()]
            _write_ledger(paths, after)
        _write_stage(paths, "raw.capture", [_capture_row(capture, show_origin) for capture in captures])
    return LedgerSummary(
        partition_counts=dict(sorted(Counter(entry.partition_year for entry in after).items())),
        changed_partitions=_changed_partitions(known.values(), after),
        new_count=len(pending),
        failures=tuple(failures),
    )


def move_documents(
    paths: DataPaths, years: Mapping[str, str], regions: Mapping[str, str] = MappingProxyType({})
) -> None:
    """File these documents (by document_id) under other years and regions: what they say shows that they belong there.

    ValueError for a year that is no partition.
    """
    _check_years(years)
    with _lock(paths, _LEDGER_LOCK):
        _write_ledger(
            paths,
            [
                replace(
                    entry,
                    partition_year=years.get(entry.document_id, entry.partition_year),
                    partition_region=regions.get(entry.document_id, entry.partition_region),
                )
                for entry in load_ledger(paths)
            ],
        )


@contextmanager
def _lock(paths: DataPaths, name: str) -> Iterator[None]:
    paths.warehouse.mkdir(parents=True, exist_ok=True)
    with (paths.warehouse / name).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _first_captures(captures: Iterable[Capture]) -> dict[str, Capture]:
    """The first capture of each content that is a document."""
    first: dict[str, Capture] = {}
    for one in captures:
        if one.document_id is None or one.sha256 is None:
            continue
        earlier = first.get(one.sha256)
        if earlier is None or one.captured_at < earlier.captured_at:
            first[one.sha256] = one
    return first


def _enter(sha256: str, first: Capture, find_region: FindRegion) -> LedgerEntry:
    """A new entry, of a document nobody has looked at yet."""
    return LedgerEntry(
        document_id=sha256[:DOCUMENT_ID_DIGITS],
        sha256=sha256,
        media_type=first.media_type or "",
        byte_count=first.byte_count or 0,
        first_captured_at=first.captured_at,
        partition_year=UNKNOWN_PARTITION,
        partition_region=find_region(first),
        sniff_version="",
    )


def _sniff_entry(entry: LedgerEntry, store: BlobStore) -> tuple[LedgerEntry, str]:
    """The entry with the media type of its bytes, and why they could not be used ('' when they could)."""
    try:
        media_type = sniff.sniff_media_type(store.get(entry.sha256))
    except (BlobMissingError, BlobDamagedError, OSError) as error:
        return replace(entry, sniff_version=""), str(error)
    return replace(entry, media_type=media_type, sniff_version=sniff.VERSION), ""


def _place_entry(entry: LedgerEntry, now: LedgerEntry | None, year_of: Mapping[str, str]) -> LedgerEntry:
    """The entry where it belongs: found just now, or where it was moved to while this refresh went on."""
    region = entry.partition_region if now is None else now.partition_region
    year = year_of.get(entry.document_id, entry.partition_year if now is None else now.partition_year)
    if (year, region) == (entry.partition_year, entry.partition_region):
        return entry
    return replace(entry, partition_year=year, partition_region=region)


def _check_years(year_of: Mapping[str, str]) -> Mapping[str, str]:
    for document_id, year in year_of.items():
        if year not in PARTITIONS:
            raise ValueError(f"document {document_id} was filed in {year!r}, which is no partition")
    return year_of


def _changed_partitions(old: Iterable[LedgerEntry], new: Iterable[LedgerEntry]) -> tuple[str, ...]:
    before = {(entry.partition_year, entry.sha256, entry.media_type) for entry in old}
    after = {(entry.partition_year, entry.sha256, entry.media_type) for entry in new}
    return tuple(sorted({partition for partition, _, _ in before ^ after}))


def _capture_row(capture: Capture, show_origin: Callable[[str], str]) -> dict[str, object]:
    final_url = capture.final_url_text
    shown = {"origin_text": show_origin(capture.origin_text), "final_url_text": final_url and show_origin(final_url)}
    return {**list_values(capture), **shown}


def _write_ledger(paths: DataPaths, entries: Iterable[LedgerEntry]) -> None:
    rows = [list_values(entry) for entry in entries]
    _write_parquet(pl.DataFrame(rows, schema=_SCHEMA), _ledger_path(paths))
    _write_stage(paths, "raw.document", [{k: v for k, v in row.items() if k not in _INTERNAL} for row in rows])


def _write_stage(paths: DataPaths, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    _write_parquet(make_frame(table, rows), paths.stage.joinpath(*table.split("."), "part.parquet"))


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    frame.write_parquet(content)
    replace_file(path, content.getvalue())


def _ledger_path(paths: DataPaths) -> Path:
    return paths.warehouse / "ledger.parquet"
