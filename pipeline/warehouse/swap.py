"""Putting a finished file in the place of the published one: whole, durably, or not at all.

Belongs here: the copy, the one replacement, what a killed publication leaves behind, and what a full or closed disk is
called. Does not belong here: what is in the file.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipeline.warehouse.errors import WarehouseError, WarehouseUnwritable
from pipeline.whole_files import sync

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR})
_NEXT_STEPS = {
    "full": "Free space (a publication needs about twice the size of the file) and run again.",
    "closed": "Give the user who runs this write access to the folder, or set TOUMING_DATA to one that has it.",
    "other": "Look at the disk and its mount, then run again.",
}


def swap_in(finished: Path, published: Path, complete: Callable[[Path], None]) -> None:
    """Replace the published file by a copy of a closed, finished one, in one step that readers do not notice.

    complete does to the copy what it needs before anybody sees it. OSError when it cannot be written; the published
    file is then the one it was, and no part of a copy is left.
    """
    published.parent.mkdir(parents=True, exist_ok=True)
    arriving = published.with_name(f".{published.name}.{os.getpid()}.arriving")
    try:
        copy_file(finished, arriving)
        complete(arriving)
        sync(arriving)
        os.replace(arriving, published)
        sync(published.parent)
    finally:
        for leftover in (arriving, arriving.with_name(f"{arriving.name}.wal")):
            leftover.unlink(missing_ok=True)


def remove_leftovers(published: Path) -> None:
    """Delete unfinished copies of publications whose process is gone; they never were in place."""
    shape = re.compile(re.escape(f".{published.name}.") + r"(?P<process>\d+)\.arriving(\.wal)?")
    for path in published.parent.glob(f".{published.name}.*.arriving*"):
        found = shape.fullmatch(path.name)
        if found and not _is_running(int(found["process"])):
            path.unlink(missing_ok=True)


@contextmanager
def explain_unwritable(published: Path) -> Iterator[None]:
    """Turn what a full, closed or broken disk raises within into WarehouseUnwritable, with what to do."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        if isinstance(error, OSError) or name_cause(error) != "other":
            raise _unwritable(error, published.parent) from error
        raise WarehouseError(
            f"The build cannot be published: {error}. The published warehouse was left as it is. If another run has "
            "the build open, end it; else run again, and if it recurs, keep the build file and report it."
        ) from error


@contextmanager
def explain_disk(folder: Path) -> Iterator[None]:
    """The same for steps that make no database: only what is the disk's fault, every other OSError passes."""
    try:
        yield
    except OSError as error:
        if name_cause(error) == "other" and error.errno != errno.EIO:
            raise
        raise _unwritable(error, folder) from error


def _unwritable(error: OSError | duckdb.Error, folder: Path) -> WarehouseUnwritable:
    where = getattr(error, "filename", None) or folder
    return WarehouseUnwritable(
        f"{where}: cannot be written, so the published warehouse was left as it is: {error}. "
        + _NEXT_STEPS[name_cause(error)]
    )


def name_cause(error: OSError | duckdb.Error) -> str:
    """Why a file could not be written: full, closed or other."""
    # DuckDB hands on the system's words, not its number
    numbers = {getattr(error, "errno", None)}
    numbers |= {number for number in _FULL | _CLOSED if os.strerror(number) in str(error)}
    return "full" if numbers & _FULL else "closed" if numbers & _CLOSED else "other"


def copy_file(source: Path, target: Path) -> None:
    """Copy a file, at once and without its space where the file system lets files share blocks (XFS, Btrfs)."""
    if not hasattr(os, "copy_file_range"):
        shutil.copyfile(source, target)
        return
    with source.open("rb") as reading, target.open("wb") as writing:
        left = os.fstat(reading.fileno()).st_size
        while left > 0:
            copied = os.copy_file_range(reading.fileno(), writing.fileno(), left)
            if not copied:
                raise OSError(errno.EIO, "became shorter while it was copied; another run is writing it", str(source))
            left -= copied


def _is_running(process: int) -> bool:
    if process == os.getpid():
        # This process has not begun a copy: the name is that of an earlier one with the same number
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
