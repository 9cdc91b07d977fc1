"""Files put in place whole or not at all.

Belongs here: durable writing, atomic replacement, Parquet bytes that are the same for the same rows. Does not belong
here: which file holds what (batches.py, stages.py).
"""

from __future__ import annotations

import fcntl
import filecmp
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

UNFINISHED = ".unfinished-"
_ROW_GROUP_ROWS = 250_000


def encode_frame(frame: pl.DataFrame) -> bytes:
    """A frame as Parquet bytes; equal frames give equal bytes."""
    buffer = io.BytesIO()
    # How chunks lie in memory would show in the bytes of list columns
    frame.rechunk().write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def replace_file(path: Path, content: bytes) -> None:
    """Put content at path in one durable step."""
    with _open_unfinished(path) as (stream, unfinished):
        stream.write(content)
        _put_in_place(stream, unfinished, path)


def replace_parquet(path: Path, schema: pa.Schema, frames: Iterable[pl.DataFrame]) -> tuple[int, bool]:
    """Put a Parquet file made of these frames, in this order, at path in one durable step.

    Only one frame is in memory at a time. Returns the number of rows and whether the file changed; one with the same
    bytes is left alone.
    """
    row_count = 0
    with _open_unfinished(path) as (stream, unfinished):
        with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
            for frame in frames:
                row_count += frame.height
                rows = frame.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)
                writer.write_table(rows, row_group_size=_ROW_GROUP_ROWS)
        stream.flush()
        if path.exists() and filecmp.cmp(unfinished, path, shallow=False):
            unfinished.unlink()
            return row_count, False
        _put_in_place(stream, unfinished, path)
    return row_count, True


def write_durably(path: Path, content: bytes) -> None:
    """Write content at path and wait until the disk has it; not atomic by itself."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def _open_unfinished(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """An empty file beside path, and its name; locked against other threads and processes, gone if the block fails.

    It has one name for each target: killed writers leave at most one there, and the next writer takes it over.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{UNFINISHED}{path.name}")
    while True:
        with unfinished.open("ab") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            # While this waited the file was put in its place, or was removed
            if not _is_named(stream, unfinished):
                continue
            stream.truncate(0)
            try:
                yield stream, unfinished
            except BaseException:
                unfinished.unlink(missing_ok=True)
                raise
            return


def _is_named(stream: BinaryIO, path: Path) -> bool:
    """Whether the open file still has this name."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _put_in_place(stream: BinaryIO, unfinished: Path, path: Path) -> None:
    stream.flush()
    os.fsync(stream.fileno())
    os.replace(unfinished, path)
