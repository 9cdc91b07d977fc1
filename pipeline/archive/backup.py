"""A data folder into a backup folder: what nothing else can make again, and only what is new of it.

Belongs here: what is taken and in which order. Does not belong here: the layout of a backup (backup_files.py), bringing
one back (restore.py), databases that are no file (a server's own tools copy those).

The order makes it consistent while a crawl runs. The frontier comes first: what is captured after it is asked for once
more, as after a crash. The capture log comes before the blobs: a blob is there before the line that names it.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from pipeline.archive.backup_files import BackupError, BackupFolder, KeptFile, Snapshot, copy_stored, list_stored
from pipeline.archive.store import BlobStore
from pipeline.paths import DataPaths

# Below the data folder, wherever Dagster's home is
HOME_FOLDER = "dagster"
TABLE_SUFFIXES = (".csv", ".toml", ".yml")


@dataclass(frozen=True, slots=True)
class BackupProblem:
    """Something that is not in the backup, and why."""

    what: str
    message: str


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """What a backup came to: the snapshot, how much of it was new, and what could not be taken."""

    snapshot: Snapshot
    new_blob_count: int
    blob_count: int
    new_file_count: int
    removed_count: int
    problems: tuple[BackupProblem, ...]


@dataclass(slots=True)
class _Taking:
    """One backup on its way: what was taken so far."""

    folder: BackupFolder
    files: list[KeptFile] = field(default_factory=list)
    problems: list[BackupProblem] = field(default_factory=list)
    new_count: int = 0

    def take(self, source: Path, path: str) -> bool:
        """Take one file as it is between two writers; False where it is gone."""
        try:
            with source.open("rb") as stream:
                # Whoever appends to the capture log holds this lock: no line is cut
                fcntl.flock(stream, fcntl.LOCK_SH)
                self._note(*self.folder.keep_file(stream, path))
        except FileNotFoundError:
            return False
        return True

    def take_database(self, source: Path, path: str) -> None:
        """Take an SQLite file as of its last transaction, whoever writes it meanwhile."""
        if not source.is_file():
            return
        with tempfile.TemporaryDirectory(dir=self.folder.root, prefix=".database-") as scratch:
            copy = Path(scratch) / "copy"
            try:
                with (
                    closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=60)) as live,
                    closing(sqlite3.connect(copy)) as still,
                ):
                    live.backup(still)
            except sqlite3.Error as error:
                self.problems.append(BackupProblem(path, f"{source} cannot be copied: {error}"))
                return
            with copy.open("rb") as stream:
                self._note(*self.folder.keep_file(stream, path))

    def _note(self, kept: KeptFile, is_new: bool) -> None:
        self.files.append(kept)
        self.new_count += is_new


def make_backup(
    paths: DataPaths, home: Path, root: Path, now: dt.datetime, *, with_inbox: bool = False, keep: int | None = None
) -> BackupSummary:
    """Copy what is new of a data folder into the backup folder `root`, and list what belongs together as a snapshot.

    Taken are the archive, the tables that people keep at the top of the data folder (decisions, sources), the frontier,
    and Dagster's records where `home` keeps them in SQLite; with_inbox, the inbox too. keep: delete all snapshots but
    this many, and what only they held; blobs stay for ever. BackupError when another backup is running or there is no
    archive, OSError when the disk is full; the snapshots of before are then whole.
    """
    if not any(paths.captures.glob("captures-*")):
        # A night that looks into the wrong folder must not push good snapshots out
        raise BackupError(
            "backup_empty", f"{paths.root} holds no captures", "set TOUMING_DATA to the data folder that is to be kept"
        )
    folder = BackupFolder(root)
    with folder.lock():
        taking = _Taking(folder)
        taking.take_database(paths.frontier, _relative(paths, paths.frontier))
        _take_captures(taking, paths)
        named = set().union(*(read_hashes(folder, file) for file in taking.files))
        for path in _list_plain(paths, with_inbox):
            taking.take(path, _relative(paths, path))
        for path in _list_databases(home):
            taking.take_database(path, f"{HOME_FOLDER}/{path.relative_to(home).as_posix()}")
        new_blobs, unavailable = _copy_blobs(folder, paths, named)
        taking.problems += [BackupProblem(f"blob {sha256}", why) for sha256, why in sorted(unavailable.items())]
        snapshot = folder.write_snapshot(now, taking.files, unavailable.keys() & named)
        removed = _forget(folder, keep) if keep else 0
    return BackupSummary(
        snapshot, new_blobs, len(named - unavailable.keys()), taking.new_count, removed, tuple(taking.problems)
    )


def read_hashes(folder: BackupFolder, file: KeptFile) -> set[str]:
    """The sha256 of every blob that a file of the capture log names; none for any other file."""
    if not file.path.startswith("raw/captures/"):
        return set()
    path = folder.files.path_of(file.sha256)
    if file.path.endswith(".parquet"):
        import polars as pl

        return set(pl.read_parquet(path, columns=["sha256"])["sha256"].drop_nulls())
    with path.open("rb") as stream:
        return {sha256 for line in stream if (sha256 := _read_hash(line))}


def _read_hash(line: bytes) -> str | None:
    try:
        found: str | None = json.loads(line).get("sha256")
    except (ValueError, AttributeError):
        # A line that a crash tore was no capture; one that was damaged later stops the next run, which says so
        return None
    return found


def _take_captures(taking: _Taking, paths: DataPaths) -> None:
    """Lines before Parquet: a month that is compacted meanwhile is then taken twice, the other way round not at all."""
    for pattern in ("captures-*.jsonl", "captures-*.parquet"):
        for path in sorted(paths.captures.glob(pattern)):
            taking.take(path, _relative(paths, path))


def _list_plain(paths: DataPaths, with_inbox: bool) -> Iterator[Path]:
    yield from sorted(path for path in paths.root.glob("*") if path.suffix in TABLE_SUFFIXES and path.is_file())
    if with_inbox:
        inbox = (path for path in paths.inbox.rglob("*") if not path.name.startswith("."))
        yield from sorted(path for path in inbox if path.is_file())


def _list_databases(home: Path) -> Iterable[Path]:
    return sorted(path for part in ("history", "schedules") for path in (home / part).rglob("*.db"))


def _copy_blobs(folder: BackupFolder, paths: DataPaths, named: set[str]) -> tuple[int, dict[str, str]]:
    """Copy the blobs that are not there yet; how many, and which could not be had, with the reason."""
    archive = BlobStore(paths.blobs)
    known = list_stored(folder.blobs)
    wanted = (list_stored(archive) | named) - known
    failed = dict(copy_stored(archive, folder.blobs, sorted(wanted)))
    return len(wanted) - len(failed), failed


def _forget(folder: BackupFolder, keep: int) -> int:
    """Delete all but the newest snapshots, then the files that none of those names; how many snapshots."""
    names = folder.list_snapshots()
    doomed = names[:-keep]
    for name in doomed:
        (folder.snapshots / f"{name}.json").unlink()
    needed = {file.sha256 for name in names[-keep:] for file in folder.read_snapshot(name).files}
    for sha256 in list_stored(folder.files) - needed:
        folder.files.path_of(sha256).unlink()
    return len(doomed)


def _relative(paths: DataPaths, path: Path) -> str:
    return path.relative_to(paths.root).as_posix()
