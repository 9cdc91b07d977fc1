"""Tables as CSV files in the folder, with checksums.

Belongs here: which tables, and writing them as spreadsheets want them. Does not belong here: a whole release
(warehouse/release.py), with every table and Parquet.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO

from pipeline.contract.marts import load_marts
from pipeline.contract.schema import load_tables
from pipeline.progress import each_told
from pipeline.site.answers import Row, Warehouse

TABLES = (
    *("mart.agency_year", "mart.region_year", "mart.coverage", "mart.chase_list", "mart.proactive_year"),
    *("mart.dispute_year", "mart.rule_year", "mart.flagged_finding"),
    *("meta.revision", "meta.metric", "meta.form_cell", "meta.rule", "meta.dictionary"),
)
# Longer ones are packed
_PLAIN_ROWS = 20_000
# A spreadsheet would take such text for a formula
_FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")
_NO_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Download:
    """One file: its place below downloads/, the table it is, its rows and bytes, and its sha256."""

    name: str
    table: str
    description_zh: str
    description_en: str
    row_count: int
    byte_count: int
    sha256: str


def write_downloads(warehouse: Warehouse, folder: Path) -> tuple[Download, ...]:
    """Write downloads/*.csv (or .csv.zip) and downloads/MANIFEST.sha256."""
    target = folder / "downloads"
    target.mkdir(parents=True)
    written = tuple(_write_table(warehouse, target, table) for table in each_told("writing downloads", TABLES))
    lines = "".join(f"{one.sha256}  {one.name}\n" for one in written)
    (target / "MANIFEST.sha256").write_text(lines, encoding="utf-8")
    return written


def _write_table(warehouse: Warehouse, target: Path, table: str) -> Download:
    schema = load_marts().get(table) or load_tables()[table]
    with warehouse.stream_sql(f"SELECT count(*) FROM {table}") as (_, rows):
        count = int(str(next(rows)[0]))
    name = f"{table}.csv" if count <= _PLAIN_ROWS else f"{table}.csv.zip"
    path = target / name
    with warehouse.stream_sql(f"FROM {table} ORDER BY {', '.join(schema.key)}") as (columns, rows):
        if count <= _PLAIN_ROWS:
            with path.open("wb") as stream:
                _write_rows(stream, columns, rows)
        else:
            member = zipfile.ZipInfo(f"{table}.csv", _NO_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            with zipfile.ZipFile(path, "w") as archive, archive.open(member, "w", force_zip64=True) as stream:
                _write_rows(stream, columns, rows)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Download(name, table, schema.grain_zh, schema.grain_en, count, path.stat().st_size, digest)


def _write_rows(stream: IO[bytes], columns: tuple[str, ...], rows: Iterator[Row]) -> None:
    # The wrapper writes the byte order mark that Excel needs, once
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_show(value) for value in row] for row in rows)
    text.flush()
    text.detach()


def _show(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    if isinstance(value, str) and value.startswith(_FORMULA_BEGINNINGS):
        return f"'{value}"
    return value
