"""Opening a warehouse file that a publication may replace at that very moment.

Belongs here: connecting to one whole file. Does not belong here: what may be asked of it (query.py), nor putting it in
place (swap.py).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import duckdb

_TRIES = 20


def connect_read_only(path: Path, config: Mapping[str, str] | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the file at path as it was at one moment, whatever is put in its place meanwhile.

    DuckDB 2.0 opens a file three times, by name: what it is, its headers, its content. When a publication falls
    between, it takes the headers of one build for those of another, and fails or, worse, does not. So a file that was
    replaced meanwhile is opened again. duckdb.Error when the file cannot be opened.
    """
    for _ in range(_TRIES):
        before = _identify(path)
        try:
            con = duckdb.connect(str(path), read_only=True, config=dict(config or {}))
        except duckdb.Error:
            if before == _identify(path):
                raise
            continue
        if before == _identify(path):
            return con
        con.close()
    raise duckdb.IOException(f"{path} was replaced {_TRIES} times while it was being opened")


def _identify(path: Path) -> tuple[int, int, int, int] | None:
    """Which file a name stands for; a number that the file system gives a second time comes with another time."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
