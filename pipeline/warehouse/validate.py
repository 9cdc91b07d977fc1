"""Checking a warehouse file that exists already: the published one, or one that somebody received.

Belongs here: opening such a file for reading alone and running every check on it. Does not belong here: the checks
(checks.py), and the gate before publishing (publish.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.warehouse.checks import CheckResult, run_checks
from pipeline.warehouse.query_errors import WarehouseMissingError


@dataclass(frozen=True, slots=True)
class Validation:
    """Which build a file holds, and what every check came to; the versions are None where meta.build has no row."""

    build_id: str | None
    schema_version: str | None
    results: tuple[CheckResult, ...]


def validate_file(path: Path) -> Validation:
    """Every check's result on one warehouse file, which is opened read-only.

    WarehouseMissingError when there is no such file, it cannot be opened, or it is no warehouse of ours.
    """
    if not path.exists():
        raise WarehouseMissingError(
            "warehouse_missing", f"There is no warehouse at {path}.", "Run `touming run` to build one, or name a file."
        )
    try:
        # Checks may need more memory than there is, so unlike questions they may spill
        con = duckdb.connect(str(path), read_only=True, config={"enable_external_access": "false"})
    except duckdb.Error as error:
        raise WarehouseMissingError(
            "warehouse_unreadable",
            f"{path} cannot be opened: {error}.",
            "Close any program that opened it for writing; if none did, run `touming run` to build it again.",
        ) from error
    try:
        # DuckDB would draw its progress on stdout, which is for data
        con.execute("SET enable_progress_bar = false")
        build = con.execute("SELECT build_id, schema_version FROM meta.build").fetchone()
        build_id, schema_version = build or (None, None)
        return Validation(build_id, schema_version, tuple(run_checks(con)))
    except duckdb.CatalogException as error:
        raise WarehouseMissingError(
            "warehouse_unreadable",
            f"{path} is a database, but no warehouse: it has no meta.build.",
            "Name another file.",
        ) from error
    finally:
        con.close()
