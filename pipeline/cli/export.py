"""`touming export`: tables, or the answer to a question, as files for Excel and other programs.

Belongs here: the command, what to export, and its progress. Does not belong here: the files (export_files.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.errors import CommandError, Exit
from pipeline.cli.offered_values import offer_tables
from pipeline.cli.output_file import output_error, replace_whole
from pipeline.cli.progress import is_terminal, open_bars

if TYPE_CHECKING:
    from pipeline.cli.export_files import Row, Shape

FORMATS = ("csv", "xlsx", "parquet")
_TABLE = re.compile(r"\w+\.\w+")
_BATCH_ROWS = 20_000
# A whole table of hundreds of millions of rows takes hours to write as text
_SECONDS = 24 * 3600.0
_DESCRIPTIONS_SQL = """
SELECT column_name, comment FROM duckdb_columns()
WHERE schema_name || '.' || table_name = $table AND comment IS NOT NULL
"""
# In an answer a column is known by its name alone, and described where that means one thing in the whole warehouse
_ANY_DESCRIPTIONS_SQL = """
SELECT column_name, min(comment) FROM duckdb_columns()
WHERE schema_name IN ('raw', 'core', 'mart', 'meta', 'zh') AND comment IS NOT NULL
GROUP BY column_name HAVING count(DISTINCT comment) = 1
"""


@dataclass(frozen=True, slots=True)
class Source:
    """What to export: the name of its file or sheet, its SELECT, and the table it is the whole of, if any."""

    name: str
    sql: str
    table: str | None


@click.command("export")
@click.argument("what", metavar="TABLE|SELECT...", nargs=-1, shell_complete=offer_tables)
@click.option(
    "--file",
    "-f",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read a SELECT from a file; repeatable.",
)
@click.option("--format", "style", type=click.Choice(FORMATS), help="Needed where the output has no such ending.")
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(path_type=Path),
    help="A file; a folder for several CSV or Parquet.",
)
def command(what: tuple[str, ...], files: tuple[Path, ...], style: str | None, output: Path) -> None:
    """Write tables or answers of the published warehouse, every row of them.

    TABLE is schema.table, as in mart.agency_year; SELECT is a question, -f reads one from a file.

    \b
    csv      UTF-8 with a byte order mark, as Excel wants it. Text that a spreadsheet would take for a formula
             (=, +, -, @ at its beginning) has an apostrophe before it. Excel makes numbers of identifiers: use xlsx
    xlsx     a sheet for each, at most 1,048,575 rows; identifiers stay text; a last sheet describes the columns
    parquet  zstd, with the warehouse's types and descriptions

    \b
    touming export mart.agency_year mart.coverage -o reports.xlsx
    touming export "FROM mart.agency_year WHERE report_year = 2022" -o year.csv
    """
    from pipeline.cli.query import explain_query_error
    from pipeline.paths import DataPaths
    from pipeline.warehouse.query_errors import QueryError

    sources = read_sources(what, files)
    style = style or output.suffix.removeprefix(".").lower()
    if style not in FORMATS:
        raise click.UsageError(f"{output}: which format? Name one with --format: {', '.join(FORMATS)}")
    published = DataPaths.from_environment().published
    try:
        _export(published, sources, style, output)
    except QueryError as error:
        raise explain_query_error(error) from error
    except OSError as error:
        raise output_error(output, error) from error


def read_sources(what: tuple[str, ...], files: tuple[Path, ...]) -> list[Source]:
    """What the arguments name, in their order; UsageError when that is nothing."""
    sources = []
    for number, text in enumerate(what, start=1):
        if _TABLE.fullmatch(text):
            sources.append(Source(text, f"FROM {text}", text))
        else:
            sources.append(Source(f"answer_{number}", text, None))
    sources += [Source(file.stem, file.read_text(encoding="utf-8"), None) for file in files]
    if not sources:
        raise click.UsageError("name a table (mart.agency_year), a SELECT, or a file with --file")
    return sources


def _export(published: Path, sources: list[Source], style: str, output: Path) -> None:
    from pipeline.cli.export_files import open_file
    from pipeline.warehouse.query import run_query

    (build_id, schema_version) = run_query(published, "SELECT build_id, schema_version FROM meta.build").rows[0]
    about = {"build_id": str(build_id), "schema_version": str(schema_version), "made_by": "touming export"}
    if style == "xlsx":
        _export_book(published, sources, output, about)
        return
    into_folder = len(sources) > 1
    if into_folder:
        output.mkdir(parents=True, exist_ok=True)
    for source in sources:
        path = output / f"{source.name}.{style}" if into_folder else output
        with (
            _open_source(published, source) as (shape, batches),
            replace_whole(path) as arriving,
            open_file(style, arriving, shape, about) as writer,
        ):
            for rows in batches:
                writer.write_rows(rows)


def _export_book(published: Path, sources: list[Source], output: Path, about: Mapping[str, str]) -> None:
    from pipeline.cli.export_files import SHEET_ROWS, TooLargeForSheetError, open_book

    with replace_whole(output) as arriving, open_book(arriving) as book:
        for source in sources:
            with _open_source(published, source) as (shape, batches):
                writer = book.add_table(shape)
                try:
                    for rows in batches:
                        writer.write_rows(rows)
                except TooLargeForSheetError as error:
                    raise CommandError(
                        Exit.USAGE,
                        "too_many_rows",
                        f"{source.name} has more than the {SHEET_ROWS:,} rows that a sheet holds",
                        "ask for fewer years, or write it as csv or parquet",
                    ) from error
        book.add_about(about)


@contextmanager
def _open_source(published: Path, source: Source) -> Iterator[tuple[Shape, Iterator[Sequence[Row]]]]:
    from pipeline.cli.export_files import Shape
    from pipeline.warehouse.query import open_answer, run_query

    if source.table:
        found = run_query(published, _DESCRIPTIONS_SQL, {"table": source.table})
    else:
        found = run_query(published, _ANY_DESCRIPTIONS_SQL)
    descriptions = {str(name): str(text) for name, text in found.rows}
    with open_answer(published, source.sql, seconds=_SECONDS) as answer, _show_progress(source.name) as show:

        def read_batches() -> Iterator[Sequence[Row]]:
            while rows := answer.fetch(_BATCH_ROWS):
                yield rows
                show(len(rows))

        yield Shape(source.name, answer.columns, answer.types, descriptions), read_batches()


@contextmanager
def _show_progress(name: str) -> Iterator[Callable[[int], None]]:
    """A running count of rows on a terminal; nothing elsewhere."""
    if not is_terminal():
        yield lambda _: None
        return
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,} rows"),
        TimeElapsedColumn(),
    )
    with open_bars(*columns) as progress:
        task = progress.add_task(name, total=None)
        yield lambda count: progress.advance(task, count)
