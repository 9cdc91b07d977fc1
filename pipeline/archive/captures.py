"""The capture log: which bytes were seen where and when, append-only.

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
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.archive.store import sync_folder

DOCUMENT_ID_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture of some bytes from one origin; the fields of raw.capture. captured_at is aware and in UTC."""

    capture_id: str
    document_id: str
    sha256: str
    origin_text: str
    captured_at: dt.datetime
    media_type: str
    byte_count: int


class CaptureLogDamagedError(ValueError):
    """A line of the log that was once written whole cannot be read any more."""


def make_capture(origin_text: str, sha256: str, captured_at: dt.datetime, media_type: str, byte_count: int) -> Capture:
    """A capture with its identifiers derived; ValueError for a time without a zone."""
    if captured_at.tzinfo is None:
        raise ValueError(f"captured_at {captured_at.isoformat()} has no time zone; pass an aware time")
    captured_at = captured_at.astimezone(dt.UTC)
    key = "\0".join((origin_text, sha256, captured_at.isoformat()))
    return Capture(
        capture_id=hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        document_id=sha256[:DOCUMENT_ID_DIGITS],
        sha256=sha256,
        origin_text=origin_text,
        captured_at=captured_at,
        media_type=media_type,
        byte_count=byte_count,
    )


class CaptureLog:
    """JSON lines in <root>/captures-YYYY-MM.jsonl, the month being that of captured_at in UTC."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def append(self, capture: Capture) -> None:
        """Add one line in one write, alone among processes; once this returns the line is on disk."""
        record = {**asdict(capture), "captured_at": capture.captured_at.isoformat()}
        line = json.dumps(record, ensure_ascii=True).encode() + b"\n"
        self.root.mkdir(parents=True, exist_ok=True)
        path = self.root / f"captures-{capture.captured_at:%Y-%m}.jsonl"
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
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
            sync_folder(self.root)

    def read(self) -> list[Capture]:
        """Every capture in the order of months and lines; a line torn by a crash was never a capture and is left out.

        Raises CaptureLogDamagedError for any other line that does not read.
        """
        return [capture for path in sorted(self.root.glob("captures-*.jsonl")) for capture in _read_month(path)]


def _read_month(path: Path) -> Iterator[Capture]:
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
