"""How a backup folder is laid out, and copying into and out of it so that a crash leaves no half file under a name.

Belongs here: the record of one snapshot with its file, copies named by their content. Does not belong here: what is
taken into a backup (backup.py) and where it goes back to (restore.py).

    <folder>/blobs/ab/<sha256>       captured bytes, as in the archive
    <folder>/files/ab/<sha256>       everything else, by content as well
    <folder>/snapshots/<time>-<first digits of its sha256>.json
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.archive.store import BlobDamagedError, BlobMissingError, BlobStore
from pipeline.progress import tell_progress
from pipeline.whole_files import replace_file, sync

_FORMAT = 1
_GROUP_FILES = 500
_PIECE_BYTES = 1024 * 1024
_SNAPSHOT_NAME = re.compile(r"\d{8}T\d{6}Z-(?P<digest>[0-9a-f]{16})")


class BackupError(RuntimeError):
    """A backup cannot be made or used; code and next_step are those the command ends with."""

    def __init__(self, code: str, message: str, next_step: str) -> None:
        super().__init__(message)
        self.code = code
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file of a snapshot: where it goes below the data folder, and its content."""

    path: str
    sha256: str
    byte_count: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a data folder at one moment; its blobs are those that its capture log names.

    unavailable: blobs that the archive itself could not give, or not whole, when this was made.
    """

    name: str
    made_at: str
    files: tuple[KeptFile, ...]
    unavailable: tuple[str, ...]


class BackupFolder:
    """One backup folder; `blobs` and `files` are stores of bytes by their sha256."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs = BlobStore(root / "blobs")
        self.files = BlobStore(root / "files")
        self.snapshots = root / "snapshots"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder; BackupError when another process has it."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("a") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupError(
                    "backup_running", f"another backup into {self.root} is running", "wait until it is done"
                ) from None
            yield

    def list_snapshots(self) -> list[str]:
        """Names of the snapshots, the oldest first."""
        found = (path.stem for path in self.snapshots.glob("*.json"))
        return sorted(name for name in found if _SNAPSHOT_NAME.fullmatch(name))

    def write_snapshot(self, now: dt.datetime, files: Iterable[KeptFile], unavailable: Iterable[str]) -> Snapshot:
        """Write the list of what belongs together; from here on the backup counts."""
        made_at = now.astimezone(dt.UTC)
        record = {
            "format": _FORMAT,
            "made_at": made_at.isoformat(timespec="seconds"),
            "unavailable": sorted(unavailable),
            "files": [asdict(file) for file in files],
        }
        content = json.dumps(record, ensure_ascii=False, indent=1).encode()
        name = f"{made_at:%Y%m%dT%H%M%SZ}-{hashlib.sha256(content).hexdigest()[:16]}"
        self.snapshots.mkdir(parents=True, exist_ok=True)
        replace_file(self.snapshots / f"{name}.json", content)
        return self.read_snapshot(name)

    def read_snapshot(self, name: str) -> Snapshot:
        """One snapshot by name, verified; BackupError when there is none or it is damaged."""
        shape = _SNAPSHOT_NAME.fullmatch(name)
        try:
            content = (self.snapshots / f"{name}.json").read_bytes() if shape else b""
        except FileNotFoundError:
            content = b""
        if not content:
            known = ", ".join(self.list_snapshots()[-5:]) or "none"
            raise BackupError(
                "backup_missing", f"{self.root} has no snapshot {name or 'at all'}", f"the newest there: {known}"
            )
        if shape is None or hashlib.sha256(content).hexdigest()[:16] != shape["digest"]:
            raise BackupError(
                "backup_damaged", f"{self.snapshots / name}.json is not as it was written", "name an earlier snapshot"
            )
        record = json.loads(content)
        files = tuple(KeptFile(**file) for file in record["files"])
        return Snapshot(name, record["made_at"], files, tuple(record["unavailable"]))

    def keep_file(self, source: BinaryIO, path: str) -> tuple[KeptFile, bool]:
        """Take in a file as it reads now; with it, whether its content is new here."""
        digest, size = hashlib.sha256(), 0
        self.files.root.mkdir(parents=True, exist_ok=True)
        arriving = self.files.root / f".{secrets.token_hex(8)}.part"
        try:
            with arriving.open("xb") as stream:
                while piece := source.read(_PIECE_BYTES):
                    digest.update(piece)
                    size += len(piece)
                    stream.write(piece)
                stream.flush()
                os.fsync(stream.fileno())
            kept = KeptFile(path, digest.hexdigest(), size)
            target = self.files.path_of(kept.sha256)
            if target.is_file() and target.stat().st_size == size:
                return kept, False
            target.parent.mkdir(exist_ok=True)
            arriving.replace(target)
            sync(target.parent)
            return kept, True
        finally:
            arriving.unlink(missing_ok=True)


def list_stored(store: BlobStore) -> set[str]:
    """The sha256 of every blob of a store; unfinished ones have other names."""
    return {path.name for path in store.root.glob("??/*") if len(path.name) == 64}


def copy_stored(source: BlobStore, target: BlobStore, wanted: Iterable[str]) -> Mapping[str, str]:
    """Copy these blobs, each verified, and return those that could not be, with the reason.

    A group is on disk before it gets its names: waiting for the disk once for each file would take ten times as long.
    """
    failed: dict[str, str] = {}
    names = list(wanted)
    groups = [names[start : start + _GROUP_FILES] for start in range(0, len(names), _GROUP_FILES)]
    for number, group in enumerate(groups):
        tell_progress("copying blobs", number * _GROUP_FILES, len(names))
        arriving: list[tuple[Path, Path]] = []
        try:
            for sha256 in group:
                try:
                    content = source.get(sha256)
                except (BlobMissingError, BlobDamagedError) as error:
                    failed[sha256] = str(error)
                    continue
                path = target.path_of(sha256)
                path.parent.mkdir(parents=True, exist_ok=True)
                unnamed = path.with_name(f".{sha256}.{secrets.token_hex(4)}.part")
                arriving.append((unnamed, path))
                unnamed.write_bytes(content)
            os.sync()
            for unnamed, path in arriving:
                unnamed.replace(path)
        finally:
            for unnamed, _ in arriving:
                unnamed.unlink(missing_ok=True)
    os.sync()
    tell_progress("copying blobs", len(names), len(names))
    return failed
