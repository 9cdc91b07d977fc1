"""A whole answer as text: a table, CSV, JSON or Markdown.

Belongs here: the text formats of `touming query`. Does not belong here: single values (values.py), Parquet and files
for spreadsheets (export_files.py).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from typing import IO, TYPE_CHECKING

from pipeline.cli.values import is_number, json_value, plain_text, unique_names

if TYPE_CHECKING:
    from pipeline.warehouse.query import QueryResult

NULL = "NULL"


def write_table(result: QueryResult, stream: IO[str]) -> None:
    """A table drawn with lines, for a person; a missing value is NULL."""
    from rich.table import Table

    from pipeline.cli.console import open_console

    table = Table()
    for name, sql_type in zip(result.columns, result.types, strict=True):
        table.add_column(name, overflow="fold", justify="right" if is_number(sql_type) else "left")
    for row in result.rows:
        table.add_row(*(NULL if value is None else plain_text(value) for value in row))
    open_console(stream).print(table)


def write_csv(result: QueryResult, stream: IO[str]) -> None:
    """Plain CSV for programs: a missing value is empty, text stands as it is."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(result.columns)
    writer.writerows(["" if value is None else plain_text(value) for value in row] for row in result.rows)


def write_json(result: QueryResult, stream: IO[str]) -> None:
    """A JSON array with an object for each row; a missing value is null."""
    names = unique_names(result.columns)
    rows = [dict(zip(names, map(json_value, row), strict=True)) for row in result.rows]
    stream.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")


def write_markdown(result: QueryResult, stream: IO[str]) -> None:
    """A Markdown table, numbers to the right; a missing value is NULL."""
    rules = ["---:" if is_number(sql_type) else "---" for sql_type in result.types]
    lines = [[_markdown_text(name) for name in result.columns], rules]
    lines += [[NULL if value is None else _markdown_text(plain_text(value)) for value in row] for row in result.rows]
    stream.writelines(f"| {' | '.join(line)} |\n" for line in lines)


TEXT_FORMATS: Mapping[str, Callable[[QueryResult, IO[str]], None]] = {
    "table": write_table,
    "csv": write_csv,
    "json": write_json,
    "md": write_markdown,
}


def _markdown_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\r", "").replace("\n", "<br>")
