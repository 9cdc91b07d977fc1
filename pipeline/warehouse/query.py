"""Asking the published warehouse: one read-only SELECT in a closed sandbox, with a time and a row limit.

Belongs here: the sandbox and its errors. Does not belong here: ready-made questions (sql/examples, source.py) and how
a result is shown (cli/).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

ROW_LIMIT = 10_000
TIME_LIMIT_SECONDS = 30.0
# Beyond read-only: no file, network or extension is reachable, nothing spills to disk, and no setting can be changed.
SANDBOX_CONFIG: Mapping[str, str] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    "memory_limit": "2GB",
    "lock_configuration": "true",
}
_INTERRUPT_EVERY_SECONDS = 0.05


class QueryError(RuntimeError):
    """The query gave no result: a stable code, what happened, and what to do next."""

    def __init__(self, code: str, message: str, next_step: str) -> None:
        super().__init__(f"{message} {next_step}")
        self.code = code
        self.message = message
        self.next_step = next_step


class WarehouseMissingError(QueryError):
    """There is no published warehouse to ask, or it cannot be opened."""


class QueryRefused(QueryError):  # noqa: N818 (a verdict, not a fault)
    """The statement is not one that the sandbox lets through."""


class QueryTimeout(QueryError):  # noqa: N818 (a verdict, not a fault)
    """The query ran longer than allowed and was interrupted."""


@dataclass(frozen=True, slots=True)
class QueryResult:
    """A table: column names, their SQL types, rows as Python values. truncated: there were more rows than the limit."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    truncated: bool


def run_query(
    published: Path,
    sql: str,
    params: Sequence[object] | Mapping[str, object] = (),
    row_limit: int = ROW_LIMIT,
    seconds: float = TIME_LIMIT_SECONDS,
) -> QueryResult:
    """The result of one SELECT (or FROM, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE), at most row_limit rows.

    QueryRefused for anything else or for reaching outside, QueryTimeout after `seconds`, WarehouseMissingError when
    there is nothing to ask, QueryError for a query that DuckDB cannot answer. Files are never written.
    """
    with _open_sandbox(published) as con, _interrupt_after(con, seconds) as expired:
        try:
            statement = _only_select(con, sql)
            cursor = con.execute(statement, params if isinstance(params, Mapping) else list(params))
            described = cursor.description or []
            rows = cursor.fetchmany(row_limit + 1)
        except QueryError:
            raise
        except Exception as error:  # DuckDB raises its own errors, and Python's when it converts a value
            if expired.is_set():
                raise QueryTimeout(
                    "query_timeout",
                    f"The query was interrupted after {seconds:g} seconds.",
                    "Ask for fewer rows or years, or add a filter.",
                ) from error
            raise _explain_failure(error) from error
    return QueryResult(
        columns=tuple(str(column[0]) for column in described),
        types=tuple(str(column[1]) for column in described),
        rows=tuple(rows[:row_limit]),
        truncated=len(rows) > row_limit,
    )


@contextmanager
def _open_sandbox(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    if not published.exists():
        raise WarehouseMissingError(
            "warehouse_missing", f"There is no published warehouse at {published}.", "Run `touming run` to build one."
        )
    try:
        con = duckdb.connect(str(published), read_only=True, config=dict(SANDBOX_CONFIG))
    except duckdb.Error as error:
        raise WarehouseMissingError(
            "warehouse_unreadable",
            f"{published} cannot be opened: {error}.",
            "Close any program that opened it for writing; if none did, run `touming run` to build it again.",
        ) from error
    try:
        yield con
    finally:
        con.close()


@contextmanager
def _interrupt_after(con: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[threading.Event]:
    finished, expired = threading.Event(), threading.Event()

    def watch() -> None:
        if finished.wait(seconds):
            return
        expired.set()
        # An interrupt between two steps of the query is lost, so it is repeated
        while not finished.wait(_INTERRUPT_EVERY_SECONDS):
            con.interrupt()

    watcher = threading.Thread(target=watch, name="query-time-limit", daemon=True)
    watcher.start()
    try:
        yield expired
    finally:
        finished.set()
        watcher.join()


def _only_select(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    # The sandboxed connection parses: parsing IMPORT DATABASE already reads files
    statements = con.extract_statements(sql)
    if not statements:
        raise QueryRefused("query_refused", "There is no statement to run.", "Write one SELECT.")
    if len(statements) > 1:
        raise QueryRefused("query_refused", f"Found {len(statements)} statements.", "Send one SELECT at a time.")
    if statements[0].type != duckdb.StatementType.SELECT:
        raise QueryRefused(
            "query_refused",
            f"Only reading is allowed, and this is a {statements[0].type.name} statement.",
            "Write it as a SELECT; to change or export data, use the touming commands.",
        )
    return statements[0]


def _explain_failure(error: Exception) -> QueryError:
    if isinstance(error, duckdb.PermissionException) or "read-only mode" in str(error):
        return QueryRefused(
            "query_refused",
            f"The query reaches outside the warehouse or changes it: {error}.",
            "Use only the tables of the warehouse; SHOW ALL TABLES lists them.",
        )
    return QueryError(
        "query_failed", f"{error}", "Check names and types; SHOW ALL TABLES and DESCRIBE <table> list them."
    )
