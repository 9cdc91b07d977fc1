"""SQL models: one SELECT a file under sql/<schema>, file name = table, run in the order of their dependencies.

Belongs here: reading the models, their order, building their tables and comparing them with marts.yml.
Does not belong here: what a mart means (contract/marts.yml) and whether its rows are right (checks.py).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from pipeline.contract.ddl import SQL_TYPES, comment_statements, create_mart, create_statements
from pipeline.contract.marts import MartSchema, load_marts
from pipeline.contract.schema import load_tables
from pipeline.paths import SQL_ROOT
from pipeline.progress import each_told
from pipeline.warehouse.content import count_rows
from pipeline.warehouse.errors import WarehouseError
from pipeline.warehouse.increment import (
    accounted_change,
    each_chunk,
    each_year,
    finish_build,
    forget_fingerprint,
    has_account,
    narrow_to_chunk,
    read_fingerprints,
)
from pipeline.warehouse.made_of import forget_loaded, is_loaded, note_loaded, read_versions
from pipeline.warehouse.sql_files import SqlFile, read_sql_folder

# Schemas that hold models: what every agency owes (core), metrics (mart), what became of earlier versions (meta)
MODEL_SCHEMAS = ("core", "mart", "meta")


@dataclass(frozen=True, slots=True)
class SqlModel:
    """One model: its table, its SELECT, and the tables it reads, other models included."""

    name: str
    sql: str
    path: Path
    depends_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelResult:
    """What running one model came to. status: ok, failed (see error) or skipped (something it reads failed)."""

    name: str
    status: str
    rows: int = 0
    seconds: float = 0.0
    error: str = ""
    columns: tuple[tuple[str, str], ...] = ()


def load_models(root: Path = SQL_ROOT) -> tuple[SqlModel, ...]:
    """Every model of the folders core, mart and meta under root, each after the models it reads.

    WarehouseError naming the file when one cannot be parsed, makes a table that the contract fills otherwise, reads a
    table that neither the contract nor another file has, names a table without its schema, or when files read each
    other in a circle.
    """
    folders = [root / schema for schema in MODEL_SCHEMAS if (root / schema).is_dir()]
    files = {f"{folder.name}.{file.name}": file for folder in folders for file in read_sql_folder(folder)}
    if taken := [files[name].path for name in files if name in load_tables() and load_tables()[name].stage != "sql"]:
        raise WarehouseError(f"{taken[0]}: contract/tables.yml fills a table of this name otherwise; rename the file.")
    known = {*load_tables(), *files}
    models = {}
    for name, file in files.items():
        depends_on = _find_dependencies(file)
        if unknown := [table for table in depends_on if table not in known]:
            raise WarehouseError(
                f"{file.path}: reads {', '.join(unknown)}, which is neither in contract/tables.yml nor a file of "
                f"{root}; tables are named schema.table."
            )
        models[name] = SqlModel(name, file.sql, file.path, depends_on)
    graph = TopologicalSorter({name: [d for d in model.depends_on if d in models] for name, model in models.items()})
    try:
        return tuple(models[name] for name in graph.static_order())
    except CycleError as error:
        raise WarehouseError(f"{root}: models read each other in a circle: {' → '.join(error.args[1])}.") from error


def run_models(
    con: duckdb.DuckDBPyConnection,
    models: Sequence[SqlModel],
    selected: Collection[str] | None = None,
    marts: Mapping[str, MartSchema] | None = None,
) -> list[ModelResult]:
    """Bring each selected model (all when None) up to date in the given order; a failing one skips only what reads it.

    One that is kept by document gets new rows for the reports that were touched since the last publication, every other
    is made anew. A model that fails or is skipped leaves no table behind, not even an older one. A table whose columns
    are not those of the contract, in order and type, counts as failed.
    """
    described = load_marts() if marts is None else marts
    results: list[ModelResult] = []
    broken: set[str] = set()
    for model in each_told("building tables", models):
        if selected is not None and model.name not in selected:
            continue
        if missing := [table for table in model.depends_on if table in broken]:
            result = ModelResult(model.name, "skipped", error=f"{', '.join(missing)} was not built")
        else:
            result = _run_model(con, model, described)
        if result.status != "ok":
            _drop(con, model.name)
            broken.add(model.name)
        results.append(result)
    if selected is None and not broken and has_account(con):
        finish_build(con)
    return results


def _run_model(con: duckdb.DuckDBPyConnection, model: SqlModel, marts: Mapping[str, MartSchema]) -> ModelResult:
    started = time.perf_counter()
    mart = marts.get(model.name)
    columns: tuple[tuple[str, str], ...] = ()
    try:
        if model.name in load_tables():
            _replace_by_document(con, model, [*create_statements(model.name)])
        elif mart is None:
            error = f"{model.name} is not described in contract/marts.yml"
            return ModelResult(model.name, "failed", error=error)
        elif mart.is_view:
            _drop(con, model.name)
            con.execute(f"CREATE VIEW {model.name} AS\n{model.sql}")
            _comment(con, mart)
        elif mart.is_by_report:
            _replace_by_document(con, model, [create_mart(mart), *comment_statements(mart)])
        else:
            _make_if_changed(con, model, mart)
        columns = _read_columns(con, model.name)
        if mart and (difference := _compare_columns(columns, mart)):
            return ModelResult(model.name, "failed", error=difference, columns=columns)
        rows = count_rows(con, model.name)
    except (duckdb.IOException, duckdb.OutOfMemoryException):
        # The disk or the memory, not the model
        raise
    except duckdb.Error as error:
        return ModelResult(model.name, "failed", seconds=time.perf_counter() - started, error=f"{model.path}: {error}")
    return ModelResult(model.name, "ok", rows, time.perf_counter() - started, columns=columns)


def _make_if_changed(con: duckdb.DuckDBPyConnection, model: SqlModel, mart: MartSchema) -> None:
    """Made anew unless it is there and was made of just this."""
    made_of = _describe_inputs(con, model, mart)
    tables = con.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
    if made_of and is_loaded(con, model.name, made_of) and (model.name,) in tables:
        return
    _make_anew(con, model, mart)
    if made_of:
        note_loaded(con, model.name, made_of)


def _describe_inputs(con: duckdb.DuckDBPyConnection, model: SqlModel, mart: MartSchema) -> str:
    """What a model's table follows from: its SELECT, its description and the versions of what it reads.

    '' where that is not known, as outside a build.
    """
    versions = read_versions(con) if has_account(con) else {}
    if not all(table in versions for table in model.depends_on):
        return ""
    read = [versions[table] for table in model.depends_on]
    return hashlib.sha256(repr((model.sql, mart, read)).encode()).hexdigest()


def _make_anew(con: duckdb.DuckDBPyConnection, model: SqlModel, mart: MartSchema) -> None:
    _drop(con, model.name)
    if mart.years_before is not None and has_account(con):
        _make_by_year(con, model, mart, mart.years_before)
        return
    # In order, so that the same rows give the same file
    con.execute(f"CREATE TABLE {model.name} AS SELECT * FROM (\n{model.sql}\n) ORDER BY {', '.join(mart.row_order)}")
    _comment(con, mart)


def _make_by_year(con: duckdb.DuckDBPyConnection, model: SqlModel, mart: MartSchema, years_before: int) -> None:
    for statement in (create_mart(mart), *comment_statements(mart)):
        con.execute(statement)
    columns = ", ".join(column.name for column in mart.columns)
    of_year = "SELECT document_id FROM build.document WHERE partition_year = $year"
    for year in each_year(con, years_before):
        narrowed = narrow_to_chunk(con, model.sql)
        con.execute(
            f"INSERT INTO {model.name} ({columns}) SELECT {columns} FROM (\n{narrowed}\n) "
            f"WHERE report_id IN ({of_year}) ORDER BY {', '.join(mart.row_order)}",
            {"year": year},
        )


def _comment(con: duckdb.DuckDBPyConnection, mart: MartSchema) -> None:
    if not _compare_columns(_read_columns(con, mart.name), mart):
        for statement in comment_statements(mart):
            con.execute(statement)


def _replace_by_document(con: duckdb.DuckDBPyConnection, model: SqlModel, create: Sequence[str]) -> None:
    """New rows for every touched report; for every report where the table is not there yet, or has no account."""
    is_new = model.name not in read_fingerprints(con)
    if is_new:
        _drop(con, model.name)
        for statement in create:
            con.execute(statement)
    columns = ", ".join(name for name, _ in _read_columns(con, model.name))
    for _ in each_chunk(con, everything=is_new):
        narrowed = narrow_to_chunk(con, model.sql)
        with accounted_change(con, model.name, has_rows=not is_new):
            con.execute(f"INSERT INTO {model.name} ({columns}) SELECT {columns} FROM (\n{narrowed}\n)")


def _drop(con: duckdb.DuckDBPyConnection, table: str) -> None:
    views = con.execute("SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    con.execute(f"DROP {'VIEW' if (table,) in views else 'TABLE'} IF EXISTS {table}")
    if has_account(con):
        forget_fingerprint(con, table)
        forget_loaded(con, table)


def _read_columns(con: duckdb.DuckDBPyConnection, table: str) -> tuple[tuple[str, str], ...]:
    return tuple((str(row[0]), str(row[1])) for row in con.execute(f"DESCRIBE {table}").fetchall())


def _compare_columns(found: Sequence[tuple[str, str]], mart: MartSchema) -> str:
    expected = [(column.name, SQL_TYPES[column.type]) for column in mart.columns]
    for position, pair in enumerate(expected):
        actual = found[position] if position < len(found) else None
        if actual != pair:
            return f"{mart.name}: column {position + 1} is {actual}, contract/marts.yml says {pair}"
    if len(found) > len(expected):
        return f"{mart.name}: column {found[len(expected)]} is not described in contract/marts.yml"
    return ""


def _find_dependencies(file: SqlFile) -> tuple[str, ...]:
    try:
        statements = sqlglot.parse(file.sql, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise WarehouseError(f"{file.path}: cannot be parsed: {error}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise WarehouseError(f"{file.path}: must be one SELECT; found {len(statements)} statement(s).")
    local = {cte.alias_or_name for cte in statements[0].find_all(exp.CTE)}
    tables = set()
    for table in statements[0].find_all(exp.Table):
        is_function = not isinstance(table.this, exp.Identifier)
        if not is_function and (table.db or table.name not in local):
            tables.add(f"{table.db}.{table.name}" if table.db else table.name)
    return tuple(sorted(tables))
