"""The private build: tables made from the contract, filled from batches and stages and the contract itself.

Belongs here: opening the build file and bringing raw, core and meta up to what was read and merged. Does not belong
here: what changed, document by document (increment.py), models (models.py), judging rows (checks.py), or the file that
analysts open (publish.py, query.py).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from pipeline.contract.bridges import bridge_rows
from pipeline.contract.cross_rules import cross_rule_term_rows
from pipeline.contract.ddl import create_statements
from pipeline.contract.deadlines import deadline_rows
from pipeline.contract.dictionary import dictionary_rows, form_cell_rows, rule_rows
from pipeline.contract.division_rows import division_lineage_rows, division_rows
from pipeline.contract.divisions import load_gazetteer
from pipeline.contract.frames import make_frame
from pipeline.contract.metrics import metric_edition_rows, metric_rows
from pipeline.contract.schema import TableSchema, load_tables
from pipeline.paths import DataPaths
from pipeline.warehouse.content import SCHEMAS, count_rows
from pipeline.warehouse.errors import WarehouseError, explain_broken_rows
from pipeline.warehouse.increment import (
    ACCOUNT_SCHEMA,
    begin_build,
    create_account,
    touch_reports,
    transaction,
    update_batches,
)
from pipeline.warehouse.layout import layout_hash
from pipeline.warehouse.made_of import is_loaded, note_loaded

# Any 1.x client from 1.2 on can read the file, whichever DuckDB wrote it. What does not fit the memory goes to disk
BUILD_CONFIG: Mapping[str, str] = {
    "storage_compatibility_version": "v1.2.0",
    # Metadata reused in a later checkpoint may be where 1.2 does not look for it: "Failed to load metadata pointer"
    "experimental_metadata_reuse": "false",
    "memory_limit": "2GB",
}
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
    """A connection to the build file, to go on from where it is. One writer at a time.

    A fresh one where there is none, where it cannot be opened, and where another version of the contract made it.
    """
    con = _open_or_start(paths)
    # What a killed run had spilled there is of no use; whoever has the build open is alone with it
    shutil.rmtree(paths.build.with_name(f"{paths.build.name}.tmp"), ignore_errors=True)
    return con


def _open_or_start(paths: DataPaths) -> duckdb.DuckDBPyConnection:
    paths.build.parent.mkdir(parents=True, exist_ok=True)
    if paths.build.exists():
        con = _try_to_open(paths.build)
        if con is not None and _read_layout(con) == layout_hash():
            return con
        if con is not None:
            con.close()
    return _start_afresh(paths)


def _try_to_open(build: Path) -> duckdb.DuckDBPyConnection | None:
    """None for a file that is no database any more: it is rebuilt. A build that is in use is an error of its own."""
    try:
        return duckdb.connect(str(build), config=dict(BUILD_CONFIG))
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise WarehouseError(
                f"{build}: another run or program has the build open: {error}. Wait for it to end, or end it."
            ) from error
        return None
    except duckdb.Error:
        return None


def _start_afresh(paths: DataPaths) -> duckdb.DuckDBPyConnection:
    for leftover in (paths.build, wal_of(paths.build)):
        leftover.unlink(missing_ok=True)
    con = duckdb.connect(str(paths.build), config=dict(BUILD_CONFIG))
    with transaction(con):
        for schema in SCHEMAS:
            con.execute(f"CREATE SCHEMA {schema}")
        create_account(con)
        for name in load_tables():
            for statement in create_statements(name):
                con.execute(statement)
        con.execute(f"CREATE TABLE {ACCOUNT_SCHEMA}.layout AS SELECT $layout AS layout_hash", {"layout": layout_hash()})
    return con


def _read_layout(con: duckdb.DuckDBPyConnection) -> str:
    try:
        found = con.execute(f"SELECT layout_hash FROM {ACCOUNT_SCHEMA}.layout").fetchone()
    except duckdb.CatalogException:
        return ""
    return str(found[0]) if found else ""


def reopen_build(paths: DataPaths) -> duckdb.DuckDBPyConnection:
    """A connection to the build file as loading left it; WarehouseError when there is none."""
    if not paths.build.exists():
        raise WarehouseError(f"{paths.build}: no build to go on with; load the core tables first (`touming run`).")
    return duckdb.connect(str(paths.build), config=dict(BUILD_CONFIG))


def wal_of(database: Path) -> Path:
    """Where DuckDB keeps the write-ahead log of a database file."""
    return database.with_name(database.name + ".wal")


def load_core(con: duckdb.DuckDBPyConnection, paths: DataPaths) -> dict[str, int]:
    """Bring every contract table of a build up to date; returns {table: rows}.

    Of the tables that lie in batches only the rows of documents that changed are replaced; the others are loaded whole.
    A table without a stage is empty. WarehouseError when a stage or batch breaks the contract, or a merge was killed
    half way; a repeated key is not looked for here but by the checks.
    """
    _refuse_half_merged(paths)
    with transaction(con):
        begin_build(con)
        con.execute("CREATE OR REPLACE TEMP TABLE report_before AS FROM core.report")
        for table in load_tables().values():
            if table.stage in ("year", "merge", "whole"):
                _load_stage_anew(con, table, _stage_files(paths.stage, table))
        for name, frame in {**_contract_frames(), **_catalogue_frames()}.items():
            _load_frame_anew(con, name, frame)
        # What merging knows of a report may change without its document: a newer version came, its agency is settled
        touch_reports(
            con,
            "SELECT report_id FROM ((FROM core.report EXCEPT FROM report_before) UNION ALL "
            "(FROM report_before EXCEPT FROM core.report))",
        )
        con.execute("DROP TABLE report_before")
    update_batches(con, paths)
    return {name: count_rows(con, name) for name in load_tables()}


def _refuse_half_merged(paths: DataPaths) -> None:
    if found := sorted(paths.shards.glob("year=*/half_merged")):
        raise WarehouseError(
            f"{found[0].parent}: merging this year was interrupted, so its tables do not belong together. Run again: "
            "that merges it first."
        )


def _stage_files(stage: Path, table: TableSchema) -> list[Path]:
    folder = stage.joinpath(*table.name.split("."))
    return sorted([*folder.glob("part.parquet"), *folder.glob("year=*/part.parquet")])


def _load_stage_anew(con: duckdb.DuckDBPyConnection, table: TableSchema, files: Sequence[Path]) -> None:
    """Load a table from its stage, unless it was loaded from these very files."""
    stats = [(file, file.stat()) for file in files]
    made_of = " ".join(f"{file.parent.name}:{stat.st_ino}:{stat.st_size}:{stat.st_mtime_ns}" for file, stat in stats)
    if is_loaded(con, table.name, made_of):
        return
    con.execute(f"DELETE FROM {table.name}")
    if files:
        _load_stage(con, table, files)
    note_loaded(con, table.name, made_of)


def _load_frame_anew(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    """Load a table that the contract itself fills, unless it says what it said before."""
    made_of = hashlib.sha256(repr((frame.columns, frame.rows())).encode()).hexdigest()
    if is_loaded(con, table, made_of):
        return
    con.execute(f"DELETE FROM {table}")
    _load_frame(con, table, frame)
    note_loaded(con, table, made_of)


def _load_stage(con: duckdb.DuckDBPyConnection, table: TableSchema, files: Sequence[Path]) -> None:
    columns = ", ".join(_stage_expression(column.name, column.type) for column in table.columns)
    names = ", ".join(column.name for column in table.columns)
    # The folder's year=… is a place, not a column
    rows = _MERGED_YEARS.get(table.name, "FROM read_parquet($files, hive_partitioning = false)")
    select = f"SELECT {columns} FROM ({rows})"
    insert = f"INSERT INTO {table.name} ({names}) SELECT * FROM ({select}) ORDER BY {', '.join(table.key)}"
    with explain_broken_rows(table.name, f"the stages {files[0]}", "delete the stage folder and merge again"):
        con.execute(insert, {"files": [str(file) for file in files]})


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
        "meta.bridge": bridge_rows(),
        "meta.cross_rule_term": cross_rule_term_rows(),
        "meta.deadline_rule": deadline_rows(),
        "meta.metric": metric_rows(),
        "meta.metric_edition": metric_edition_rows(),
    }
    return {table: make_frame(table, content) for table, content in rows.items()}


def _catalogue_frames() -> Mapping[str, pl.DataFrame]:
    rows = {"meta.form_cell": form_cell_rows(), "meta.rule": rule_rows(), "meta.dictionary": dictionary_rows()}
    return {table: make_frame(table, content) for table, content in rows.items()}


def _load_frame(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    con.register("incoming", frame.to_arrow())
    con.execute(f"INSERT INTO {table} SELECT * FROM incoming")
    con.unregister("incoming")
