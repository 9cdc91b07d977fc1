"""The tables of a release: what the contract says of each, and each as one Parquet and one CSV file.

Belongs here: matching the published file with the contract, and writing rows out by key. Does not belong here:
comparing with an earlier release (release_changes.py) and the texts beside the data (release_texts.py).
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import duckdb

from pipeline.contract.ddl import SQL_TYPES, quote_text
from pipeline.contract.marts import load_marts
from pipeline.contract.schema import Field, TableSchema, load_tables
from pipeline.warehouse.content import count_rows
from pipeline.warehouse.errors import ReleaseError

# About the 2.4 million agency-years of 15 years; what is longer opens in no program that needs CSV
CSV_ROW_LIMIT = 3_000_000
# Row groups of this many rows, whatever writes them, so that the same rows give the same bytes
PARQUET_OPTIONS = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880"
_CSV_OPTIONS = "FORMAT csv, HEADER true, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULL ''"
_BYTE_ORDER_MARK = "\ufeff".encode()
_COPY_BYTES = 1 << 20
# Files in an archive carry a time; it says nothing here, so it is always the first one ZIP knows
_NO_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class ReleasedTable:
    """One table of a release: its contract, its rows, its Parquet file, and its CSV (None where it has too many rows).

    Both paths are relative to the release's folder.
    """

    schema: TableSchema
    row_count: int
    parquet: str
    csv: str | None


def match_contract(con: duckdb.DuckDBPyConnection) -> tuple[TableSchema, ...]:
    """The contract of every table of the published file, in the contract's order.

    ReleaseError warehouse_outdated where the file's tables or their columns are not those of the contract: another
    version of the code built it, and its descriptions would not fit.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, sql_type in con.execute(
        "SELECT c.schema_name || '.' || c.table_name, c.column_name, c.data_type FROM duckdb_columns() AS c "
        "INNER JOIN duckdb_tables() AS t ON c.table_oid = t.table_oid AND c.schema_name = t.schema_name "
        "AND c.database_name = t.database_name WHERE NOT t.internal AND NOT t.temporary ORDER BY 1, c.column_index"
    ).fetchall():
        found.setdefault(str(table), []).append((str(column), str(sql_type)))
    schemas = _list_schemas()
    for name in sorted(found.keys() | schemas.keys()):
        expected = [(c.name, SQL_TYPES[c.type]) for c in schemas[name].columns] if name in schemas else None
        if found.get(name) != expected:
            raise ReleaseError(
                "warehouse_outdated",
                f"{name} of the published warehouse is not as this version of the code describes it.",
                "Publish with this version (touming run), then release.",
            )
    return tuple(schemas.values())


def export_table(con: duckdb.DuckDBPyConnection, schema: TableSchema, folder: Path) -> ReleasedTable:
    """Write one table below folder: parquet/<schema>/<table>.parquet, and csv/<schema>/<table>.csv.zip if not too long.

    Rows are sorted by key, so the same rows give the same files.
    """
    row_count = count_rows(con, schema.name)
    parquet = f"parquet/{place_of(schema.name)}.parquet"
    order = "" if _is_in_order(con, schema) else f" ORDER BY {', '.join(schema.key)}"
    ordered = f"FROM {schema.name}{order}"
    copy_rows(con, f"SELECT * {ordered}", folder / parquet, PARQUET_OPTIONS)
    if row_count > CSV_ROW_LIMIT:
        return ReleasedTable(schema, row_count, parquet, None)
    csv = f"csv/{place_of(schema.name)}.csv.zip"
    columns = ", ".join(f"{_csv_expression(column)} AS {column.name}" for column in schema.columns)
    write_csv(con, f"SELECT {columns} {ordered}", folder / csv)
    return ReleasedTable(schema, row_count, parquet, csv)


def place_of(table: str) -> str:
    """Where the files of a table stand, without their ending: core.cell is core/cell."""
    return table.replace(".", "/")


def copy_rows(con: duckdb.DuckDBPyConnection, select: str, path: Path, options: str) -> None:
    """Write what a SELECT returns to a file, its folder made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    con.execute(f"COPY ({select}) TO {quote_text(str(path))} ({options})")


def write_csv(con: duckdb.DuckDBPyConnection, select: str, path: Path) -> None:
    """Write what a SELECT returns as CSV that spreadsheets open: UTF-8 with a byte order mark, one header line.

    A path that ends in .zip becomes an archive with that one file.
    """
    bare = path.with_name(path.name + ".bare")
    copy_rows(con, select, bare, _CSV_OPTIONS)
    if path.suffix == ".zip":
        entry = zipfile.ZipInfo(path.stem, _NO_TIME)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.file_size = bare.stat().st_size + len(_BYTE_ORDER_MARK)
        entry.external_attr = 0o644 << 16
        with zipfile.ZipFile(path, "w") as archive, archive.open(entry, "w") as target:
            _copy_marked(bare, target)
    else:
        with path.open("wb") as target:
            _copy_marked(bare, target)
    bare.unlink()


def csv_number(column: str) -> str:
    """SQL for a decimal column as text without the zeros its type pads it with."""
    return f"regexp_replace({column}::VARCHAR, '\\.?0+$', '')"


def _list_schemas() -> Mapping[str, TableSchema]:
    marts = {
        mart.name: TableSchema(
            mart.name,
            mart.grain_zh,
            mart.grain_en,
            "none",
            tuple(Field(c.name, c.type, c.name not in mart.key, c.zh, c.en, c.unit) for c in mart.columns),
            mart.key,
            {},
        )
        for mart in load_marts().values()
        # A view has the rows of tables that go out themselves
        if not mart.is_view
    }
    return {**load_tables(), **marts}


def _is_in_order(con: duckdb.DuckDBPyConnection, schema: TableSchema) -> bool:
    """Whether the rows stand by key already, as building leaves them.

    Looking costs a twentieth of sorting, which for hundreds of millions of cells would take more disk than the release.
    """
    key = f"row({', '.join(schema.key)})"
    stepping_back = f"SELECT {key} < lag({key}) OVER () AS is_back FROM {schema.name}"
    return con.execute(f"SELECT 1 FROM ({stepping_back}) WHERE is_back LIMIT 1").fetchone() is None


def _csv_expression(column: Field) -> str:
    if column.type == "decimal":
        return csv_number(column.name)
    if column.type == "timestamp":
        return f"strftime({column.name}, '%Y-%m-%dT%H:%M:%S.%fZ')"
    if column.type == "text_list":
        return f"to_json({column.name})::VARCHAR"
    return column.name


def _copy_marked(bare: Path, target: IO[bytes]) -> None:
    target.write(_BYTE_ORDER_MARK)
    with bare.open("rb") as source:
        shutil.copyfileobj(source, target, _COPY_BYTES)
