"""Publishing: stamp the build, refuse it when a blocking check fails, and swap it in whole.

Belongs here: the last gate, and the one replacement of the published file. Does not belong here:
making tables (build.py, models.py) or reading the published file (query.py).
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.contract.schema import SCHEMA_VERSION
from pipeline.paths import DataPaths
from pipeline.warehouse.analyst_layer import create_analyst_layer
from pipeline.warehouse.build import BUILD_CONFIG, wal_of
from pipeline.warehouse.checks import CheckResult, run_checks
from pipeline.warehouse.content import TableHash, logical_hash
from pipeline.warehouse.errors import WarehouseError, WarehouseRejected
from pipeline.warehouse.increment import ACCOUNT_SCHEMA, clear_touched, read_fingerprints


@dataclass(frozen=True, slots=True)
class PublishedWarehouse:
    """What was published: the file, its build_id, a hash for each table, and every check, warnings included."""

    path: Path
    build_id: str
    tables: tuple[TableHash, ...]
    checks: tuple[CheckResult, ...]


def publish(build: Path, paths: DataPaths) -> PublishedWarehouse:
    """Check and stamp a closed build file, then put a copy of it in the place of the published one, at once.

    Whoever has the old file open goes on reading the old file. WarehouseRejected when a check of severity error fails,
    WarehouseError when the file cannot be published safely; in both cases the published file is untouched.
    """
    if not build.exists():
        raise WarehouseError(f"{build}: there is no build to publish; run `touming run`.")
    if wal_of(paths.published).exists():
        raise WarehouseError(
            f"{wal_of(paths.published)}: somebody opened the published file for writing, so a new one would not open "
            "beside this log. Close that program, move the .wal file away, publish again; open read-only from now on."
        )
    con = duckdb.connect(str(build), config=dict(BUILD_CONFIG))
    try:
        checks = run_checks(con)
        _reject_on_blocking(checks)
        create_analyst_layer(con)
        build_id, tables = logical_hash(con, read_fingerprints(con))
        _write_meta(con, build_id, tables)
        con.execute("CHECKPOINT")
    finally:
        con.close()
    if wal_of(build).exists():
        raise WarehouseError(f"{wal_of(build)}: the build is still open elsewhere; end that run and publish again.")
    _swap_in(build, paths.published)
    with duckdb.connect(str(build), config=dict(BUILD_CONFIG)) as account:
        clear_touched(account)
    return PublishedWarehouse(paths.published, build_id, tables, tuple(checks))


def _reject_on_blocking(checks: list[CheckResult]) -> None:
    blocking = [check for check in checks if check.severity == "error" and not check.passed]
    if blocking:
        lines = [
            f"  {check.name} ({check.table}): {check.message}; {check.error or f'{check.violation_count} rows'}"
            + (f", such as {dict(check.sample[0])}" if check.sample else "")
            for check in blocking
        ]
        raise WarehouseRejected(
            f"{len(blocking)} blocking check(s) failed, the published warehouse was left as it is:\n"
            + "\n".join(lines)
            + "\nMend what makes these rows and run again; sql/checks has each query."
        )


def _write_meta(con: duckdb.DuckDBPyConnection, build_id: str, tables: tuple[TableHash, ...]) -> None:
    con.execute("DELETE FROM meta.build")
    con.execute("DELETE FROM meta.table_hash")
    con.execute("INSERT INTO meta.build (build_id, schema_version) VALUES (?, ?)", [build_id, SCHEMA_VERSION])
    rows = [[table.table_name, table.row_count, table.content_hash] for table in tables]
    con.executemany("INSERT INTO meta.table_hash (table_name, row_count, content_hash) VALUES (?, ?, ?)", rows)


def _swap_in(build: Path, published: Path) -> None:
    published.parent.mkdir(parents=True, exist_ok=True)
    arriving = published.with_name(f".{published.name}.{os.getpid()}.arriving")
    try:
        copy_file(build, arriving)
        with duckdb.connect(str(arriving), config=dict(BUILD_CONFIG)) as con:
            con.execute(f"DROP SCHEMA {ACCOUNT_SCHEMA} CASCADE")
            con.execute("CHECKPOINT")
        _flush(arriving)
        os.replace(arriving, published)
        _flush(published.parent)
    finally:
        for leftover in (arriving, wal_of(arriving)):
            leftover.unlink(missing_ok=True)


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
                raise OSError(f"{source}: became shorter while it was copied; another run is writing it")
            left -= copied


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
