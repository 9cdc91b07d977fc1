"""Checksums of a release: written once everything else is there, and verified by anyone.

Belongs here: MANIFEST.sha256 and what it means for a folder to be as released. Does not belong here: making the files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.warehouse.content import logical_hash
from pipeline.warehouse.errors import ReleaseError

MANIFEST = "MANIFEST.sha256"
DATABASE = "touming.duckdb"
PACKAGE = "datapackage.json"
# Where the package description keeps the logical hash
BUILD_ID = "touming:build_id"
_MAKE_AGAIN = "Copy the release again from where it was made, or make it again (touming release)."


@dataclass(frozen=True, slots=True)
class VerifiedRelease:
    """A release that is as it was made: its folder, data version, logical hash, and how many files were compared."""

    folder: Path
    version: str
    build_id: str
    file_count: int


def hash_files(folder: Path) -> dict[str, str]:
    """The sha256 of every file below a folder, by its path relative to it, the manifest itself left out; sorted."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name: hash_file(folder / name) for name in files if name != MANIFEST}


def hash_file(path: Path) -> str:
    """The sha256 of one file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, hashes: Mapping[str, str]) -> None:
    """Write the manifest in the form that `sha256sum -c` reads."""
    lines = [f"{digest}  {name}\n" for name, digest in sorted(hashes.items())]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8")


def verify_checksums(folder: Path) -> int:
    """How many files a release has, all of them as listed.

    ReleaseError release_incomplete for a folder without a manifest, release_damaged where a file is missing, differs or
    is not listed.
    """
    try:
        lines = (folder / MANIFEST).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise ReleaseError(
            "release_incomplete", f"{folder} has no readable {MANIFEST}, so it is no whole release.", _MAKE_AGAIN
        ) from error
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    found = hash_files(folder)
    wrong = [f"{name} is missing" for name in sorted(listed.keys() - found.keys())]
    wrong += [f"{name} is not in {MANIFEST}" for name in sorted(found.keys() - listed.keys())]
    wrong += [f"{name} differs" for name in sorted(listed.keys() & found.keys()) if listed[name] != found[name]]
    if wrong:
        raise ReleaseError("release_damaged", f"{folder}: {'; '.join(wrong)}.", _MAKE_AGAIN)
    return len(listed)


def verify_release(folder: Path) -> VerifiedRelease:
    """Compare every file with the manifest, and what the database says with the logical hash it was released under.

    ReleaseError as of verify_checksums, and release_damaged when the database does not open or says something else.
    """
    file_count = verify_checksums(folder)
    try:
        package = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
        recorded, version = str(package[BUILD_ID]), str(package["version"])
        con = duckdb.connect(str(folder / DATABASE), read_only=True)
        try:
            stamped = con.execute("SELECT build_id FROM meta.build").fetchall()
            computed, _ = logical_hash(con)
        finally:
            con.close()
    except (OSError, ValueError, KeyError, duckdb.Error) as error:
        raise ReleaseError(
            "release_damaged", f"{folder}: {DATABASE} or {PACKAGE} does not read: {error}.", _MAKE_AGAIN
        ) from error
    if stamped != [(recorded,)] or computed != recorded:
        raise ReleaseError(
            "release_damaged",
            f"{folder}: {PACKAGE} says build {recorded}, {DATABASE} is stamped {stamped} and holds {computed}.",
            "The files were exchanged or made by code that hashes otherwise; verify with the version that made them.",
        )
    return VerifiedRelease(folder, version, recorded, file_count)
