"""Writing the whole site: every script, page and download into a folder that takes the old one's place when it is done.

Belongs here: the order of the steps, and putting the folder in its place. Does not belong here: any step.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.site.agencies import write_agencies
from pipeline.site.answers import Warehouse
from pipeline.site.downloads import write_downloads
from pipeline.site.pages import write_pages
from pipeline.site.quality import write_quality, write_revisions
from pipeline.site.reference import list_dictionary, list_questions, write_reference
from pipeline.site.regions import write_regions
from pipeline.site.reports import SourceReader, list_reports, write_reports
from pipeline.site.years import write_years

# Reports whose source text is shipped in the folder: a report takes some 60 KB with it
DEFAULT_REPORT_LIMIT = 2_000
# Says that a folder is a site, so that nothing else is ever replaced
MARKER = "assets/core.js"


class SiteError(RuntimeError):
    """The site cannot be written: a stable code, what happened, and what to do next."""

    def __init__(self, code: str, message: str, next_step: str) -> None:
        super().__init__(f"{message} {next_step}")
        self.code = code
        self.message = message
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class Site:
    """What was written where."""

    folder: Path
    build_id: str
    agency_count: int
    report_count: int
    shipped_report_count: int
    file_count: int
    byte_count: int
    seconds: float


def write_site(
    published: Path, folder: Path, read_source: SourceReader, report_limit: int = DEFAULT_REPORT_LIMIT
) -> Site:
    """Write the site of a published warehouse; what was in the folder before is replaced once everything is there.

    Reports are shipped with their source text when there are at most report_limit of them, otherwise none is, and
    `touming serve` shows them on demand. QueryError when the warehouse cannot answer, SiteError when the folder holds
    something else or cannot be written.
    """
    _refuse_other_folder(folder)
    begun = time.monotonic()
    try:
        with _open_arriving(folder) as arriving:
            written = _write_all(Warehouse(published), arriving, read_source, report_limit)
            _put_in_place(arriving, folder)
    except OSError as error:
        raise SiteError(
            "site_unwritable", f"{folder} cannot be written: {error}.", "Name another folder, or free space."
        ) from error
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return Site(
        folder=folder, file_count=len(sizes), byte_count=sum(sizes), seconds=time.monotonic() - begun, **written
    )


def _write_all(warehouse: Warehouse, folder: Path, read_source: SourceReader, report_limit: int) -> dict[str, Any]:
    build = next(warehouse.ask("build").records())
    reports = list_reports(warehouse)
    shipped = reports if len(reports) <= report_limit else []
    write_regions(warehouse, folder)
    index = write_years(warehouse, folder)
    agencies = write_agencies(warehouse, folder)
    write_quality(warehouse, folder)
    revision_years = write_revisions(warehouse, folder)
    write_reports(warehouse, folder, shipped, read_source)
    write_reference(
        warehouse, folder, index, {"build": build, "revision_years": revision_years, "has_reports": bool(shipped)}
    )
    content = {
        "build": build,
        "downloads": write_downloads(warehouse, folder),
        "dictionary": list_dictionary(warehouse),
        "metrics": list(warehouse.ask("metric").records()),
        "rules": list(warehouse.ask("rule").records()),
        "questions": list_questions(),
    }
    write_pages(folder, content)
    if next(warehouse.ask("build").records()) != build:
        raise SiteError(
            "site_outrun",
            "The warehouse was published anew while the site was being written, so its pages would not agree.",
            "Run touming site again.",
        )
    return {
        "build_id": str(build["build_id"]),
        "agency_count": agencies,
        "report_count": len(reports),
        "shipped_report_count": len(shipped),
    }


def _refuse_other_folder(folder: Path) -> None:
    if folder.exists() and not (folder / MARKER).exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SiteError(
            "site_folder_foreign",
            f"{folder} is there and is no site, so it is not replaced.",
            "Name a folder that is empty or not there yet.",
        )


@contextmanager
def _open_arriving(folder: Path) -> Iterator[Path]:
    """An empty folder beside this one, gone afterwards; whoever else writes the same site waits.

    It has one name for each site: what a killed writer left there, the next one clears away.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    arriving = folder.with_name(f".{folder.name}.arriving")
    with folder.with_name(f".{folder.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in (arriving, _name_old(arriving)):
            shutil.rmtree(leftover, ignore_errors=True)
        arriving.mkdir()
        try:
            yield arriving
        finally:
            shutil.rmtree(arriving, ignore_errors=True)


def _put_in_place(arriving: Path, folder: Path) -> None:
    if folder.exists():
        old = _name_old(arriving)
        os.replace(folder, old)
        os.replace(arriving, folder)
        shutil.rmtree(old)
    else:
        os.replace(arriving, folder)


def _name_old(arriving: Path) -> Path:
    return arriving.with_suffix(".old")
