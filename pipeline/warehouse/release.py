"""Making a release: the published warehouse as a dated folder that never changes again.

Belongs here: which version, against which earlier release, and the order of the steps; the folder is written aside and
renamed whole. Does not belong here: the files in it (release_tables.py, release_changes.py, release_texts.py) and their
checksums (release_verify.py).
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.paths import DataPaths
from pipeline.progress import each_told
from pipeline.warehouse.build import wal_of
from pipeline.warehouse.errors import ReleaseError
from pipeline.warehouse.release_changes import ReleaseChanges, compare_releases
from pipeline.warehouse.release_tables import ReleasedTable, export_table, match_contract
from pipeline.warehouse.release_texts import ReleaseFacts, render_package, render_texts
from pipeline.warehouse.release_verify import DATABASE, PACKAGE, hash_file, hash_files, verify_checksums, write_manifest
from pipeline.warehouse.swap import name_cause
from pipeline.whole_files import sync

_VERSION = re.compile(r"(?P<year>\d{4})\.(?P<month>[1-9]|1[0-2])\.(?P<patch>0|[1-9]\d*)")
# Beside what the tables themselves take: sorting and comparing spill to the release's own folder
_CONNECTION: Mapping[str, str] = {
    "memory_limit": "2GB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
_ARRIVING = ".arriving"


@dataclass(frozen=True, slots=True)
class Release:
    """One release that was made: its folder, data version, logical hash and tables, and what it changes.

    previous is the data version compared with; it and changes are None for the first release.
    """

    folder: Path
    version: str
    build_id: str
    tables: tuple[ReleasedTable, ...]
    previous: str | None
    changes: ReleaseChanges | None


def make_release(
    paths: DataPaths,
    released_on: dt.date,
    version: str | None = None,
    previous: Path | None = None,
    output: Path | None = None,
) -> Release:
    """Write the published warehouse to <output>/<version>, at once.

    version: YYYY.M.PATCH, by default the next of the month of released_on. previous: the release to compare with, by
    default the newest one before it in output. output: data/warehouse/releases unless named. ReleaseError with a stable
    code when there is no such release to be made; nothing is left behind then.
    """
    output = (output or paths.releases).absolute()
    _check_published(paths.published)
    try:
        output.mkdir(parents=True, exist_ok=True)
        with _lock_output(output):
            version = _choose_version(output, version, released_on)
            previous = previous or _find_previous(output, version)
            arriving = output / f".{version}{_ARRIVING}"
            arriving.mkdir()
            try:
                release = _fill_folder(paths, arriving, released_on, version, previous)
                _flush_folder(arriving)
                os.rename(arriving, output / version)
                sync(output)
            finally:
                shutil.rmtree(arriving, ignore_errors=True)
    except (OSError, duckdb.Error) as error:
        raise _explain_failure(error, output) from error
    return release


def _fill_folder(
    paths: DataPaths, arriving: Path, released_on: dt.date, version: str, previous: Path | None
) -> Release:
    previous_version = _check_previous(previous) if previous else None
    # All is read from the copy: a publication meanwhile must not mix two builds. It may be on another file system, to
    # which swap.copy_file cannot copy
    shutil.copyfile(paths.published, arriving / DATABASE)
    spill = arriving / ".spill"
    con = duckdb.connect(str(arriving / DATABASE), read_only=True, config={**_CONNECTION, "temp_directory": str(spill)})
    try:
        ((build_id, schema_version),) = con.execute("SELECT build_id, schema_version FROM meta.build").fetchall()
        tables = tuple(
            export_table(con, schema, arriving) for schema in each_told("writing tables", match_contract(con))
        )
        changes = compare_releases(con, tables, previous, arriving) if previous else None
    finally:
        con.close()
    shutil.rmtree(spill, ignore_errors=True)
    hashes = hash_files(arriving)
    sizes = {name: (arriving / name).stat().st_size for name in hashes}
    facts = ReleaseFacts(
        version, released_on, build_id, schema_version, tables, hashes, sizes, previous_version, changes
    )
    texts = {PACKAGE: render_package(facts), **render_texts(facts)}
    for name, text in texts.items():
        (arriving / name).write_text(text, encoding="utf-8")
    write_manifest(arriving, {**hashes, **{name: hash_file(arriving / name) for name in texts}})
    return Release(arriving.parent / version, version, build_id, tables, previous_version, changes)


def _choose_version(output: Path, version: str | None, released_on: dt.date) -> str:
    existing = _list_versions(output)
    if version is None:
        month = (released_on.year, released_on.month)
        patches = [patch for *of, patch in existing if tuple(of) == month]
        return f"{released_on.year}.{released_on.month}.{max(patches, default=-1) + 1}"
    if not _VERSION.fullmatch(version):
        raise ReleaseError(
            "version_malformed", f"{version!r} is no data version.", "Name year, month and patch, such as 2026.11.0."
        )
    if (output / version).exists():
        raise ReleaseError(
            "release_exists",
            f"{output / version} is there already, and a release never changes.",
            "Take the next patch number, or leave --version out.",
        )
    return version


def _find_previous(output: Path, version: str) -> Path | None:
    """The newest release before this version, None for the first."""
    earlier = [parts for parts in _list_versions(output) if parts < _parse_version(version)]
    return output / ".".join(map(str, max(earlier))) if earlier else None


def _list_versions(output: Path) -> list[tuple[int, ...]]:
    return [_parse_version(path.name) for path in output.iterdir() if path.is_dir() and _VERSION.fullmatch(path.name)]


def _parse_version(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _check_previous(previous: Path) -> str:
    """The data version of the release to compare with; ReleaseError where it is not one, or not as it was made."""
    verify_checksums(previous)
    try:
        return str(json.loads((previous / PACKAGE).read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError) as error:
        raise ReleaseError(
            "release_incomplete", f"{previous / PACKAGE} does not say which release it is.", "Name another --previous."
        ) from error


def _check_published(published: Path) -> None:
    if not published.exists():
        raise ReleaseError(
            "warehouse_missing", f"There is no published warehouse at {published}.", "Run `touming run` to build one."
        )
    if wal_of(published).exists():
        raise ReleaseError(
            "warehouse_unreadable",
            f"{wal_of(published)}: somebody opened the published file for writing, so it is not what was checked.",
            "Close that program, move the .wal file away and run `touming run` to publish again.",
        )


@contextmanager
def _lock_output(output: Path) -> Iterator[None]:
    """One release at a time; what a killed one left behind is cleared first."""
    with (output / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ReleaseError(
                "release_running", f"Another release is being written to {output}.", "Wait until it is done."
            ) from error
        for leftover in output.glob(f".*{_ARRIVING}"):
            shutil.rmtree(leftover)
        yield


def _flush_folder(folder: Path) -> None:
    """Everything below a folder on disk, so that its name never stands for less than it holds."""
    for path in (folder, *folder.rglob("*")):
        sync(path)


def _explain_failure(error: OSError | duckdb.Error, output: Path) -> ReleaseError:
    if name_cause(error) == "full":
        free = shutil.disk_usage(output).free // 2**20
        return ReleaseError(
            "disk_full",
            f"{output}: {free} MiB are free, which is not enough for the release: {error}.",
            "Free some space or name another --output; a release takes about twice the published file, and as much "
            "again while it is made.",
        )
    if isinstance(error, duckdb.Error):
        return ReleaseError(
            "warehouse_unreadable",
            f"The published warehouse or the release before cannot be read: {error}.",
            "Run `touming run` to build it again, then release.",
        )
    return ReleaseError(
        "release_unwritable", f"{output}: {error}.", "Make the folder writable or name another --output."
    )
