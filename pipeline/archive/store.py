"""Captured bytes, one file per content, named by its sha256.

Belongs here: writing and reading blobs so that neither a crash nor a bad disk goes unnoticed. Does not belong here:
where the bytes came from (captures.py), what they are (sniff.py), and deleting anything.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from pipeline.whole_files import replace_file

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
        replace_file(path, content)
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
