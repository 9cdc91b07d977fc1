"""The contract as Polars frames: every table's types, and rows checked into a frame.

Belongs here: Polars types of columns. Does not belong here: what a row may hold (arrays.py), SQL types (ddl.py),
Parquet files or their folders (facts/stages.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from pipeline.contract.arrays import DECIMAL_PRECISION, DECIMAL_SCALE, make_table, table_schema

_POLARS_TYPES: Mapping[str, pl.DataType] = {
    "text": pl.String(),
    "int": pl.Int32(),
    "bigint": pl.Int64(),
    "decimal": pl.Decimal(DECIMAL_PRECISION, DECIMAL_SCALE),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us", "UTC"),
    "boolean": pl.Boolean(),
    "text_list": pl.List(pl.String()),
}


def polars_schema(table: str) -> pl.Schema:
    """Column names and Polars types of one table, in contract order."""
    return pl.Schema({column.name: _POLARS_TYPES[column.type] for column in table_schema(table).columns})


def make_frame(table: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """A frame of exactly the contract's columns, in order, one row per mapping; ContractError as arrays.make_table."""
    return pl.DataFrame(make_table(table, rows))
