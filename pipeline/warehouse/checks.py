"""Checks of a built warehouse: each is a query that returns the rows that break a promise.

Belongs here: running sql/checks/*.sql and the checks generated from the contract. Does not belong here: identities of
the form, which judge the source (facts/), and stopping a publication (publish.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from pipeline.contract.ddl import form_check, key_checks, unique_check
from pipeline.contract.marts import load_marts
from pipeline.contract.schema import load_tables
from pipeline.paths import SQL_ROOT
from pipeline.progress import each_told
from pipeline.warehouse.errors import WarehouseError
from pipeline.warehouse.increment import each_chunk, has_account, narrow_to_chunk, tables_by_document
from pipeline.warehouse.sql_files import SqlFile, read_sql_folder

SEVERITIES = ("error", "warn")
SAMPLE_ROWS = 20
_BROKEN_KEY = "a key is missing or occurs more than once"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: the table it is about, the SELECT of violating rows, and what a violation means.

    severity: error (blocks publication: our own rows are wrong) or warn (worth a look: often the source is).
    is_by_report: whether a report breaks it depends on that report's rows alone, so that those that were not touched
    need not be looked at again.
    """

    name: str
    severity: str
    table: str
    message: str
    sql: str
    is_by_report: bool = False


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check came to; sample holds up to 20 violating rows. error is '' unless the query itself failed."""

    name: str
    severity: str
    passed: bool
    violation_count: int
    sample: tuple[Mapping[str, object], ...]
    message: str
    table: str
    error: str = ""


@cache
def load_checks(folder: Path = SQL_ROOT / "checks") -> tuple[Check, ...]:
    """Every check: the files of a folder, then those generated from the contract, each name once."""
    return (*(_file_check(file) for file in read_sql_folder(folder)), *_contract_checks())


def run_checks(con: duckdb.DuckDBPyConnection, checks: tuple[Check, ...] | None = None) -> list[CheckResult]:
    """The result of every check (all of load_checks when None). A query that fails is a check that fails.

    In a build, checks by report look at what was touched since the last publication; anywhere else at everything.
    """
    chosen = load_checks() if checks is None else checks
    return [_run_check(con, check) for check in each_told("checking", chosen)]


def _file_check(file: SqlFile) -> Check:
    severity = file.header("severity")
    if severity not in SEVERITIES:
        raise WarehouseError(f"{file.path}: severity {severity!r} is not one of {', '.join(SEVERITIES)}.")
    by_report = file.headers.get("scope", "all") == "report"
    return Check(file.name, severity, file.header("table"), file.header("message"), file.sql, by_report)


def _contract_checks() -> Iterator[Check]:
    for table in load_tables():
        (key_name, key_sql), *references = key_checks(table)
        by_report = table in tables_by_document()
        message = f"{_BROKEN_KEY}; if partitions overlap, merge all of them again"
        yield Check(key_name, "error", table, message, key_sql, by_report)
        for name, sql in references:
            yield Check(name, "error", table, "a reference leads to no row", sql, by_report)
    name, sql = form_check()
    yield Check(name, "error", "core.cell", "a report has not exactly the cells of its form", sql, True)
    # A view has the rows of tables whose own keys are checked
    for mart in (mart for mart in load_marts().values() if not mart.is_view):
        name, sql = unique_check(mart.name, mart.key)
        yield Check(name, "error", mart.name, _BROKEN_KEY, sql, mart.is_by_report)


def _run_check(con: duckdb.DuckDBPyConnection, check: Check) -> CheckResult:
    count = 0
    sample: list[Mapping[str, object]] = []
    try:
        for sql in _list_queries(con, check):
            cursor = con.execute(f"SELECT count(*) OVER () AS violation_count, * FROM (\n{sql}\n) LIMIT {SAMPLE_ROWS}")
            names = [column[0] for column in cursor.description or ()][1:]
            rows = cursor.fetchall()
            count += int(rows[0][0]) if rows else 0
            sample += [dict(zip(names, row[1:], strict=True)) for row in rows[: SAMPLE_ROWS - len(sample)]]
    except duckdb.Error as error:
        return CheckResult(check.name, check.severity, False, 0, (), check.message, check.table, str(error))
    return CheckResult(check.name, check.severity, not count, count, tuple(sample), check.message, check.table)


def _list_queries(con: duckdb.DuckDBPyConnection, check: Check) -> Iterator[str]:
    if not check.is_by_report or not has_account(con):
        yield check.sql
        return
    # Where nothing was touched, its tables must be there all the same
    yield f"SELECT * FROM (\n{check.sql}\n) WHERE false"
    for _ in each_chunk(con):
        yield narrow_to_chunk(con, check.sql)
