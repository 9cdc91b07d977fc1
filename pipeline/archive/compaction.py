"""Past months of the capture log as Parquet: a tenth of the bytes, and read in a fraction of the time.

Belongs here: turning whole months into one file each, and reading those. Does not belong here: the current month, which
grows line by line (captures.py).
"""

from __future__ import annotations

import fcntl
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from pipeline.archive.captures import Capture, list_values, parse_month, read_month
from pipeline.contract.frames import make_frame
from pipeline.whole_files import replace_file


class CompactionError(RuntimeError):
    """A month as Parquet does not read back as what it is made of; the log stays as it was."""


def compact_months(root: Path, before_month: str) -> list[str]:
    """Turn the lines of every month before this one (YYYY-MM) into Parquet and return the months.

    A month is written, and its lines removed, only once its Parquet reads back the same. A line torn by a crash was no
    capture.
    """
    done = []
    for path in sorted(root.glob("captures-*.jsonl")):
        month = parse_month(path)
        if month < before_month:
            _compact_month(path)
            done.append(month)
    return done


def read_compacted(source: Path | io.BytesIO) -> Iterator[Capture]:
    """The captures of a compacted month in the order in which they were logged."""
    for row in pl.read_parquet(source).iter_rows(named=True):
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
        content = _encode(captures)
        # Before it is written: an earlier file of the month may hold captures that stand nowhere else
        if list(read_compacted(io.BytesIO(content))) != captures:
            raise CompactionError(f"{target}: {len(captures)} captures do not read back; {path.name} stays as it is")
        replace_file(target, content)
        path.unlink()


def _encode(captures: Sequence[Capture]) -> bytes:
    content = io.BytesIO()
    make_frame("raw.capture", [list_values(capture) for capture in captures]).write_parquet(content, compression="zstd")
    return content.getvalue()
