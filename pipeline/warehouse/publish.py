"""Publishing: the gate, the stamp of the build, and its swap into the place of the published file, in this order.

Belongs here: the order. Does not belong here: what the gate asks (gate.py), the logical hash (content.py), putting a
file in place (swap.py), making tables (build.py, models.py) or reading the published file (query.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.contract.schema import SCHEMA_VERSION
from pipeline.paths import DataPaths
from pipeline.progress import tell_progress
from pipeline.warehouse.analyst_layer import create_analyst_layer
from pipeline.warehouse.build import BUILD_CONFIG, wal_of
from pipeline.warehouse.checks import CheckResult
from pipeline.warehouse.content import TableHash, logical_hash
from pipeline.warehouse.errors import WarehouseError
from pipeline.warehouse.gate import run_gate
from pipeline.warehouse.increment import ACCOUNT_SCHEMA, clear_touched, is_finished, read_fingerprints
from pipeline.warehouse.swap import explain_unwritable, remove_leftovers, swap_in


@dataclass(frozen=True, slots=True)
class PublishedWarehouse:
    """What was published: the file, its build_id, a hash for each table, and every check, warnings included."""

    path: Path
    build_id: str
    tables: tuple[TableHash, ...]
    checks: tuple[CheckResult, ...]


def publish(build: Path, paths: DataPaths, *, accept_shrinkage: bool = False) -> PublishedWarehouse:
    """Check and stamp a closed build file, then put a copy of it in the place of the published one, at once.

    Whoever has the old file open goes on reading the old file. WarehouseRejected when a check of severity error fails,
    also when the build has lost too much against the published one, unless accept_shrinkage; WarehouseUnwritable when
    the disk is full or the folder closed; WarehouseError when the file cannot be published safely. In all cases the
    published file is untouched.
    """
    if not build.exists():
        raise WarehouseError(f"{build}: there is no build to publish; run `touming run`.")
    if wal_of(paths.published).exists():
        raise WarehouseError(
            f"{wal_of(paths.published)}: somebody opened the published file for writing, so a new one would not open "
            "beside this log. Close that program, move the .wal file away, publish again; open read-only from now on."
        )
    with explain_unwritable(paths.published):
        remove_leftovers(paths.published)
        con = duckdb.connect(str(build), config=dict(BUILD_CONFIG))
        try:
            if not is_finished(con):
                raise WarehouseError(f"{build}: the run that made this build did not finish it; run again.")
            checks = run_gate(con, paths.published, accept_shrinkage=accept_shrinkage)
            create_analyst_layer(con)
            build_id, tables = logical_hash(con, read_fingerprints(con))
            _write_meta(con, build_id, tables)
            con.execute("CHECKPOINT")
        finally:
            con.close()
        if wal_of(build).exists():
            raise WarehouseError(f"{wal_of(build)}: the build is still open elsewhere; end that run and publish again.")
        tell_progress("publishing", 0, 1)
        swap_in(build, paths.published, _drop_account)
        tell_progress("publishing", 1, 1)
        with duckdb.connect(str(build), config=dict(BUILD_CONFIG)) as account:
            clear_touched(account)
    return PublishedWarehouse(paths.published, build_id, tables, checks)


def _drop_account(copy: Path) -> None:
    """What the build keeps to go on from is nobody's business but its own."""
    with duckdb.connect(str(copy), config=dict(BUILD_CONFIG)) as con:
        con.execute(f"DROP SCHEMA {ACCOUNT_SCHEMA} CASCADE")
        con.execute("CHECKPOINT")


def _write_meta(con: duckdb.DuckDBPyConnection, build_id: str, tables: tuple[TableHash, ...]) -> None:
    con.execute("DELETE FROM meta.build")
    con.execute("DELETE FROM meta.table_hash")
    con.execute("INSERT INTO meta.build (build_id, schema_version) VALUES (?, ?)", [build_id, SCHEMA_VERSION])
    rows = [[table.table_name, table.row_count, table.content_hash] for table in tables]
    con.executemany("INSERT INTO meta.table_hash (table_name, row_count, content_hash) VALUES (?, ?, ?)", rows)
