"""Publishing: the gate, the fingerprint of the build, and its swap into the place of the published file, in this order.

Belongs here: the order, and the logical hash. Does not belong here: what the gate asks (gate.py), putting a file in
place (swap.py), making tables (build.py, models.py) or reading the published file (query.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.contract.schema import SCHEMA_VERSION
from pipeline.paths import DataPaths
from pipeline.warehouse.build import BUILD_CONFIG, SCHEMAS, wal_of
from pipeline.warehouse.checks import CheckResult
from pipeline.warehouse.errors import WarehouseError
from pipeline.warehouse.gate import run_gate
from pipeline.warehouse.swap import explain_unwritable, remove_leftovers, swap_in

# When a capture was made, and the identifier made from that moment, say nothing about the content
CLOCK_COLUMNS = frozenset({"captured_at", "first_captured_at", "capture_id"})
# Written from the hash, so no part of it
_UNHASHED_TABLES = frozenset({"meta.build", "meta.table_hash"})
_BUILD_ID_LENGTH = 16
_FETCH_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class TableHash:
    """One table's row count and the sha256 over its sorted rows."""

    table_name: str
    row_count: int
    content_hash: str


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
            checks = run_gate(con, paths.published, accept_shrinkage=accept_shrinkage)
            build_id, tables = logical_hash(con)
            _write_meta(con, build_id, tables)
            con.execute("CHECKPOINT")
        finally:
            con.close()
        if wal_of(build).exists():
            raise WarehouseError(f"{wal_of(build)}: the build is still open elsewhere; end that run and publish again.")
        swap_in(build, paths.published)
    return PublishedWarehouse(paths.published, build_id, tables, checks)


def logical_hash(con: duckdb.DuckDBPyConnection) -> tuple[str, tuple[TableHash, ...]]:
    """(build_id, a hash for each table): what the tables of raw, core, mart and meta say, not how they are stored.

    Rows are rendered as text and hashed one by one, the digests sorted: neither the order of insertion nor the file's
    layout nor the DuckDB version counts. Columns that hold a clock are left out.
    """
    found = con.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE schema_name IN (SELECT unnest($schemas)) "
        "AND NOT internal ORDER BY 1",
        {"schemas": list(SCHEMAS)},
    ).fetchall()
    tables = tuple(_hash_table(con, str(name)) for (name,) in found if name not in _UNHASHED_TABLES)
    whole = "\n".join(f"{table.table_name} {table.row_count} {table.content_hash}" for table in tables)
    return hashlib.sha256(whole.encode()).hexdigest()[:_BUILD_ID_LENGTH], tables


def _hash_table(con: duckdb.DuckDBPyConnection, table: str) -> TableHash:
    described = [(str(row[0]), str(row[1])) for row in con.execute(f"DESCRIBE {table}").fetchall()]
    columns = [(name, sql_type) for name, sql_type in described if name not in CLOCK_COLUMNS]
    digest = hashlib.sha256(",".join(name for name, _ in columns).encode())
    texts = [_canonical_text(name, sql_type) for name, sql_type in columns]
    # Length before text, so that no two different rows look the same; '-' is NULL
    row_text = " || ".join(f"coalesce(strlen({text})::VARCHAR || ':' || {text}, '-')" for text in texts)
    cursor = con.execute(f"SELECT sha256({row_text}) AS row_digest FROM {table} ORDER BY row_digest")
    count = 0
    while rows := cursor.fetchmany(_FETCH_ROWS):
        count += len(rows)
        digest.update("".join(row[0] for row in rows).encode())
    return TableHash(table, count, digest.hexdigest())


def _canonical_text(column: str, sql_type: str) -> str:
    if sql_type == "DOUBLE":
        # All 17 digits: how a cast shortens a double is the version's business
        return f"printf('%.17g', {column})"
    if sql_type == "VARCHAR[]":
        return f"(len({column})::VARCHAR || chr(30) || array_to_string({column}, chr(30)))"
    return f"{column}::VARCHAR"


def _write_meta(con: duckdb.DuckDBPyConnection, build_id: str, tables: tuple[TableHash, ...]) -> None:
    con.execute("DELETE FROM meta.build")
    con.execute("DELETE FROM meta.table_hash")
    con.execute("INSERT INTO meta.build (build_id, schema_version) VALUES (?, ?)", [build_id, SCHEMA_VERSION])
    rows = [[table.table_name, table.row_count, table.content_hash] for table in tables]
    con.executemany("INSERT INTO meta.table_hash (table_name, row_count, content_hash) VALUES (?, ?, ?)", rows)
