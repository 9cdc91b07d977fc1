"""The ledger: which documents there are, and in which partition each is read.

Belongs here: one entry per distinct content in the capture log, its partition, and the stages of raw.capture and
raw.document. Does not belong here: finding the partition (whoever reads a document knows it; this room reads none).
"""

from __future__ import annotations

import datetime as dt
import fcntl
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from pipeline.archive import sniff
from pipeline.archive.captures import DOCUMENT_ID_DIGITS, Capture, CaptureLog
from pipeline.archive.store import BlobDamagedError, BlobMissingError, BlobStore, write_file_atomically
from pipeline.contract.frames import make_frame
from pipeline.paths import DataPaths

UNKNOWN_PARTITION = "unknown"
PARTITIONS = frozenset((*map(str, range(2008, 2041)), UNKNOWN_PARTITION))

_SCHEMA = pl.Schema(
    {
        "document_id": pl.String(),
        "sha256": pl.String(),
        "media_type": pl.String(),
        "byte_count": pl.Int64(),
        "first_captured_at": pl.Datetime("us", "UTC"),
        "partition_year": pl.String(),
        "sniff_version": pl.String(),
    }
)
_INTERNAL = frozenset(["sniff_version"])


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One document: its content, when it was first seen, and where it is read ('2008'…'2040' or 'unknown').

    sniff_version is that of the rule by which media_type was found, '' where the bytes could not be used: they are then
    looked for again at the next refresh.
    """

    document_id: str
    sha256: str
    media_type: str
    byte_count: int
    first_captured_at: dt.datetime
    partition_year: str
    sniff_version: str


# Files documents that are new, or of another type than was thought: gives the partition of each by document_id
Filing = Callable[[Sequence[LedgerEntry]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class FilingFailure:
    """A document that could not be filed, and why."""

    document_id: str
    message: str


@dataclass(frozen=True, slots=True)
class LedgerSummary:
    """What a refresh came to: documents per partition, partitions whose documents changed, documents newly filed."""

    partition_counts: Mapping[str, int]
    changed_partitions: tuple[str, ...]
    filed_count: int
    failures: tuple[FilingFailure, ...]


def load_ledger(paths: DataPaths) -> list[LedgerEntry]:
    """Every document in order of sha256; empty before the first refresh, and where another version wrote it."""
    path = _ledger_path(paths)
    if not path.is_file():
        return []
    frame = pl.read_parquet(path)
    return [LedgerEntry(**row) for row in frame.iter_rows(named=True)] if frame.schema == _SCHEMA else []


def refresh_ledger(paths: DataPaths, file_documents: Filing, show_origin: Callable[[str], str]) -> LedgerSummary:
    """Bring the ledger and the stages of raw.capture and raw.document up to the capture log.

    file_documents gets the documents that are new, and those whose bytes another version took for another media type,
    and returns their partitions. One that it does not name, or whose blob is damaged or gone, stays where it was
    ('unknown' when new), is in `failures`, and is tried again at every refresh. What move_documents did meanwhile
    stays. show_origin gives what raw.capture says of an origin; the log keeps it whole.
    """
    captures = CaptureLog(paths.captures).read()
    store = BlobStore(paths.blobs)
    known = {entry.sha256: entry for entry in load_ledger(paths)}
    failures: list[FilingFailure] = []
    entries: dict[str, LedgerEntry] = {}
    pending: list[LedgerEntry] = []
    for sha256, first in sorted(_first_captures(captures).items()):
        before = known.get(sha256)
        entry = before or first
        if entry.sniff_version != sniff.VERSION:
            entry, message = _sniff_entry(entry, store)
            if message:
                failures.append(FilingFailure(entry.document_id, message))
            elif before is None or not before.sniff_version or before.media_type != entry.media_type:
                pending.append(entry)
        entries[sha256] = replace(entry, first_captured_at=first.first_captured_at)
    partition_of = file_documents(pending) if pending else {}
    for entry in pending:
        entries[entry.sha256], message = _place_entry(entries[entry.sha256], partition_of)
        if message:
            failures.append(FilingFailure(entry.document_id, message))
    with _lock_ledger(paths):
        filed = frozenset(partition_of)
        moved = {e.sha256: e.partition_year for e in load_ledger(paths) if e.document_id not in filed}
        after = [replace(e, partition_year=moved.get(e.sha256, e.partition_year)) for e in entries.values()]
        _write_ledger(paths, after)
    _write_stage(paths, "raw.capture", [_capture_row(capture, show_origin) for capture in captures])
    return LedgerSummary(
        partition_counts=dict(sorted(Counter(entry.partition_year for entry in after).items())),
        changed_partitions=_changed_partitions(known.values(), after),
        filed_count=len(pending),
        failures=tuple(failures),
    )


def move_documents(paths: DataPaths, partition_of: Mapping[str, str]) -> None:
    """File these documents (by document_id) in other partitions: reading them showed that they belong there."""
    with _lock_ledger(paths):
        entries = load_ledger(paths)
        _write_ledger(
            paths, [replace(e, partition_year=partition_of.get(e.document_id, e.partition_year)) for e in entries]
        )


@contextmanager
def _lock_ledger(paths: DataPaths) -> Iterator[None]:
    paths.warehouse.mkdir(parents=True, exist_ok=True)
    with (paths.warehouse / "ledger.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _first_captures(captures: Iterable[Capture]) -> dict[str, LedgerEntry]:
    """An entry not filed yet for each content, from its first capture."""
    first: dict[str, LedgerEntry] = {}
    for one in captures:
        if one.document_id is None or one.sha256 is None or one.media_type is None or one.byte_count is None:
            continue
        earlier = first.get(one.sha256)
        if earlier is None or one.captured_at < earlier.first_captured_at:
            document_id = one.sha256[:DOCUMENT_ID_DIGITS]
            first[one.sha256] = LedgerEntry(
                document_id, one.sha256, one.media_type, one.byte_count, one.captured_at, UNKNOWN_PARTITION, ""
            )
    return first


def _sniff_entry(entry: LedgerEntry, store: BlobStore) -> tuple[LedgerEntry, str]:
    """The entry with the media type of its bytes, and why they could not be used ('' when they could)."""
    try:
        media_type = sniff.sniff_media_type(store.get(entry.sha256))
    except (BlobMissingError, BlobDamagedError, OSError) as error:
        return replace(entry, sniff_version=""), str(error)
    return replace(entry, media_type=media_type, sniff_version=sniff.VERSION), ""


def _place_entry(entry: LedgerEntry, partition_of: Mapping[str, str]) -> tuple[LedgerEntry, str]:
    """The entry in its partition, and why that is not known ('' when it is)."""
    partition = partition_of.get(entry.document_id)
    if partition in PARTITIONS:
        return replace(entry, partition_year=str(partition)), ""
    message = "was not filed" if partition is None else f"was filed in {partition!r}, which is no partition"
    return replace(entry, partition_year=UNKNOWN_PARTITION, sniff_version=""), message


def _changed_partitions(old: Iterable[LedgerEntry], new: Iterable[LedgerEntry]) -> tuple[str, ...]:
    before = {(entry.partition_year, entry.sha256, entry.media_type) for entry in old}
    after = {(entry.partition_year, entry.sha256, entry.media_type) for entry in new}
    return tuple(sorted({partition for partition, _, _ in before ^ after}))


def _capture_row(capture: Capture, show_origin: Callable[[str], str]) -> dict[str, object]:
    final_url = capture.final_url_text
    shown = {"origin_text": show_origin(capture.origin_text), "final_url_text": final_url and show_origin(final_url)}
    return {**asdict(capture), **shown}


def _write_ledger(paths: DataPaths, entries: Iterable[LedgerEntry]) -> None:
    rows = [asdict(entry) for entry in entries]
    _write_parquet(pl.DataFrame(rows, schema=_SCHEMA), _ledger_path(paths))
    _write_stage(paths, "raw.document", [{k: v for k, v in row.items() if k not in _INTERNAL} for row in rows])


def _write_stage(paths: DataPaths, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    _write_parquet(make_frame(table, rows), paths.stage.joinpath(*table.split("."), "part.parquet"))


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    frame.write_parquet(content)
    write_file_atomically(path, content.getvalue())


def _ledger_path(paths: DataPaths) -> Path:
    return paths.warehouse / "ledger.parquet"
