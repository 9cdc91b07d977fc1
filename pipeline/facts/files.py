"""Files put in place whole or not at all.

Belongs here: durable writing, atomic replacement, Parquet bytes that are the same for the same rows. Does not belong
here: which file holds what (batches.py, stages.py).
"""

from __future__ import annotations

import filecmp
import io
import os
from collections.abc import Iterable
from pathlib import Path

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
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = _beside(path)
    write_durably(unfinished, content)
    os.replace(unfinished, path)


def replace_parquet(path: Path, schema: pa.Schema, frames: Iterable[pl.DataFrame]) -> tuple[int, bool]:
    """Put a Parquet file made of these frames, in this order, at path in one durable step.

    Only one frame is in memory at a time. Returns the number of rows and whether the file changed; one with the same
    bytes is left alone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = _beside(path)
    row_count = 0
    with pq.ParquetWriter(unfinished, schema, compression="zstd") as writer:
        for frame in frames:
            row_count += frame.height
            rows = frame.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)
            writer.write_table(rows, row_group_size=_ROW_GROUP_ROWS)
    if path.exists() and filecmp.cmp(unfinished, path, shallow=False):
        unfinished.unlink()
        return row_count, False
    with unfinished.open("rb") as stream:
        os.fsync(stream.fileno())
    os.replace(unfinished, path)
    return row_count, True


def write_durably(path: Path, content: bytes) -> None:
    """Write content at path and wait until the disk has it; not atomic by itself."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _beside(path: Path) -> Path:
    return path.with_name(f"{UNFINISHED}{os.getpid()}-{path.name}")
