"""What changed since the build was last loaded, document by document, and replacing just those rows.

Belongs here: the build's own account (schema build) of which batch each document's rows came from, which documents were
touched since the last publication, and the fingerprints of large tables. Does not belong here: tables that are small
enough to be loaded whole (build.py), SQL models (models.py), checks (checks.py).

A table is kept by document when its rows come from one document each: those that reading left in batches, the SELECTs
of sql/core that spread the cells, and the marts that marts.yml calls `by_report`. The account lives in the build file,
so that a killed build and its account never differ; it is no part of what is published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb

from pipeline.contract.ddl import SQL_TYPES, quote_text
from pipeline.contract.marts import load_marts
from pipeline.contract.schema import TableSchema, load_tables
from pipeline.paths import DataPaths
from pipeline.warehouse.content import Fingerprint, count_rows, fingerprint_rows
from pipeline.warehouse.errors import explain_broken_rows
from pipeline.warehouse.extents import (
    EXTENT_TABLE,
    find_last_row,
    forget_extents,
    narrow_to_extents,
    note_added,
    note_deleted,
)

ACCOUNT_SCHEMA = "build"
ACCOUNT_TABLES = (
    "build.document (document_id VARCHAR NOT NULL, partition_year VARCHAR NOT NULL, batch_name VARCHAR NOT NULL)",
    "build.touched (document_id VARCHAR NOT NULL, partition_year VARCHAR NOT NULL)",
    "build.loaded (table_name VARCHAR NOT NULL, made_of VARCHAR NOT NULL)",
    "build.chunk (document_id VARCHAR NOT NULL, partition_year VARCHAR NOT NULL)",
    EXTENT_TABLE,
    "build.fingerprint (table_name VARCHAR NOT NULL, row_count BIGINT NOT NULL, low UBIGINT NOT NULL, "
    "high UBIGINT NOT NULL)",
    "build.unfinished (step_name VARCHAR NOT NULL)",
)
# Read beside tables kept by document, and narrowed with them
READ_BESIDE = ("core.report", "core.issue", "raw.document")
_IN_CHUNK = "IN (SELECT document_id FROM build.chunk)"


def batch_tables() -> tuple[TableSchema, ...]:
    """Tables whose rows lie in batches."""
    return tuple(table for table in load_tables().values() if table.stage == "batch")


@cache
def tables_by_document() -> Mapping[str, str]:
    """Every table that is kept by document, with the column that names the document."""
    of_contract = {t.name: t.key[0] for t in load_tables().values() if t.stage in ("batch", "sql")}
    return of_contract | {mart.name: "report_id" for mart in load_marts().values() if mart.is_by_report}


def create_account(con: duckdb.DuckDBPyConnection) -> None:
    """The empty account of a fresh build."""
    con.execute(f"CREATE SCHEMA {ACCOUNT_SCHEMA}")
    for table in ACCOUNT_TABLES:
        con.execute(f"CREATE TABLE {table}")


def has_account(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether this database is a build, with an account of what was touched; what is published has none."""
    account = "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'build' AND table_name = 'touched'"
    return bool(con.execute(account).fetchall())


def update_batches(con: duckdb.DuckDBPyConnection, paths: DataPaths) -> None:
    """Bring every table of batches to the newest reading of each document.

    WarehouseError when a batch breaks the contract.
    """
    _load_newest(con, paths)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE changed AS SELECT document_id, any_value(partition_year) AS partition_year FROM "
        "((FROM newest EXCEPT FROM build.document) UNION ALL (FROM build.document EXCEPT FROM newest)) "
        "GROUP BY document_id"
    )
    with transaction(con):
        con.execute("INSERT INTO build.touched SELECT document_id, partition_year FROM changed")
        _forget_changed(con)
    for (year,) in con.execute(
        "SELECT DISTINCT partition_year FROM newest WHERE document_id IN (SELECT document_id FROM changed) ORDER BY 1"
    ).fetchall():
        with transaction(con):
            _load_year(con, paths, str(year))


def begin_build(con: duckdb.DuckDBPyConnection) -> None:
    """From here on tables are not of one state, until finish_build."""
    con.execute("DELETE FROM build.unfinished")
    con.execute("INSERT INTO build.unfinished VALUES ('load')")


def finish_build(con: duckdb.DuckDBPyConnection) -> None:
    """Every model was made of what was loaded."""
    con.execute("DELETE FROM build.unfinished")


def is_finished(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether all tables are of one state; not so where a run was killed, or a model failed, after loading."""
    return not con.execute("SELECT 1 FROM build.unfinished").fetchall()


def touch_reports(con: duckdb.DuckDBPyConnection, select: str) -> None:
    """Count the reports that a SELECT of report_id gives as touched."""
    con.execute(
        "INSERT INTO build.touched SELECT document_id, partition_year FROM build.document "
        f"WHERE document_id IN ({select})"
    )


def clear_touched(con: duckdb.DuckDBPyConnection) -> None:
    """Everything touched so far has been published."""
    con.execute("DELETE FROM build.touched")


def each_chunk(con: duckdb.DuckDBPyConnection, everything: bool = False) -> Iterator[None]:
    """Make build.chunk the touched documents of one year after another.

    everything: not only those touched since the last publication. A year at a time, so that fifteen need no more memory
    than one.
    """
    source = "build.document" if everything else "build.touched"
    years = con.execute(f"SELECT DISTINCT partition_year FROM {source} ORDER BY 1").fetchall()
    for (year,) in years:
        _fill_chunk(con, source, [year])
        yield


def each_year(con: duckdb.DuckDBPyConnection, years_before: int) -> Iterator[str]:
    """Each year of which there are documents, build.chunk those of that year and of so many years before it.

    Documents that show no year are one by themselves.
    """
    years = con.execute("SELECT DISTINCT partition_year FROM build.document ORDER BY 1").fetchall()
    for (year,) in years:
        before = [str(int(year) - back) for back in range(1, years_before + 1)] if year.isdecimal() else []
        _fill_chunk(con, "build.document", [year, *before])
        yield str(year)


def _fill_chunk(con: duckdb.DuckDBPyConnection, source: str, years: Sequence[str]) -> None:
    con.execute("DELETE FROM build.chunk")
    con.execute(
        f"INSERT INTO build.chunk SELECT DISTINCT document_id, partition_year FROM {source} "
        "WHERE list_contains($years, partition_year)",
        {"years": years},
    )


def narrow_to_chunk(con: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The same SELECT over the rows of the chunk alone, in every table that is kept by document."""
    columns = dict(tables_by_document()) | {name: load_tables()[name].key[0] for name in READ_BESIDE}
    years = [str(year) for (year,) in con.execute("SELECT DISTINCT partition_year FROM build.chunk").fetchall()]

    def replace(found: re.Match[str]) -> str:
        table = found["table"].lower()
        view = f"build.{table.replace('.', '_')}"
        where = f"{narrow_to_extents(con, table, years)} AND {columns[table]} {_IN_CHUNK}"
        con.execute(f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM {table} WHERE {where}")
        return f"{found['before']}{view}"

    names = "|".join(re.escape(name) for name in sorted(columns, key=len, reverse=True))
    return re.sub(rf"(?P<before>\b(?:FROM|JOIN)\s+)(?P<table>{names})\b", replace, sql, flags=re.IGNORECASE)


@contextmanager
def accounted_change(con: duckdb.DuckDBPyConnection, table: str, *, has_rows: bool = True) -> Iterator[None]:
    """Replace the rows of the chunk in a table kept by document: they are deleted, the body inserts the new ones.

    All of it in one transaction, the table's fingerprint with it. has_rows is False where the table has none of the
    chunk yet, so that filling it for the first time looks for none, year after year.
    """
    where = f"{tables_by_document()[table]} {_IN_CHUNK}"
    with transaction(con):
        before = fingerprint_rows(con, table, where) if has_rows else Fingerprint()
        if before.row_count:
            con.execute(f"DELETE FROM {table} WHERE {where}")
            note_deleted(con, table)
        with _accounted_addition(con, table, _read_chunk_year(con)):
            yield
        _add_fingerprint(con, table, Fingerprint() - before)


@contextmanager
def _accounted_addition(con: duckdb.DuckDBPyConnection, table: str, year: str) -> Iterator[None]:
    """Take down the rows of one year that the body adds to a table."""
    last_row = find_last_row(con, table)
    yield
    added = fingerprint_rows(con, table, f"rowid > {last_row}")
    _add_fingerprint(con, table, added)
    note_added(con, table, year, last_row, added.row_count)


def _read_chunk_year(con: duckdb.DuckDBPyConnection) -> str:
    found = con.execute("SELECT any_value(partition_year) FROM build.chunk").fetchone()
    return str(found[0]) if found else ""


def read_fingerprints(con: duckdb.DuckDBPyConnection) -> dict[str, Fingerprint]:
    """The fingerprint of every table kept by document, as kept up while building."""
    found = con.execute("SELECT table_name, row_count, low, high FROM build.fingerprint").fetchall()
    return {str(name): Fingerprint(int(count), int(low), int(high)) for name, count, low, high in found}


def forget_fingerprint(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """The table is gone, or begins anew."""
    con.execute("DELETE FROM build.fingerprint WHERE table_name = ?", [table])
    forget_extents(con, table)


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing."""
    con.execute("BEGIN")
    try:
        yield
    except BaseException:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")


def _load_newest(con: duckdb.DuckDBPyConnection, paths: DataPaths) -> None:
    """TEMP TABLE newest: which batch has the newest reading of each document, partition by partition."""
    con.execute("CREATE OR REPLACE TEMP TABLE newest (document_id VARCHAR, partition_year VARCHAR, batch_name VARCHAR)")
    for index in sorted(paths.shards.glob("year=*/index.parquet")):
        year = index.parent.name.removeprefix("year=")
        con.execute(
            "INSERT INTO newest SELECT document_id, $year, batch_name "
            "FROM read_parquet($file, hive_partitioning = false)",
            {"year": year, "file": str(index)},
        )


def _forget_changed(con: duckdb.DuckDBPyConnection) -> None:
    if not count_rows(con, "build.document"):
        return
    where = "IN (SELECT document_id FROM changed)"
    for table, column in tables_by_document().items():
        if load_tables().get(table) in batch_tables():
            gone = fingerprint_rows(con, table, f"{column} {where}")
            if gone.row_count:
                con.execute(f"DELETE FROM {table} WHERE {column} {where}")
                note_deleted(con, table)
            _add_fingerprint(con, table, Fingerprint() - gone)
    con.execute(f"DELETE FROM build.document WHERE document_id {where}")


def _load_year(con: duckdb.DuckDBPyConnection, paths: DataPaths, year: str) -> None:
    """The rows of the changed documents of one year, in order of batches, which is that of document_id within each."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE arriving AS SELECT document_id, batch_name FROM newest "
        "WHERE partition_year = $year AND document_id IN (SELECT document_id FROM changed)",
        {"year": year},
    )
    names = [
        str(name)
        for (name,) in con.execute("SELECT batch_name FROM arriving GROUP BY 1 ORDER BY min(document_id)").fetchall()
    ]
    folder = paths.shards / f"year={year}"
    for table in batch_tables():
        files = [file for name in names if (file := folder / name / f"{table.name}.parquet").exists()]
        if files:
            with _accounted_addition(con, table.name, year):
                _load_batches(con, table, files)
    con.execute("INSERT INTO build.document SELECT document_id, $year, batch_name FROM arriving", {"year": year})


def _load_batches(con: duckdb.DuckDBPyConnection, table: TableSchema, files: Sequence[Path]) -> None:
    """Insert the rows of the arriving documents."""
    names = ", ".join(column.name for column in table.columns)
    columns = ", ".join(f"batch.{column.name}::{SQL_TYPES[column.type]} AS {column.name}" for column in table.columns)
    listed = ", ".join(quote_text(str(file)) for file in files)
    rows = (
        f"SELECT {columns} FROM read_parquet([{listed}], hive_partitioning = false, filename = true) AS batch "
        f"SEMI JOIN arriving ON batch.{table.key[0]} = arriving.document_id "
        "AND parse_path(batch.filename)[-2] = arriving.batch_name"
    )
    mend = "delete their folders, and the next run reads those documents again"
    with explain_broken_rows(table.name, f"the batches {files[0]}", mend):
        con.execute(f"INSERT INTO {table.name} ({names}) {rows}")


def _add_fingerprint(con: duckdb.DuckDBPyConnection, table: str, added: Fingerprint) -> None:
    after = read_fingerprints(con).get(table, Fingerprint()) + added
    con.execute("DELETE FROM build.fingerprint WHERE table_name = ?", [table])
    con.execute("INSERT INTO build.fingerprint VALUES (?, ?, ?, ?)", [table, after.row_count, after.low, after.high])
