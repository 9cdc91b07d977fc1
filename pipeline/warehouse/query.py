"""Asking the published warehouse: one read-only SELECT in a closed sandbox, with a time and a row limit.

Belongs here: the sandbox and its errors. Does not belong here: ready-made questions (sql/examples, source.py) and how
a result is shown (cli/).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from pipeline.warehouse.opening import connect_read_only
from pipeline.warehouse.query_errors import (
    QueryError,
    QueryRefused,
    QueryTimeout,
    QueryTooLarge,
    WarehouseMissingError,
)
from pipeline.warehouse.query_guard import take_question

Params = Sequence[object] | Mapping[str, object]

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
    "threads": "4",
}
_INTERRUPT_EVERY_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class QueryResult:
    """A table: column names, their SQL types, rows as Python values. truncated: there were more rows than the limit."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """An answer whose rows are still to be fetched: column names, their SQL types, and `fetch`.

    fetch(count) gives the next rows, at most so many, [] after the last; it fails as open_answer does.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    fetch: Callable[[int], list[tuple[object, ...]]]


def run_query(
    published: Path,
    sql: str,
    params: Params = (),
    row_limit: int = ROW_LIMIT,
    seconds: float = TIME_LIMIT_SECONDS,
) -> QueryResult:
    """The result of one SELECT (or FROM, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE), at most row_limit rows.

    QueryRefused for anything else or for reaching outside, QueryTimeout after `seconds`, QueryTooLarge when memory does
    not suffice, WarehouseMissingError when there is nothing to ask, QueryError for a query that DuckDB cannot answer.
    Files are never written. For questions of our own: DuckDB looks at the clock and at the memory between steps only,
    and single steps can be made to last; a stranger's question goes to query_process.run_query_apart.
    """
    with open_answer(published, sql, params, seconds) as answer:
        rows = answer.fetch(row_limit + 1)
    return QueryResult(answer.columns, answer.types, tuple(rows[:row_limit]), len(rows) > row_limit)


@contextmanager
def open_answer(
    published: Path, sql: str, params: Params = (), seconds: float = TIME_LIMIT_SECONDS
) -> Iterator[OpenAnswer]:
    """The same without a limit on rows, which are fetched as they are needed; `seconds` counts until the end of it."""
    with _open_sandbox(published) as con, _interrupt_after(con, seconds) as expired:
        explained = partial(_explain_failure, expired, seconds)
        with explained():
            statement = take_question(con, sql)
            cursor = con.execute(statement, params if isinstance(params, Mapping) else list(params))
            described = cursor.description or []

        def fetch(count: int) -> list[tuple[object, ...]]:
            with explained():
                return cursor.fetchmany(count)

        yield OpenAnswer(
            tuple(str(column[0]) for column in described), tuple(str(column[1]) for column in described), fetch
        )


@contextmanager
def _open_sandbox(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    if not published.exists():
        raise WarehouseMissingError(
            "warehouse_missing", f"There is no published warehouse at {published}.", "Run `touming run` to build one."
        )
    with open_read_only(published, SANDBOX_CONFIG) as con:
        con.execute("SET lock_configuration = true")
        yield con


@contextmanager
def open_read_only(path: Path, config: Mapping[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a warehouse file that is there; WarehouseMissingError when it cannot be opened."""
    try:
        con = connect_read_only(path, config)
    except duckdb.Error as error:
        raise WarehouseMissingError(
            "warehouse_unreadable",
            f"{path} cannot be opened: {error}.",
            "Close any program that opened it for writing; if none did, run `touming run` to build it again.",
        ) from error
    try:
        # DuckDB would draw its progress on stdout, which is for data
        con.execute("SET enable_progress_bar = false")
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


@contextmanager
def _explain_failure(expired: threading.Event, seconds: float) -> Iterator[None]:
    try:
        yield
    except QueryError:
        raise
    except Exception as error:  # DuckDB raises its own errors, and Python's when it converts a value
        if expired.is_set():
            raise timeout_after(seconds) from error
        raise _translate(error) from error


def timeout_after(seconds: float) -> QueryTimeout:
    """The error of a query that ran too long."""
    return QueryTimeout(
        "query_timeout",
        f"The query was interrupted after {seconds:g} seconds.",
        "Ask for fewer rows or years, or add a filter.",
    )


def out_of_memory(message: str) -> QueryTooLarge:
    """The error of a query that needs more memory than it may have."""
    return QueryTooLarge("query_too_large", message, "Ask for fewer rows, years or columns, or add up in the query.")


def _translate(error: Exception) -> QueryError:
    if isinstance(error, duckdb.PermissionException) or "read-only mode" in str(error):
        return QueryRefused(
            "query_refused",
            f"The query reaches outside the warehouse or changes it: {error}.",
            "Use only the tables of the warehouse; SHOW ALL TABLES lists them.",
        )
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError) or "bad_alloc" in str(error):
        return out_of_memory(f"The query needs more than the {SANDBOX_CONFIG['memory_limit']} of memory it may use.")
    return QueryError(
        "query_failed", f"{error}", "Check names and types; SHOW ALL TABLES and DESCRIBE <table> list them."
    )
