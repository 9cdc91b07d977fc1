"""Past months of the capture log as Parquet: a tenth of the bytes, and read in a fraction of the time.

Belongs here: turning whole months into one file each, and reading those. Does not belong here: the current month, which
grows line by line (captures.py).
"""

from __future__ import annotations

import fcntl
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import polars as pl

from pipeline.archive.captures import Capture, parse_month, read_month
from pipeline.archive.store import write_file_atomically
from pipeline.contract.frames import make_frame


class CompactionError(RuntimeError):
    """A compacted month does not read back as what was written; the lines it is made of are still there."""


def compact_months(root: Path, before_month: str) -> list[str]:
    """Turn the lines of every month before this one (YYYY-MM) into Parquet and return the months.

    The lines of a month are removed only once its file reads back the same. A line torn by a crash was no capture.
    """
    done = []
    for path in sorted(root.glob("captures-*.jsonl")):
        month = parse_month(path)
        if month < before_month:
            _compact_month(path)
            done.append(month)
    return done


def read_compacted(path: Path) -> Iterator[Capture]:
    """The captures of a compacted month in the order in which they were logged."""
    for row in pl.read_parquet(path).iter_rows(named=True):
        yield Capture(**row)


def _compact_month(path: Path) -> None:
    with path.open("rb") as stream:
        # Whoever appends holds the same lock
        fcntl.flock(stream, fcntl.LOCK_EX)
        captures = list(read_month(path))
        target = path.with_suffix(".parquet")
        if target.is_file():
            # A crash after writing left the lines behind: they are in the file already
            before = list(read_compacted(target))
            known = {capture.capture_id for capture in before}
            captures = [*before, *(capture for capture in captures if capture.capture_id not in known)]
        write_file_atomically(target, _encode(captures))
        if list(read_compacted(target)) != captures:
            target.unlink()
            raise CompactionError(f"{target}: {len(captures)} captures do not read back; {path.name} stays as it is")
        path.unlink()


def _encode(captures: Sequence[Capture]) -> bytes:
    content = io.BytesIO()
    make_frame("raw.capture", [asdict(capture) for capture in captures]).write_parquet(content, compression="zstd")
    return content.getvalue()
