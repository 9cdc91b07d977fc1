"""Files that are there whole or not at all, whoever is killed and when.

Belongs here: writing beside a file's place and putting it there in one durable step. Does not belong here: which file
holds what, and how rows become bytes (facts/files.py).

What is written unfinished has one name for each target: killed writers leave at most one such file there, and the next
writer takes it over.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

UNFINISHED = ".unfinished-"


def replace_file(path: Path, content: bytes) -> None:
    """Put content at path in one durable step: its name shows the old bytes or all of the new ones, never a part."""
    with open_unfinished(path) as (stream, unfinished):
        stream.write(content)
        put_in_place(stream, unfinished, path)


@contextmanager
def open_unfinished(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """An empty file beside path, and its name; locked against other threads and processes, gone if the block fails."""
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


def put_in_place(stream: BinaryIO, unfinished: Path, path: Path) -> None:
    """Give an unfinished file its name, once the disk has all of it."""
    stream.flush()
    os.fsync(stream.fileno())
    os.replace(unfinished, path)
    sync(path.parent)


def write_durably(path: Path, content: bytes) -> None:
    """Write content at path and wait until the disk has it; not atomic by itself."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_named(stream: BinaryIO, path: Path) -> bool:
    """Whether the open file still has this name."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return False
