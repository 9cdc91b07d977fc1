"""Captured bytes, one file per content, named by its sha256.

Belongs here: writing and reading blobs so that neither a crash nor a bad disk goes unnoticed. Does not belong here:
where the bytes came from (captures.py), what they are (sniff.py), and deleting anything.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_SHA256 = re.compile(r"[0-9a-f]{64}")


class BlobMissingError(LookupError):
    """The store has no blob of this sha256."""


class BlobDamagedError(ValueError):
    """The blob's bytes no longer have the sha256 that names it."""


class BlobStore:
    """A folder of immutable blobs: <root>/<first two hex digits>/<sha256>."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, content: bytes) -> str:
        """Keep some bytes and return their sha256. Once this returns they are on disk; a damaged copy is replaced."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path_of(sha256)
        if path.is_file() and path.read_bytes() == content:
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file_atomically(path, content)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of this sha256, verified. Raises BlobMissingError or BlobDamagedError."""
        path = self.path_of(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise BlobMissingError(
                f"no blob {sha256} at {path}: it was never put here or was removed; restore it from a backup or ingest "
                "the document again"
            ) from None
        found = hashlib.sha256(content).hexdigest()
        if found != sha256:
            raise BlobDamagedError(
                f"blob {sha256} at {path} is damaged: its {len(content)} bytes have sha256 {found}; restore it from a "
                "backup or ingest the document again, which replaces it"
            )
        return content

    def path_of(self, sha256: str) -> Path:
        """Where the blob of this sha256 is or would be; ValueError when the name is no sha256."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"{sha256!r} is no sha256: 64 lower-case hex digits are expected")
        return self.root / sha256[:2] / sha256


def write_file_atomically(path: Path, content: bytes) -> None:
    """Write a file so that its name shows the old bytes or all of the new ones, never a part, even after a crash."""
    unfinished = path.with_name(f".{path.name}.part")
    with _open_alone(unfinished) as stream:
        try:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


@contextmanager
def _open_alone(path: Path) -> Iterator[BinaryIO]:
    """An empty file of this name, locked against other threads and processes.

    What is written unfinished has one name for each target, so that killed writers leave at most one such file there,
    and the next writer takes it over.
    """
    while True:
        with path.open("ab") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            # While this waited the file was put in its place, or was removed
            if not _is_named(stream, path):
                continue
            stream.truncate(0)
            yield stream
            return


def _is_named(stream: BinaryIO, path: Path) -> bool:
    """Whether the open file still has this name."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return False


def sync_folder(folder: Path) -> None:
    """Make sure that a file just created in the folder is still listed there after a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
