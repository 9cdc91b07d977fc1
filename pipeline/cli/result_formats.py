"""A whole answer as a table, CSV, JSON, Markdown or Parquet.

Belongs here: the formats of `touming query`. Does not belong here: single values (values.py) and files for
spreadsheets (export_files.py).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pipeline.cli.values import arrow_type, arrow_value, is_number, json_value, plain_text, unique_names

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


def write_parquet(result: QueryResult, path: Path) -> None:
    """A Parquet file (zstd) with the types of the answer."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = [arrow_type(sql_type) for sql_type in result.types]
    schema = pa.schema(zip(unique_names(result.columns), kinds, strict=True))
    arrays = [
        pa.array([arrow_value(row[position], kind) for row in result.rows], kind) for position, kind in enumerate(kinds)
    ]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path, compression="zstd")


TEXT_FORMATS: Mapping[str, Callable[[QueryResult, IO[str]], None]] = {
    "table": write_table,
    "csv": write_csv,
    "json": write_json,
    "md": write_markdown,
}


def _markdown_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\r", "").replace("\n", "<br>")
