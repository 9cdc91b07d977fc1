"""What the tables say, as numbers that do not depend on how they are stored: the logical hash of a warehouse.

Belongs here: counting rows, a fingerprint of them that can be added up and taken off, and the hash over all tables.
Does not belong here: which rows changed (increment.py) and publishing (publish.py).

A row is rendered as text and its md5 read as two 64-bit numbers; a table's fingerprint is their sum over all rows,
modulo 2^64 each. So neither order nor layout nor DuckDB version counts, and a build that replaces the rows of a few
documents takes off what goes and adds what comes. It tells versions apart; it does not protect against forged rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

# When a capture was made, and the identifier made from that moment, say nothing about the content
CLOCK_COLUMNS = frozenset({"captured_at", "first_captured_at", "capture_id", "elapsed_ms"})
# Written from the hash, so no part of it
_UNHASHED_TABLES = frozenset({"meta.build", "meta.table_hash"})
_BUILD_ID_LENGTH = 16
# The schemas that hold rows
SCHEMAS = ("raw", "core", "mart", "meta")
_MODULUS = 2**64
# Characters that text hardly ever has; where it does, its length tells the texts apart
_BETWEEN, _NOTHING = "chr(31)", "chr(30)"
# Of one md5: md5_number_lower and md5_number_upper each compute their own
_LOW_HALF, _HIGH_HALF = "(digest >> 64::UHUGEINT)::UBIGINT", f"(digest & {_MODULUS - 1}::UHUGEINT)::UBIGINT"
_NUMBERS = ("BOOLEAN", "INTEGER", "BIGINT", "DATE", "TIMESTAMP", "DECIMAL(24,8)", "DOUBLE")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Rows counted and added up. Adding and subtracting fingerprints does so for the rows."""

    row_count: int = 0
    low: int = 0
    high: int = 0

    def __add__(self, other: Fingerprint) -> Fingerprint:
        low, high = (self.low + other.low) % _MODULUS, (self.high + other.high) % _MODULUS
        return Fingerprint(self.row_count + other.row_count, low, high)

    def __sub__(self, other: Fingerprint) -> Fingerprint:
        low, high = (self.low - other.low) % _MODULUS, (self.high - other.high) % _MODULUS
        return Fingerprint(self.row_count - other.row_count, low, high)


@dataclass(frozen=True, slots=True)
class TableHash:
    """One table's row count and the hash over its columns' names and its rows."""

    table_name: str
    row_count: int
    content_hash: str


def count_rows(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Rows of one table."""
    row = con.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def fingerprint_rows(con: duckdb.DuckDBPyConnection, table: str, where: str = "true") -> Fingerprint:
    """The fingerprint of the rows of a table that `where` holds for."""
    columns = _hashed_columns(con, table)
    parts = [f"coalesce({_canonical_text(name, sql_type)}, {_NOTHING})" for name, sql_type in columns]
    # With its lengths, no text can pass for two, whatever stands in it
    texts = [name for name, sql_type in columns if sql_type not in _NUMBERS]
    parts += [f"coalesce(strlen({name}::VARCHAR), -1)" for name in texts]
    row_text = f"concat_ws({_BETWEEN}, {', '.join(parts)})"
    found = con.execute(
        f"SELECT count(*), coalesce(sum({_LOW_HALF}), 0), coalesce(sum({_HIGH_HALF}), 0) "
        f"FROM (SELECT md5_number({row_text}) AS digest FROM {table} WHERE {where})"
    ).fetchone()
    count, low, high = found or (0, 0, 0)
    return Fingerprint(int(count), int(low) % _MODULUS, int(high) % _MODULUS)


def logical_hash(
    con: duckdb.DuckDBPyConnection, known: Mapping[str, Fingerprint] | None = None
) -> tuple[str, tuple[TableHash, ...]]:
    """(build_id, a hash for each table): what the tables of raw, core, mart and meta say, not how they are stored.

    known holds fingerprints kept up while building; every other table is read whole. Columns that hold a clock are left
    out.
    """
    found = con.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() "
        "WHERE schema_name IN (SELECT unnest($schemas)) AND NOT internal ORDER BY 1",
        {"schemas": list(SCHEMAS)},
    ).fetchall()
    names = [str(name) for (name,) in found if name not in _UNHASHED_TABLES]
    tables = tuple(_hash_table(con, name, (known or {}).get(name)) for name in names)
    whole = "\n".join(f"{table.table_name} {table.row_count} {table.content_hash}" for table in tables)
    return hashlib.sha256(whole.encode()).hexdigest()[:_BUILD_ID_LENGTH], tables


def _hash_table(con: duckdb.DuckDBPyConnection, table: str, known: Fingerprint | None) -> TableHash:
    rows = fingerprint_rows(con, table) if known is None else known
    names = ",".join(name for name, _ in _hashed_columns(con, table))
    digest = hashlib.sha256(f"{names}\n{rows.row_count} {rows.low:016x} {rows.high:016x}".encode())
    return TableHash(table, rows.row_count, digest.hexdigest())


def _hashed_columns(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    described = [(str(row[0]), str(row[1])) for row in con.execute(f"DESCRIBE {table}").fetchall()]
    return [(name, sql_type) for name, sql_type in described if name not in CLOCK_COLUMNS]


def _canonical_text(column: str, sql_type: str) -> str:
    if sql_type == "DOUBLE":
        # All 17 digits: how a cast shortens a double is the version's business
        return f"printf('%.17g', {column})"
    if sql_type == "VARCHAR[]":
        return f"(len({column})::VARCHAR || {_NOTHING} || array_to_string({column}, {_NOTHING}))"
    return column if sql_type == "VARCHAR" else f"{column}::VARCHAR"
