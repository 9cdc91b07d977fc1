"""The ledger: which documents there are, and in which partition each is read.

Belongs here: one entry per distinct content in the capture log, its partition, and the raw.* stage files.
Does not belong here: the rule that finds a partition (it is passed in, this room reads no documents).
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from pipeline.archive.captures import Capture, CaptureLog
from pipeline.archive.sniff import sniff_media_type
from pipeline.archive.store import BlobDamagedError, BlobMissingError, BlobStore, write_file_atomically
from pipeline.contract.frames import make_frame
from pipeline.paths import DataPaths

UNKNOWN_PARTITION = "unknown"
PARTITIONS = frozenset((*map(str, range(2008, 2041)), UNKNOWN_PARTITION))

Triage = Callable[[bytes, str], str]

_SCHEMA = pl.Schema(
    {
        "document_id": pl.String(),
        "sha256": pl.String(),
        "media_type": pl.String(),
        "byte_count": pl.Int64(),
        "first_captured_at": pl.Datetime("us", "UTC"),
        "partition_year": pl.String(),
        "triage_version": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One document: its content, when it was first seen, and where it is read ('2008'…'2040' or 'unknown').

    triage_version is that of the rule that found the partition, '' when the rule broke or could not be asked: it
    is then asked again at the next refresh.
    """

    document_id: str
    sha256: str
    media_type: str
    byte_count: int
    first_captured_at: dt.datetime
    partition_year: str
    triage_version: str


@dataclass(frozen=True, slots=True)
class TriageFailure:
    """A document whose partition could not be found, and why; it is in 'unknown'."""

    document_id: str
    message: str


@dataclass(frozen=True, slots=True)
class LedgerSummary:
    """What a refresh came to: documents per partition, partitions whose documents changed, documents newly triaged."""

    partition_counts: Mapping[str, int]
    changed_partitions: tuple[str, ...]
    triaged_count: int
    failures: tuple[TriageFailure, ...]


def load_ledger(paths: DataPaths) -> list[LedgerEntry]:
    """Every document in order of sha256; empty before the first refresh."""
    path = _ledger_path(paths)
    if not path.is_file():
        return []
    return [LedgerEntry(**row) for row in pl.read_parquet(path).iter_rows(named=True)]


def refresh_ledger(paths: DataPaths, triage: Triage, triage_version: str) -> LedgerSummary:
    """Bring the ledger and the stages of raw.capture and raw.document up to the capture log.

    triage gets the bytes and media type of each document that is new or was triaged by another version, and returns its
    partition. Where it raises or returns no partition, or the blob is damaged or gone, the document is in 'unknown' and
    in `failures`, and is tried again at every refresh. The media type is found anew with each triage.
    """
    captures = CaptureLog(paths.captures).read()
    known = {entry.sha256: entry for entry in load_ledger(paths)}
    store = BlobStore(paths.blobs)
    entries: list[LedgerEntry] = []
    failures: list[TriageFailure] = []
    triaged_count = 0
    for sha256, capture in sorted(_first_captures(captures).items()):
        entry = known.get(sha256)
        if entry is None or entry.triage_version != triage_version:
            triaged_count += 1
            entry, message = _triage_document(capture, store, triage, triage_version)
            if message:
                failures.append(TriageFailure(entry.document_id, message))
        entries.append(replace(entry, first_captured_at=capture.captured_at))
    _write_parquet(pl.DataFrame([asdict(entry) for entry in entries], schema=_SCHEMA), _ledger_path(paths))
    _write_stages(paths, captures, entries)
    return LedgerSummary(
        partition_counts=dict(sorted(Counter(entry.partition_year for entry in entries).items())),
        changed_partitions=_changed_partitions(known.values(), entries),
        triaged_count=triaged_count,
        failures=tuple(failures),
    )


def _first_captures(captures: Sequence[Capture]) -> dict[str, Capture]:
    first: dict[str, Capture] = {}
    for capture in captures:
        earlier = first.get(capture.sha256)
        if earlier is None or capture.captured_at < earlier.captured_at:
            first[capture.sha256] = capture
    return first


def _triage_document(
    capture: Capture, store: BlobStore, triage: Triage, triage_version: str
) -> tuple[LedgerEntry, str]:
    """The document's entry, and why its partition is not known ('' when it is)."""
    media_type, partition = capture.media_type, UNKNOWN_PARTITION
    try:
        content = store.get(capture.sha256)
        media_type = sniff_media_type(content)
        partition = triage(content, media_type)
        message = "" if partition in PARTITIONS else f"triage returned {partition!r}, which is no partition"
    except (BlobMissingError, BlobDamagedError, OSError) as error:
        message = str(error)
    except Exception as error:  # whatever one document does to the rule, the others are still triaged
        message = f"triage broke: {type(error).__name__}"
    entry = LedgerEntry(
        document_id=capture.document_id,
        sha256=capture.sha256,
        media_type=media_type,
        byte_count=capture.byte_count,
        first_captured_at=capture.captured_at,
        partition_year=UNKNOWN_PARTITION if message else partition,
        triage_version="" if message else triage_version,
    )
    return entry, message


def _changed_partitions(old: Iterable[LedgerEntry], new: Iterable[LedgerEntry]) -> tuple[str, ...]:
    before = {(entry.partition_year, entry.sha256, entry.media_type) for entry in old}
    after = {(entry.partition_year, entry.sha256, entry.media_type) for entry in new}
    return tuple(sorted({partition for partition, _, _ in before ^ after}))


def _write_stages(paths: DataPaths, captures: Sequence[Capture], entries: Sequence[LedgerEntry]) -> None:
    documents = [{key: value for key, value in asdict(e).items() if key != "triage_version"} for e in entries]
    stages = {"raw.capture": [asdict(capture) for capture in captures], "raw.document": documents}
    for table, rows in stages.items():
        _write_parquet(make_frame(table, rows), paths.stage.joinpath(*table.split("."), "part.parquet"))


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    frame.write_parquet(content)
    write_file_atomically(path, content.getvalue())


def _ledger_path(paths: DataPaths) -> Path:
    return paths.warehouse / "ledger.parquet"
