"""Files on disk into the archive: one blob per content, one capture per change.

Belongs here: finding the files a person names, and deciding which of them are news. Does not belong here: fetching from
sites, and reading what the files say.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import glob
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.archive.captures import MEMBER_MARK, Capture, CaptureLog, Fetch, make_capture
from pipeline.archive.container import list_members
from pipeline.archive.sniff import sniff_media_type
from pipeline.archive.store import BlobStore
from pipeline.progress import each_told

# Far above any document; what is larger was put here by mistake and would only fill memory
MAX_FILE_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class IngestFailure:
    """A file that could not be taken in, and why."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What became of the files: new captures, origins already known with these bytes, patterns that match nothing."""

    new: tuple[Capture, ...]
    known: tuple[str, ...]
    missing: tuple[str, ...]
    unreadable: tuple[IngestFailure, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Number of files new, known and unreadable, and of patterns missing."""
        return {
            "new": len(self.new),
            "known": len(self.known),
            "missing": len(self.missing),
            "unreadable": len(self.unreadable),
        }


def ingest_paths(
    patterns: Sequence[str | Path], store: BlobStore, log: CaptureLog, clock: Callable[[], dt.datetime]
) -> IngestSummary:
    """Take in files, folders (with all below, hidden ones left out) and glob patterns.

    A capture is logged only when the last capture of the same origin had other bytes; older bytes stay. The origin is
    the path from the named folder on (for a file or a pattern: from the folder it begins in), that folder's name
    included, so it says nothing about the machine. Each file in a ZIP is taken in as well, its origin being that of the
    ZIP, '!/' and its name, its parent the capture of the ZIP: a changed ZIP is captured with all its files. What cannot
    be read is in the summary and stops nothing; only a full disk or a damaged log raises. Two processes take turns, so
    that neither captures what the other just did.
    """
    with _ingest_alone(log):
        latest = {capture.origin_text: capture for capture in log.read() if capture.sha256 is not None}
        intake = _Intake(store, log, clock, latest)
        found = {str(pattern): _find_files(str(pattern)) for pattern in patterns}
        missing = [pattern for pattern, files in found.items() if files is None]
        for path, origin in each_told("taking in files", [file for files in found.values() for file in files or ()]):
            intake.take(path, origin)
    return IngestSummary(tuple(intake.new), tuple(intake.known), tuple(missing), tuple(intake.unreadable))


@contextmanager
def _ingest_alone(log: CaptureLog) -> Iterator[None]:
    log.root.mkdir(parents=True, exist_ok=True)
    with (log.root / ".ingest.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass(slots=True)
class _Intake:
    """One run of ingestion: what the log already has, and what became of each file so far."""

    store: BlobStore
    log: CaptureLog
    clock: Callable[[], dt.datetime]
    latest: dict[str, Capture]
    new: list[Capture] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    unreadable: list[IngestFailure] = field(default_factory=list)
    path_of_origin: dict[str, Path] = field(default_factory=dict)

    def take(self, path: Path, origin: str) -> None:
        """Take one file in; a file that an earlier pattern named as well is taken once."""
        if origin in self.path_of_origin:
            if self.path_of_origin[origin] != path:
                self.unreadable.append(_same_origin(path, self.path_of_origin[origin], origin))
            return
        self.path_of_origin[origin] = path
        content = _read_file(path)
        if isinstance(content, IngestFailure):
            self.unreadable.append(content)
            return
        media_type = sniff_media_type(content)
        before = self.latest.get(origin)
        parent = self._keep(origin, content, media_type, None)
        held = list_members(content, media_type)
        for member in held.members:
            member_type = sniff_media_type(member.content)
            self._keep(f"{origin}{MEMBER_MARK}{member.name}", member.content, member_type, parent.capture_id)
        if parent is not before:
            self.unreadable.extend(IngestFailure(str(path), issue.message) for issue in held.issues)

    def _keep(self, origin: str, content: bytes, media_type: str, parent_capture_id: str | None) -> Capture:
        """Store bytes and log their capture, unless the last one of this origin had the same bytes and parent."""
        sha256 = self.store.put(content)
        last = self.latest.get(origin)
        if last and last.sha256 == sha256 and last.parent_capture_id == parent_capture_id:
            self.known.append(origin)
            return last
        fetch = Fetch(parent_capture_id=parent_capture_id)
        capture = make_capture(origin, sha256, self.clock(), media_type, len(content), fetch)
        self.log.append(capture)
        self.latest[origin] = capture
        self.new.append(capture)
        return capture


def list_files(folder: Path) -> list[tuple[Path, str]]:
    """Every file that ingesting a folder would look at, with its origin; none where there is no such folder."""
    return [_with_origin(path, folder) for path in _walk_folder(folder)]


def _find_files(pattern: str) -> list[tuple[Path, str]] | None:
    """The files a pattern names, sorted, each with its origin; None when it names nothing at all."""
    named = Path(pattern).expanduser()
    if named.is_dir():
        return list_files(named)
    if named.exists():
        return [_with_origin(named, named.parent)]
    found = sorted(glob.glob(str(named), recursive=True))
    base = _fixed_part(named)
    files = [file for match in map(Path, found) for file in (_walk_folder(match) if match.is_dir() else (match,))]
    return [_with_origin(path, base) for path in dict.fromkeys(files)] if found else None


def _walk_folder(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent) / name for name in sorted(names) if not name.startswith("."))


def _fixed_part(pattern: Path) -> Path:
    """The folder a pattern begins in: its parts before the first wildcard."""
    return Path(*itertools.takewhile(lambda part: not glob.has_magic(part), pattern.parts))


def _with_origin(path: Path, base: Path) -> tuple[Path, str]:
    # Absolute, but with links as named: a link to a folder is the name its files are known by
    path, base = Path(os.path.abspath(path)), Path(os.path.abspath(base))
    origin = (Path(base.name) / path.relative_to(base)).as_posix()
    # A name may hold bytes that are no text; the origin goes into tables, so it must be
    return path, os.fsencode(origin).decode("utf-8", errors="backslashreplace")


def _read_file(path: Path) -> bytes | IngestFailure:
    try:
        if not path.is_file():
            return IngestFailure(str(path), "not a regular file, or a link to nothing; not taken in")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            return IngestFailure(str(path), f"{size} bytes, the limit is {MAX_FILE_BYTES}; take it out of the folder")
        return path.read_bytes()
    except OSError as error:
        return IngestFailure(str(path), f"{error.strerror or error}; make the file readable and ingest it again")


def _same_origin(path: Path, taken: Path, origin: str) -> IngestFailure:
    return IngestFailure(
        str(path),
        f"would be known as {origin!r} like {taken}, and each would hide the other; rename one of the folders",
    )
