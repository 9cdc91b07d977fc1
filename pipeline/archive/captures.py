"""The capture log: which bytes were seen where and when, and which attempts brought none; append-only.

Belongs here: the record of a capture, and a log that survives a crash in mid-line. Does not belong here: the bytes
(store.py), and deciding whether a capture is worth a line (ingest.py).
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.contract.schema import load_tables
from pipeline.whole_files import sync

DOCUMENT_ID_DIGITS = 16
CAPTURED = "captured"
NOT_MODIFIED = "not_modified"
UNCHANGED = "unchanged"
_WITH_BYTES = (CAPTURED, NOT_MODIFIED, UNCHANGED)
_MONTH_SUFFIXES = (".jsonl", ".parquet")
# Pages on the way to documents
_PATH_ROLES = ("root", "list")
# In an origin: between an archive's own and the name of a file in it
MEMBER_MARK = "!/"


@dataclass(frozen=True, slots=True)
class Fetch:
    """How the bytes were come by, beside the bytes; None is what is not known, or no server was asked.

    The fields of raw.capture of these names. A crawler fills them in, in the server's own words; of a file on a disk
    only the parent is known, where it lay in an archive.
    """

    fetch_outcome_code: str = CAPTURED
    parent_capture_id: str | None = None
    final_url_text: str | None = None
    http_status: int | None = None
    declared_media_type_text: str | None = None
    etag_text: str | None = None
    last_modified_text: str | None = None
    source_id: str | None = None
    request_role_code: str | None = None
    request_form_text: str | None = None
    change_code: str | None = None
    tls_mode_code: str | None = None
    elapsed_ms: int | None = None
    fetch_message_text: str | None = None


# What is known of a file that someone named
FROM_DISK = Fetch()


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture of some bytes from one origin, or one attempt that brought none; the fields of raw.capture.

    captured_at is aware and in UTC. sha256, media_type and byte_count are None exactly where the outcome is a failure,
    document_id there and where the bytes are a page that only leads to documents. ValueError for anything else.
    """

    capture_id: str
    origin_text: str
    captured_at: dt.datetime
    document_id: str | None = None
    sha256: str | None = None
    media_type: str | None = None
    byte_count: int | None = None
    fetch_outcome_code: str = CAPTURED
    parent_capture_id: str | None = None
    final_url_text: str | None = None
    http_status: int | None = None
    declared_media_type_text: str | None = None
    etag_text: str | None = None
    last_modified_text: str | None = None
    source_id: str | None = None
    request_role_code: str | None = None
    request_form_text: str | None = None
    change_code: str | None = None
    tls_mode_code: str | None = None
    elapsed_ms: int | None = None
    fetch_message_text: str | None = None

    def __post_init__(self) -> None:
        if self.fetch_outcome_code not in _outcome_codes():
            known = ", ".join(sorted(_outcome_codes()))
            raise ValueError(f"fetch_outcome_code {self.fetch_outcome_code!r} is not one of {known}")
        has_bytes = self.fetch_outcome_code in _WITH_BYTES
        content = (self.sha256, self.media_type, self.byte_count)
        is_document = self.document_id is not None
        if any((value is not None) is not has_bytes for value in content) or (is_document and not has_bytes):
            raise ValueError(f"a capture with the outcome {self.fetch_outcome_code} has {content} for content")
        if has_bytes and not is_document and self.request_role_code not in _PATH_ROLES:
            raise ValueError(f"capture {self.capture_id} has bytes but no document_id; only a page of a list may")


def list_values(record: Any) -> dict[str, Any]:
    """The fields of a flat dataclass by name; asdict would copy every value deeply, at four times the time."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


class CaptureLogDamagedError(ValueError):
    """A line of the log that was once written whole cannot be read any more."""


def make_capture(
    origin_text: str,
    sha256: str,
    captured_at: dt.datetime,
    media_type: str,
    byte_count: int,
    fetch: Fetch = FROM_DISK,
) -> Capture:
    """A capture of some bytes with its identifiers derived; ValueError for a time without a zone.

    The outcome NOT_MODIFIED says that the server named the bytes of the capture before instead of sending any,
    UNCHANGED that those it sent differ in nothing that counts and were not kept.
    """
    captured_at = _to_utc(captured_at)
    return Capture(
        capture_id=_derive_id(origin_text, sha256, captured_at),
        origin_text=origin_text,
        captured_at=captured_at,
        document_id=sha256[:DOCUMENT_ID_DIGITS],
        sha256=sha256,
        media_type=media_type,
        byte_count=byte_count,
        **list_values(fetch),
    )


def make_failed_capture(origin_text: str, captured_at: dt.datetime, fetch: Fetch) -> Capture:
    """An attempt that brought no bytes, for the reason that is its outcome; ValueError where that is none."""
    captured_at = _to_utc(captured_at)
    capture_id = _derive_id(origin_text, fetch.fetch_outcome_code, captured_at)
    return Capture(capture_id, origin_text, captured_at, **list_values(fetch))


class CaptureLog:
    """JSON lines in <root>/captures-YYYY-MM.jsonl, the month being that of captured_at in UTC.

    Past months may have been compacted to captures-YYYY-MM.parquet (compaction.py); they read the same.
    A line leaves out what is None: one written before a field was there reads as one that knows nothing of it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def append(self, capture: Capture) -> None:
        """Add one line in one write, alone among processes; once this returns the line is on disk."""
        known = {name: value for name, value in list_values(capture).items() if value is not None}
        record = {**known, "captured_at": capture.captured_at.isoformat()}
        line = json.dumps(record, ensure_ascii=True).encode() + b"\n"
        self.root.mkdir(parents=True, exist_ok=True)
        path = self.root / f"captures-{capture.captured_at:%Y-%m}.jsonl"
        descriptor = _open_alone(path)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                # A crash tore the last line; it stays as it is, and this one begins on a line of its own
                line = b"\n" + line
            written = os.write(descriptor, line)
            if written != len(line):
                raise OSError(f"{path}: only {written} of {len(line)} bytes were written; free some disk space")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if not size:
            sync(self.root)

    def read(self) -> list[Capture]:
        """Every capture in the order of months and lines; a line torn by a crash was never a capture and is left out.

        Raises CaptureLogDamagedError for any other line that does not read.
        """
        months = sorted({parse_month(path) for path in self.root.glob("captures-*") if path.suffix in _MONTH_SUFFIXES})
        return [capture for month in months for capture in self._read_month(month)]

    def _read_month(self, month: str) -> Iterator[Capture]:
        lines, compacted = (self.root / f"captures-{month}{suffix}" for suffix in _MONTH_SUFFIXES)
        # Lines first: a month that is compacted meanwhile is then read twice, the other way round not at all
        try:
            logged = list(read_month(lines))
        except FileNotFoundError:
            logged = []
        known: set[str] = set()
        if compacted.is_file():
            # Only past months need the library
            from pipeline.archive.compaction import read_compacted

            for capture in read_compacted(compacted):
                known.add(capture.capture_id)
                yield capture
        # While a month is compacted its lines are still there
        yield from (capture for capture in logged if capture.capture_id not in known)


def _open_alone(path: Path) -> int:
    """A descriptor of the file of this name, locked against other processes; the file is made where there is none."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor
        # While this waited the month was compacted and its lines removed: nobody would read what is added to them
        os.close(descriptor)


def _to_utc(moment: dt.datetime) -> dt.datetime:
    if moment.tzinfo is None:
        raise ValueError(f"captured_at {moment.isoformat()} has no time zone; pass an aware time")
    return moment.astimezone(dt.UTC)


def _derive_id(origin_text: str, what: str, captured_at: dt.datetime) -> str:
    key = "\0".join((origin_text, what, captured_at.isoformat()))
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@cache
def _outcome_codes() -> frozenset[str]:
    columns = {column.name: column for column in load_tables()["raw.capture"].columns}
    return frozenset(columns["fetch_outcome_code"].values)


def parse_month(path: Path) -> str:
    """The month (YYYY-MM) of a file of the log."""
    return path.stem.removeprefix("captures-")


def read_month(path: Path) -> Iterator[Capture]:
    """The captures of a month that is kept as lines."""
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        # A whole line ends with its brace; one that doesn't was cut off in writing
        if line.endswith(b"}"):
            yield _parse_line(line, f"{path}:{number}")


def _parse_line(line: bytes, place: str) -> Capture:
    try:
        record = json.loads(line)
        return Capture(**{**record, "captured_at": dt.datetime.fromisoformat(record["captured_at"])})
    except (ValueError, TypeError, KeyError) as error:
        raise CaptureLogDamagedError(
            f"{place}: the capture does not read ({type(error).__name__}); restore the file from a backup, or remove "
            "the line and ingest its document again"
        ) from None
