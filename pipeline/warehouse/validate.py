"""Checking a warehouse file that exists already: the published one, or one that somebody received.

Belongs here: opening such a file for reading alone and running every check on it. Does not belong here: the checks
(checks.py), and the gate before publishing (gate.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.warehouse.checks import CheckResult, run_checks
from pipeline.warehouse.query import open_read_only
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
        with open_read_only(path, {"enable_external_access": "false"}) as con:
            build = con.execute("SELECT build_id, schema_version FROM meta.build").fetchone()
            build_id, schema_version = build or (None, None)
            return Validation(build_id, schema_version, tuple(run_checks(con)))
    except duckdb.CatalogException as error:
        raise WarehouseMissingError(
            "warehouse_unreadable",
            f"{path} is a database, but no warehouse: it has no meta.build.",
            "Name another file.",
        ) from error
