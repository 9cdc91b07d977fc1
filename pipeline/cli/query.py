"""`touming query`: SQL on the published warehouse.

Belongs here: the command and its options. Does not belong here: the sandbox (warehouse/query.py) and the formats
(result_formats.py, export_files.py).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.output_file import output_error, replace_whole

if TYPE_CHECKING:
    from pipeline.warehouse.query import QueryResult
    from pipeline.warehouse.query_errors import QueryError

MOST_ROWS = 100_000
MOST_SECONDS = 600.0


# SQL may begin with a comment, and "-- …" is no option of ours
@click.command("query", context_settings={"ignore_unknown_options": True})
@click.argument("sql", metavar="[SQL]", required=False)
@click.option("--file", "-f", "path", type=click.Path(exists=True, dir_okay=False), help="Read the SQL from a file.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "csv", "json", "md", "parquet"]),
    default="table",
    show_default=True,
)
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file, not stdout.")
@click.option("--param", "-p", "given", multiple=True, metavar="NAME=VALUE", help="A value for $NAME; repeatable.")
@click.option(
    "--limit", type=click.IntRange(1, MOST_ROWS), default=1_000, show_default=True, help="At most so many rows."
)
@click.option(
    "--seconds", type=click.FloatRange(0.1, MOST_SECONDS), default=30.0, show_default=True, help="Stop after so long."
)
def command(  # noqa: PLR0913 (one for each option)
    *,
    sql: str | None,
    path: str | None,
    style: str,
    output: Path | None,
    given: tuple[str, ...],
    limit: int,
    seconds: float,
) -> None:
    """Run one SELECT ("-" reads it from stdin) on the published warehouse, read-only.

    It runs in a process of its own that can neither write nor read files, open connections or change settings, and that
    ends at the limits of time and memory. A missing value is NULL in a table and in Markdown, null in JSON and Parquet
    and empty in CSV; it is never 0. For Excel, or more rows, use touming export.

    \b
    touming query "FROM mart.metrics('410308', 2022)"
    touming query -f sql/examples/why_are_requests_denied.sql --format csv
    touming query "SELECT count(*) FROM mart.agency_year WHERE report_year = \\$year" --param year=2022
    """
    from pipeline.paths import DataPaths
    from pipeline.warehouse.query_errors import QueryError
    from pipeline.warehouse.query_process import run_query_apart

    if (sql is None) == (path is None):
        raise click.UsageError("give one question: as SQL, or in a file with --file")
    if style == "parquet" and output is None:
        raise click.UsageError("Parquet is no text: name a file with --output")
    text = Path(path).read_text(encoding="utf-8") if path else sys.stdin.read() if sql == "-" else sql
    params = read_params(given)
    try:
        result = run_query_apart(DataPaths.from_environment().published, text or "", params, limit, seconds)
    except QueryError as error:
        raise explain_query_error(error) from error
    if output is None:
        _write_text(result, style, sys.stdout)
    else:
        _write_file(result, style, output)
    if result.truncated:
        click.echo(f"only the first {limit} rows are shown; --limit N shows more", err=True)


def read_params(given: tuple[str, ...]) -> dict[str, str]:
    """The values of --param by name; UsageError for one without a name."""
    params = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise click.UsageError(f"--param {text}: write NAME=VALUE, with $NAME in the SQL")
        params[name] = value
    return params


def explain_query_error(error: QueryError) -> CommandError:
    """The same error as a command's failure: 5 for a warehouse that is not there, 2 for the question."""
    from pipeline.warehouse.query_errors import WarehouseMissingError

    exit_code = Exit.NO_WAREHOUSE if isinstance(error, WarehouseMissingError) else Exit.USAGE
    return CommandError(exit_code, error.code, error.message, error.next_step)


def _write_text(result: QueryResult, style: str, stream: IO[str]) -> None:
    from pipeline.cli.result_formats import TEXT_FORMATS

    TEXT_FORMATS[style](result, stream)


def _write_file(result: QueryResult, style: str, output: Path) -> None:
    from pipeline.cli.export_files import Shape, open_file

    try:
        with replace_whole(output) as arriving:
            if style == "parquet":
                with open_file(style, arriving, Shape("answer", result.columns, result.types, {}), {}) as writer:
                    writer.write_rows(result.rows)
            else:
                with arriving.open("w", encoding="utf-8", newline="") as stream:
                    _write_text(result, style, stream)
    except OSError as error:
        raise output_error(output, error) from error
