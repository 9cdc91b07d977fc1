"""The private build: a fresh database, its tables from the contract, its rows from the Parquet stages and the contract.

Belongs here: opening the build file and loading raw, core and meta. Does not belong here: marts (models.py), judging
rows (checks.py), or the file that analysts open (publish.py, query.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from pipeline.contract.cross_rules import cross_rule_term_rows
from pipeline.contract.ddl import create_statements
from pipeline.contract.deadlines import deadline_rows
from pipeline.contract.dictionary import dictionary_rows, form_cell_rows, rule_rows
from pipeline.contract.division_rows import division_lineage_rows, division_rows
from pipeline.contract.divisions import load_gazetteer
from pipeline.contract.frames import make_frame
from pipeline.contract.schema import TableSchema, load_tables
from pipeline.paths import DataPaths
from pipeline.warehouse.errors import WarehouseError

SCHEMAS = ("raw", "core", "mart", "meta")
# Any 1.x client from 1.2 on can read the file, whichever DuckDB wrote it
BUILD_CONFIG: Mapping[str, str] = {"storage_compatibility_version": "v1.2.0"}
# Merging writes agencies once a partition, so the same one comes from several years: its name and division are those of
# its latest report
_LATEST_AGENCY = """
SELECT * REPLACE (
    min(first_report_year) OVER (PARTITION BY agency_id) AS first_report_year,
    max(last_report_year) OVER (PARTITION BY agency_id) AS last_report_year
)
FROM read_parquet($files, hive_partitioning = false)
QUALIFY row_number() OVER (PARTITION BY agency_id ORDER BY last_report_year DESC NULLS LAST, agency_name) = 1
"""
_DISTINCT_LINEAGE = "SELECT DISTINCT * FROM read_parquet($files, hive_partitioning = false)"
_AGENCY_NAMES = """
SELECT
    agency_id,
    agency_name_text,
    sum(report_count) AS report_count,
    min(first_report_year) AS first_report_year,
    max(last_report_year) AS last_report_year
FROM read_parquet($files, hive_partitioning = false)
GROUP BY agency_id, agency_name_text
"""
_MERGED_YEARS: Mapping[str, str] = {
    "core.agency": _LATEST_AGENCY,
    "core.agency_name": _AGENCY_NAMES,
    "core.agency_lineage": _DISTINCT_LINEAGE,
}


def open_build(paths: DataPaths) -> duckdb.DuckDBPyConnection:
    """A connection to a fresh build file; what an earlier build left is deleted. One writer at a time."""
    paths.build.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (paths.build, wal_of(paths.build)):
        leftover.unlink(missing_ok=True)
    return duckdb.connect(str(paths.build), config=dict(BUILD_CONFIG))


def reopen_build(paths: DataPaths) -> duckdb.DuckDBPyConnection:
    """A connection to the build file as loading left it; WarehouseError when there is none."""
    if not paths.build.exists():
        raise WarehouseError(f"{paths.build}: no build to go on with; load the core tables first (`touming run`).")
    return duckdb.connect(str(paths.build), config=dict(BUILD_CONFIG))


def wal_of(database: Path) -> Path:
    """Where DuckDB keeps the write-ahead log of a database file."""
    return database.with_name(database.name + ".wal")


def load_core(con: duckdb.DuckDBPyConnection, paths: DataPaths) -> dict[str, int]:
    """Create every contract table in an empty database and fill it from its stage; returns {table: rows}.

    A table without a stage is empty. Rows go in by key, so the same stages give the same tables. WarehouseError when
    a stage breaks the contract; a repeated key is not looked for here but by the checks.
    """
    for schema in SCHEMAS:
        con.execute(f"CREATE SCHEMA {schema}")
    for name in load_tables():
        for statement in create_statements(name):
            con.execute(statement)
    for table in load_tables().values():
        if files := _stage_files(paths.stage, table):
            _load_stage(con, table, files)
    for name, frame in _contract_frames().items():
        _load_frame(con, name, frame)
    _load_frame(con, "meta.form_cell", make_frame("meta.form_cell", form_cell_rows()))
    _load_frame(con, "meta.rule", make_frame("meta.rule", rule_rows()))
    _load_frame(con, "meta.dictionary", make_frame("meta.dictionary", dictionary_rows()))
    return {name: count_rows(con, name) for name in load_tables()}


def count_rows(con: duckdb.DuckDBPyConnection, table: str) -> int:
    """Rows of one table."""
    row = con.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _stage_files(stage: Path, table: TableSchema) -> list[Path]:
    folder = stage.joinpath(*table.name.split("."))
    return sorted([*folder.glob("part.parquet"), *folder.glob("year=*/part.parquet")])


def _load_stage(con: duckdb.DuckDBPyConnection, table: TableSchema, files: Sequence[Path]) -> None:
    columns = ", ".join(_stage_expression(column.name, column.type) for column in table.columns)
    names = ", ".join(column.name for column in table.columns)
    # The folder's year=… is a place, not a column
    rows = _MERGED_YEARS.get(table.name, "FROM read_parquet($files, hive_partitioning = false)")
    select = f"SELECT {columns} FROM ({rows})"
    insert = f"INSERT INTO {table.name} ({names}) SELECT * FROM ({select}) ORDER BY {', '.join(table.key)}"
    try:
        con.execute(insert, {"files": [str(file) for file in files]})
    except (duckdb.IOException, duckdb.OutOfMemoryException):
        # The disk or the memory, not the stages
        raise
    except duckdb.Error as error:
        raise WarehouseError(
            f"{table.name}: the stages {files[0]} and beside it break the contract: {error}. They were written by "
            "another version or damaged; delete the stage folder and merge again."
        ) from error


def _stage_expression(name: str, column_type: str) -> str:
    # A cast from timestamp with time zone would go through the session's zone; microseconds since 1970 are UTC
    return f"make_timestamp(epoch_us({name})) AS {name}" if column_type == "timestamp" else name


@cache
def _contract_frames() -> Mapping[str, pl.DataFrame]:
    # Half a second to make; a process that builds more than once makes them once
    gazetteer = load_gazetteer()
    rows = {
        "core.division": division_rows(gazetteer),
        "core.division_lineage": division_lineage_rows(gazetteer),
        "meta.cross_rule_term": cross_rule_term_rows(),
        "meta.deadline_rule": deadline_rows(),
    }
    return {table: make_frame(table, content) for table, content in rows.items()}


def _load_frame(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    con.register("incoming", frame.to_arrow())
    con.execute(f"INSERT INTO {table} SELECT * FROM incoming")
    con.unregister("incoming")
