"""What `touming doctor` looks at.

Belongs here: one function per examination, each answering with a value. Does not belong here: mending anything, and
what only matters where services run (production_examinations.py).
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable

from pipeline.cli.examinations_model import Examination
from pipeline.cli.production_examinations import examine_folders, examine_records, examine_schedules
from pipeline.paths import REPO_ROOT, DataPaths

_PACKAGES = ("dagster", "duckdb", "polars", "pyarrow", "selectolax", "rapidfuzz", "click", "rich")
_OLDEST_PYTHON = (3, 11)
_DISK_AMBER_BYTES = 5 * 1024**3
_DISK_RED_BYTES = 500 * 1024**2


def examine(paths: DataPaths) -> list[Examination]:
    """Every examination, in order. One that breaks is a red result, not the end of the others."""
    results = []
    for look in _EXAMINATIONS:
        try:
            results.append(look(paths))
        except Exception as error:
            name = look.__name__.removeprefix("_").removeprefix("examine_")
            results.append(Examination(name, "red", f"{type(error).__name__}: {error}", "see the message"))
    return results


def _examine_python(_paths: DataPaths) -> Examination:
    found = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info < _OLDEST_PYTHON:
        return Examination("python", "red", found, "install Python 3.11 or newer and run make run PYTHON=python3.11")
    return Examination("python", "green", found)


def _examine_packages(_paths: DataPaths) -> Examination:
    versions, missing = [], []
    for package in _PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(package)
    if missing:
        return Examination("packages", "red", f"missing: {', '.join(missing)}", "make run installs what is locked")
    return Examination("packages", "green", ", ".join(versions))


def _examine_disk(paths: DataPaths) -> Examination:
    existing = next(folder for folder in (paths.root, *paths.root.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    found = f"{free / 1024**3:.1f} GiB free at {existing}"
    if free < _DISK_RED_BYTES:
        return Examination("disk", "red", found, "free some space before the next run")
    if free < _DISK_AMBER_BYTES:
        return Examination("disk", "amber", found, "a build needs about three times the warehouse's size")
    return Examination("disk", "green", found)


def _examine_data(paths: DataPaths) -> Examination:
    if not paths.root.exists():
        return Examination("data", "amber", f"{paths.root} does not exist yet", "touming run makes it")
    if not os.access(paths.root, os.W_OK):
        return Examination("data", "red", f"{paths.root} cannot be written", "change its owner, or set TOUMING_DATA")
    return Examination("data", "green", str(paths.root))


def _examine_raw(paths: DataPaths) -> Examination:
    count = sum(1 for _ in paths.blobs.glob("??/*"))
    if not count:
        return Examination("raw", "amber", "no documents captured", "touming run --samples, or put files in the inbox")
    return Examination("raw", "green", f"{count} blobs in {paths.blobs}")


def _examine_warehouse(paths: DataPaths) -> Examination:
    from pipeline.warehouse.query import run_query
    from pipeline.warehouse.query_errors import QueryError

    if not paths.published.exists():
        return Examination("warehouse", "amber", f"none at {paths.published} yet", "touming run builds it")
    try:
        rows = run_query(paths.published, "SELECT build_id, schema_version FROM meta.build").rows
    except QueryError as error:
        return Examination("warehouse", "red", error.message, error.next_step)
    size = paths.published.stat().st_size / 1024**2
    library = importlib.metadata.version("duckdb")
    found = f"build {rows[0][0]}, schema {rows[0][1]}, {size:.1f} MiB, read with DuckDB {library}"
    return Examination("warehouse", "green", found)


def _examine_dagster_home(paths: DataPaths) -> Examination:
    named = os.environ.get("DAGSTER_HOME")
    if not named:
        return Examination("dagster_home", "green", f"{paths.dagster_home} (DAGSTER_HOME is not set)")
    if not os.path.isdir(named):
        return Examination(
            "dagster_home", "red", f"DAGSTER_HOME={named} is no folder", "make it, or unset DAGSTER_HOME"
        )
    return Examination("dagster_home", "green", f"{named} (DAGSTER_HOME)")


def _examine_libreoffice(_paths: DataPaths) -> Examination:
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found:
        return Examination("libreoffice", "green", found)
    return Examination(
        "libreoffice",
        "amber",
        "not installed",
        "without it .doc and .wps files cannot be converted; they stay archived",
    )


def _examine_chromium(_paths: DataPaths) -> Examination:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found:
        return Examination("chromium", "green", found)
    return Examination("chromium", "amber", "not installed", "without it the pages cannot be tried in a browser")


def _examine_recognition(_paths: DataPaths) -> Examination:
    from pipeline.documents.scan import VERSION, find_model

    if find_model():
        return Examination("recognition", "green", VERSION)
    return Examination(
        "recognition",
        "amber",
        "not installed",
        "without it scans and pictures are not read; pip install --no-deps -r requirements-ocr.lock",
    )


def _examine_fonts(_paths: DataPaths) -> Examination:
    lister = shutil.which("fc-list")
    command = [lister or "", ":lang=zh"]
    listed = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout if lister else ""
    if listed.strip():
        return Examination("fonts", "green", f"{len(listed.splitlines())} fonts with Chinese characters")
    return Examination(
        "fonts",
        "amber",
        "no font with Chinese characters found",
        "screens show boxes; install fonts-noto-cjk or the like",
    )


def _examine_checkout(_paths: DataPaths) -> Examination:
    missing = [name for name in ("sql/mart", "sql/checks", "dagster.yaml", "deploy") if not (REPO_ROOT / name).exists()]
    if missing:
        return Examination(
            "checkout", "red", f"missing: {', '.join(missing)}", "install from a checkout: pip install -e ."
        )
    return Examination("checkout", "green", str(REPO_ROOT))


_EXAMINATIONS: tuple[Callable[[DataPaths], Examination], ...] = (
    _examine_python,
    _examine_packages,
    _examine_checkout,
    _examine_data,
    _examine_disk,
    _examine_raw,
    _examine_warehouse,
    examine_folders,
    _examine_dagster_home,
    examine_records,
    examine_schedules,
    _examine_libreoffice,
    _examine_chromium,
    _examine_fonts,
    _examine_recognition,
)
