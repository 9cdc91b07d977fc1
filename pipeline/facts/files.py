"""Parquet bytes that are the same for the same rows.

Belongs here: frames to bytes, and to files that change only when their rows do. Does not belong here: putting files in
place (whole_files.py), and which file holds what (batches.py, stages.py).
"""

from __future__ import annotations

import filecmp
import io
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.whole_files import open_unfinished, put_in_place

_ROW_GROUP_ROWS = 250_000


def encode_frame(frame: pl.DataFrame) -> bytes:
    """A frame as Parquet bytes; equal frames give equal bytes."""
    buffer = io.BytesIO()
    # How chunks lie in memory would show in the bytes of list columns
    frame.rechunk().write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def replace_parquet(path: Path, schema: pa.Schema, frames: Iterable[pl.DataFrame]) -> tuple[int, bool]:
    """Put a Parquet file made of these frames, in this order, at path in one durable step.

    Only one frame is in memory at a time. Returns the number of rows and whether the file changed; one with the same
    bytes is left alone.
    """
    row_count = 0
    with open_unfinished(path) as (stream, unfinished):
        with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
            for frame in frames:
                row_count += frame.height
                rows = frame.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)
                writer.write_table(rows, row_group_size=_ROW_GROUP_ROWS)
        stream.flush()
        if path.exists() and filecmp.cmp(unfinished, path, shallow=False):
            unfinished.unlink()
            return row_count, False
        put_in_place(stream, unfinished, path)
    return row_count, True
