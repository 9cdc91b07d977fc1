"""A backup brought back into an empty data folder, or verified where it lies.

Belongs here: which snapshot, refusing to write over data, the order. Does not belong here: making a backup (backup.py)
and building the warehouse again, which `touming run` does.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.archive.backup import HOME_FOLDER, TABLE_SUFFIXES, read_hashes
from pipeline.archive.backup_files import BackupError, BackupFolder, KeptFile, Snapshot, copy_stored, list_stored
from pipeline.archive.store import BlobDamagedError, BlobMissingError, BlobStore
from pipeline.paths import DataPaths
from pipeline.progress import each_told
from pipeline.whole_files import replace_file

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class RestoreSummary:
    """What was brought back."""

    snapshot: Snapshot
    blob_count: int
    file_count: int


def restore_backup(root: Path, paths: DataPaths, home: Path, name: str = "") -> RestoreSummary:
    """Bring a snapshot (the newest unless named) into a data folder that holds nothing yet, every byte verified.

    One that was interrupted goes on when it is called again; the capture log comes last, so that what is half there is
    no archive yet. BackupError when the backup is damaged, when there is none, or when the folder holds data.
    """
    folder = BackupFolder(root)
    snapshot = folder.read_snapshot(name or next(reversed(folder.list_snapshots()), ""))
    marker = unfinished_mark(paths)
    is_going_on = marker.is_file() and marker.read_text(encoding="utf-8") == snapshot.name
    if not is_going_on:
        _refuse_over_data(paths, home, snapshot)
    missing = list(_list_missing(folder, snapshot))
    if missing:
        raise _damaged(folder, missing)
    paths.root.mkdir(parents=True, exist_ok=True)
    replace_file(marker, snapshot.name.encode())
    archive = BlobStore(paths.blobs)
    wanted = _list_named(folder, snapshot) - set(snapshot.unavailable)
    failed = copy_stored(folder.blobs, archive, sorted(wanted - list_stored(archive)))
    if failed:
        raise _damaged(folder, [f"blobs/{sha256}" for sha256 in failed])
    for file in sorted(snapshot.files, key=lambda file: file.path.startswith("raw/captures/")):
        _bring_back(folder, file, _place(paths, home, file))
    marker.unlink()
    return RestoreSummary(snapshot, len(wanted), len(snapshot.files))


def verify_backup(root: Path) -> list[str]:
    """Read every byte of a backup; what is damaged or missing, by its place in the folder, [] when all is well."""
    folder = BackupFolder(root)
    names = folder.list_snapshots()
    if not names:
        folder.read_snapshot("")
    faults: list[str] = []
    for kind, store in (("blobs", folder.blobs), ("files", folder.files)):
        for sha256 in each_told(f"verifying {kind}", sorted(list_stored(store))):
            try:
                store.get(sha256)
            except (BlobDamagedError, BlobMissingError, OSError):
                faults.append(f"{kind}/{sha256[:2]}/{sha256}")
    for name in names:
        try:
            faults += _list_missing(folder, folder.read_snapshot(name))
        except BackupError:
            faults.append(f"snapshots/{name}.json")
    return list(dict.fromkeys(faults))


def unfinished_mark(paths: DataPaths) -> Path:
    """The file that is there while a restoration is on its way, and after one that did not end."""
    return paths.root / ".restore-unfinished"


def _list_missing(folder: BackupFolder, snapshot: Snapshot) -> Iterator[str]:
    files = list_stored(folder.files)
    gone = [file for file in snapshot.files if file.sha256 not in files]
    yield from (f"files/{file.sha256[:2]}/{file.sha256}" for file in gone)
    if not gone:
        lost = _list_named(folder, snapshot) - set(snapshot.unavailable) - list_stored(folder.blobs)
        yield from (f"blobs/{sha256[:2]}/{sha256}" for sha256 in sorted(lost))


def _list_named(folder: BackupFolder, snapshot: Snapshot) -> set[str]:
    """Every blob that the capture log of the snapshot names."""
    return set().union(*(read_hashes(folder, file) for file in snapshot.files))


def _damaged(folder: BackupFolder, faults: list[str]) -> BackupError:
    shown = ", ".join(faults[:_SHOWN]) + (" …" if len(faults) > _SHOWN else "")
    return BackupError(
        "backup_damaged",
        f"{len(faults)} file(s) of {folder.root} are missing or not as they were written: {shown}",
        "bring these files back from a copy of the backup, or name an earlier snapshot",
    )


def _refuse_over_data(paths: DataPaths, home: Path, snapshot: Snapshot) -> None:
    holds = [place for place in (paths.blobs, paths.captures, paths.shards) if any(_list_files(place))]
    holds += [place for place in (paths.published, paths.frontier) if place.exists()]
    for file in snapshot.files:
        place = _place(paths, home, file)
        if place.is_file() and not _says_nothing(place):
            holds.append(place)
    if holds:
        shown = ", ".join(str(place) for place in dict.fromkeys(holds[:_SHOWN]))
        raise BackupError(
            "restore_refused",
            f"there is data in the way: {shown}",
            "name an empty folder with TOUMING_DATA, or move this data away first",
        )


def _list_files(place: Path) -> Iterator[Path]:
    return (path for path in place.rglob("*") if path.is_file() and path.name != ".gitkeep")


def _says_nothing(path: Path) -> bool:
    """Whether a table has no line beside comments and its column names: `touming init` writes such."""
    if path.suffix not in TABLE_SUFFIXES:
        return False
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return sum(1 for line in lines if line.strip() and not line.startswith("#")) <= (path.suffix == ".csv")


def _place(paths: DataPaths, home: Path, file: KeptFile) -> Path:
    top, _, rest = file.path.partition("/")
    target = home / rest if top == HOME_FOLDER else paths.root / file.path
    base = home if top == HOME_FOLDER else paths.root
    if not target.resolve().is_relative_to(base.resolve()):
        raise BackupError("backup_damaged", f"{file.path!r} leads out of the data folder", "name another backup")
    return target


def _bring_back(folder: BackupFolder, file: KeptFile, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    arriving = target.with_name(f".{target.name}.arriving")
    try:
        shutil.copyfile(folder.files.path_of(file.sha256), arriving)
        if _hash_file(arriving) != file.sha256:
            raise _damaged(folder, [f"files/{file.sha256[:2]}/{file.sha256}"])
        arriving.replace(target)
    finally:
        arriving.unlink(missing_ok=True)


def _hash_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
