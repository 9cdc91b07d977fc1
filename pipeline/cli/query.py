"""`touming query`: SQL on the published warehouse.

Belongs here: the command and its three formats. Does not belong here: the sandbox (warehouse/query.py).
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import CommandError, Exit

if TYPE_CHECKING:
    from pipeline.warehouse.query import QueryError, QueryResult


# SQL may begin with a comment, and "-- …" is no option of ours
@click.command("query", context_settings={"ignore_unknown_options": True})
@click.argument("sql", metavar="[SQL]", required=False)
@click.option("--file", "-f", "path", type=click.Path(exists=True, dir_okay=False), help="Read the SQL from a file.")
@click.option("--format", "style", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--limit", type=click.IntRange(1), default=1_000, show_default=True, help="At most so many rows.")
def command(sql: str | None, path: str | None, style: str, limit: int) -> None:
    """Run one SELECT ("-" reads it from stdin) on the published warehouse, read-only.

    A missing value is NULL in a table, null in JSON and empty in CSV; it is never 0.
    """
    from pipeline.paths import DataPaths
    from pipeline.warehouse.query import QueryError, run_query

    if (sql is None) == (path is None):
        raise click.UsageError("give one question: as SQL, or in a file with --file")
    text = Path(path).read_text(encoding="utf-8") if path else sys.stdin.read() if sql == "-" else sql
    try:
        result = run_query(DataPaths.from_environment().published, text or "", row_limit=limit)
    except QueryError as error:
        raise explain_query_error(error) from error
    {"table": _print_table, "csv": _print_csv, "json": _print_json}[style](result)
    if result.truncated:
        click.echo(f"only the first {limit} rows are shown; --limit N shows more", err=True)


def explain_query_error(error: QueryError) -> CommandError:
    """The same error as a command's failure: 5 for a warehouse that is not there, 2 for the question."""
    from pipeline.warehouse.query import WarehouseMissingError

    exit_code = Exit.NO_WAREHOUSE if isinstance(error, WarehouseMissingError) else Exit.USAGE
    return CommandError(exit_code, error.code, error.message, error.next_step)


def _print_table(result: QueryResult) -> None:
    from rich.table import Table

    from pipeline.cli.console import open_console

    table = Table()
    for name, sql_type in zip(result.columns, result.types, strict=True):
        is_number = sql_type.startswith(("DECIMAL", "DOUBLE", "FLOAT", "NUMBER")) or "INT" in sql_type
        table.add_column(name, overflow="fold", justify="right" if is_number else "left")
    for row in result.rows:
        table.add_row(*("NULL" if value is None else _plain_text(value) for value in row))
    open_console().print(table)


def _print_csv(result: QueryResult) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(result.columns)
    writer.writerows(["" if value is None else _plain_text(value) for value in row] for row in result.rows)


def _print_json(result: QueryResult) -> None:
    rows = [dict(zip(result.columns, map(_json_value, row), strict=True)) for row in result.rows]
    click.echo(json.dumps(rows, ensure_ascii=False, indent=2))


def _plain_text(value: object) -> str:
    """A value as text: decimals without padding zeros or exponents, times in ISO form."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | dict):
        return json.dumps(_json_value(value), ensure_ascii=False)
    return str(value)


def _json_value(value: object) -> object:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_json_value(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _json_value(item) for key, item in value.items()}
    if isinstance(value, Decimal):
        return _json_number(value)
    return _plain_text(value)


def _json_number(value: Decimal) -> int | float | str:
    """A JSON number where that is the very same number, else its digits as a string."""
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else _plain_text(value)
