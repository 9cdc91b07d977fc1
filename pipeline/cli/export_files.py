"""Files for spreadsheets and other programs, written row by row: CSV, XLSX, Parquet.

Belongs here: what each kind of file makes of names, numbers and text. Does not belong here: which rows (export.py),
single values (values.py).

Text that begins with =, +, -, @, a tab or a line break is a formula to a spreadsheet program, which may fetch or send
something. In CSV such text gets an apostrophe before it; in XLSX it keeps its characters in a cell marked as text.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from pipeline.cli.values import arrow_type, arrow_value, plain_text, unique_names

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n")
# Limits of the format
SHEET_ROWS = 1_048_575
CELL_CHARACTERS = 32_767
_SHEET_NAME_CHARACTERS = 31
# A spreadsheet's number has 15 digits that count; its days begin in 1900, with a 29 February that never was
_EXACT_DIGITS = 15
_FIRST_DAY = dt.date(1900, 3, 1)

Row = Sequence[object]


class TooLargeForSheetError(RuntimeError):
    """There are more rows than a sheet of XLSX has."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of a table before its rows: its name, columns, their SQL types, and {column: description}."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    descriptions: Mapping[str, str]


class RowWriter(Protocol):
    """Takes the rows of one table, batch by batch."""

    def write_rows(self, rows: Sequence[Row]) -> None:
        """Write one batch behind what was written before."""


@contextmanager
def open_file(kind: str, path: Path, shape: Shape, about: Mapping[str, str]) -> Iterator[RowWriter]:
    """A file for one table. kind: csv, or parquet, whose metadata say what `about` says and what the columns mean.

    CSV is written as Excel opens it: UTF-8 with a byte order mark, lines end with CR LF; a missing value is empty.
    """
    if kind == "parquet":
        writer = _ParquetWriter(path, shape, about)
        with writer.file:
            yield writer
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            yield _CsvWriter(stream, shape)


class _CsvWriter:
    def __init__(self, stream: IO[str], shape: Shape) -> None:
        self._writer = csv.writer(stream)
        self._writer.writerow([csv_text(name) for name in shape.columns])

    def write_rows(self, rows: Sequence[Row]) -> None:
        self._writer.writerows([csv_text(value) for value in row] for row in rows)


def csv_text(value: object) -> str:
    """A value in CSV; text that would be a formula has an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "'" + value if value.startswith(FORMULA_BEGINNINGS) else value
    return plain_text(value)


class _ParquetWriter:
    def __init__(self, path: Path, shape: Shape, about: Mapping[str, str]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._kinds = [arrow_type(sql_type) for sql_type in shape.types]
        fields = [
            pa.field(name, kind, metadata={"description": text} if (text := shape.descriptions.get(column)) else None)
            for name, kind, column in zip(unique_names(shape.columns), self._kinds, shape.columns, strict=True)
        ]
        self._schema = pa.schema(fields, metadata=dict(about))
        self.file = pq.ParquetWriter(path, self._schema, compression="zstd")

    def write_rows(self, rows: Sequence[Row]) -> None:
        import pyarrow as pa

        arrays = [
            pa.array([arrow_value(row[position], kind) for row in rows], kind)
            for position, kind in enumerate(self._kinds)
        ]
        self.file.write_table(pa.Table.from_arrays(arrays, schema=self._schema))


class _SheetWriter:
    def __init__(self, sheet: Worksheet, as_text: Format, as_date: Format) -> None:
        self._sheet = sheet
        self._as_text = as_text
        self._as_date = as_date
        self._line = 0
        self.cut_count = 0

    def write_rows(self, rows: Sequence[Row]) -> None:
        if self._line + len(rows) > SHEET_ROWS:
            raise TooLargeForSheetError
        for row in rows:
            self._line += 1
            for position, value in enumerate(row):
                self._write_cell(position, value)

    def _write_cell(self, position: int, value: object) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            self._sheet.write_boolean(self._line, position, value)
        elif isinstance(value, int | float | Decimal) and fits_sheet_number(value):
            self._sheet.write_number(self._line, position, float(value))
        elif isinstance(value, dt.date) and not isinstance(value, dt.datetime) and value >= _FIRST_DAY:
            self._sheet.write_datetime(self._line, position, value, self._as_date)
        else:
            text = plain_text(value)
            self.cut_count += len(text) > CELL_CHARACTERS
            is_formula = text.startswith(FORMULA_BEGINNINGS)
            self._sheet.write_string(
                self._line, position, text[:CELL_CHARACTERS], self._as_text if is_formula else None
            )


class Book:
    """An XLSX workbook: a sheet for each table, and one that says what the columns mean and which build it is."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._bold = book.add_format({"bold": True})
        self._as_text = book.add_format({"quote_prefix": True})
        self._as_date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._sheets: list[tuple[Shape, str, _SheetWriter]] = []

    def add_table(self, shape: Shape) -> RowWriter:
        """A new sheet with its header row."""
        name = shape.name.replace(".", "_")[: _SHEET_NAME_CHARACTERS - 3]
        taken = [known for _, known, _ in self._sheets]
        name = f"{name}_{len(taken) + 1}" if name in taken else name
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        # Identifiers are digits too, and meant as text
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        for position, column in enumerate(shape.columns):
            sheet.write_string(0, position, column, self._bold)
        writer = _SheetWriter(sheet, self._as_text, self._as_date)
        self._sheets.append((shape, name, writer))
        return writer

    def add_about(self, about: Mapping[str, str]) -> None:
        """The last sheet: facts about the export, then each sheet's columns with type and description."""
        sheet = self._book.add_worksheet("about")
        lines = [[name, text] for name, text in about.items()]
        lines += [
            [f"{name}: cells cut after {CELL_CHARACTERS} characters", str(writer.cut_count)]
            for _, name, writer in self._sheets
            if writer.cut_count
        ]
        lines += [[], ["sheet", "column", "type", "description"]]
        for shape, name, _ in self._sheets:
            for column, sql_type in zip(shape.columns, shape.types, strict=True):
                lines.append([name, column, sql_type, shape.descriptions.get(column, "")])
        for number, line in enumerate(lines):
            for position, text in enumerate(line):
                sheet.write_string(number, position, text)


@contextmanager
def open_book(path: Path) -> Iterator[Book]:
    """A workbook that is written as it grows; text stays text, whatever it looks like."""
    from xlsxwriter import Workbook

    with Workbook(str(path), {"constant_memory": True}) as book:
        yield Book(book)


def fits_sheet_number(value: float | Decimal) -> bool:
    """Whether a spreadsheet's number is the very same number; otherwise it is written as text."""
    if isinstance(value, float):
        return math.isfinite(value)
    digits = Decimal(value).normalize().as_tuple().digits
    return len(digits) <= _EXACT_DIGITS
