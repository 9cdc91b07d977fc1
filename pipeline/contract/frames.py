"""The contract as frame schemas: every table's Polars and Arrow types, and rows checked into a frame.

Belongs here: types of columns outside the database and the strict door from Python rows to a frame. Does not belong
here: SQL types (ddl.py), Parquet files or their folders (facts/stages.py), and any repair of a value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal, Inexact
from typing import NoReturn

import polars as pl
import pyarrow as pa

from pipeline.contract.schema import Field, TableSchema, load_tables

DECIMAL_PRECISION = 24
DECIMAL_SCALE = 8
_DECIMAL_CEILING = Decimal(10) ** (DECIMAL_PRECISION - DECIMAL_SCALE)
_DECIMAL_STEP = Decimal(1).scaleb(-DECIMAL_SCALE)
_EXACT = Context(prec=DECIMAL_PRECISION + DECIMAL_SCALE, traps=[Inexact])
_INT_LIMITS = {"int": 2**31, "bigint": 2**63}

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
_ARROW_TYPES: Mapping[str, pa.DataType] = {
    "text": pa.string(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "decimal": pa.decimal128(DECIMAL_PRECISION, DECIMAL_SCALE),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "boolean": pa.bool_(),
    "text_list": pa.list_(pa.string()),
}


class ContractError(ValueError):
    """Rows do not keep what the contract promises; the message names table, column, value and what to do."""


def table_schema(table: str) -> TableSchema:
    """The contract of one table by its schema-qualified name; ContractError for a name not in tables.yml."""
    tables = load_tables()
    if table not in tables:
        raise ContractError(f"{table}: no such table in contract/tables.yml; it has {', '.join(tables)}")
    return tables[table]


def polars_schema(table: str) -> pl.Schema:
    """Column names and Polars types of one table, in contract order."""
    return pl.Schema({column.name: _POLARS_TYPES[column.type] for column in table_schema(table).columns})


def arrow_schema(table: str) -> pa.Schema:
    """Column names, Arrow types and nullability of one table, in contract order."""
    columns = table_schema(table).columns
    return pa.schema([pa.field(c.name, _ARROW_TYPES[c.type], nullable=c.nullable) for c in columns])


def make_frame(table: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """A frame of exactly the contract's columns, in order, one row per mapping.

    Nothing is coerced: a missing or extra key, NULL where the contract forbids it, another Python type (a bool is no
    int, a float no decimal, a naive datetime no timestamp), a value outside a closed vocabulary and a number that the
    type cannot hold exactly each raise ContractError. Keys are not checked for duplicates; the database does that.
    """
    schema = table_schema(table)
    expected = {column.name for column in schema.columns}
    for number, row in enumerate(rows):
        if row.keys() != expected:
            _refuse_keys(table, number, set(row), expected)
    return pl.DataFrame([_make_column(table, column, [row[column.name] for row in rows]) for column in schema.columns])


def _make_column(table: str, column: Field, values: list[object]) -> pl.Series:
    accept = _ACCEPT[column.type]
    vocabulary = frozenset(column.values)
    checked: list[object] = []
    for number, value in enumerate(values):
        if value is None:
            if not column.nullable:
                _refuse(table, column, number, value, "NULL, but the column is not nullable")
            checked.append(None)
            continue
        try:
            kept = accept(value)
        except ValueError as error:
            _refuse(table, column, number, value, str(error))
        if vocabulary and kept not in vocabulary:
            _refuse(table, column, number, value, f"is not one of {', '.join(column.values)}")
        checked.append(kept)
    return pl.Series(column.name, checked, dtype=_POLARS_TYPES[column.type], strict=True)


def _accept_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("is not a str")
    text = value if type(value) is str else str.__str__(value)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError("holds half a surrogate pair, which no file can store") from None
    return text


def _accept_integer(kind: str) -> Callable[[object], int]:
    limit = _INT_LIMITS[kind]

    def accept(value: object) -> int:
        if type(value) is not int:
            raise ValueError("is not an int")
        if not -limit <= value < limit:
            raise ValueError(f"does not fit the contract type {kind}")
        return value

    return accept


def _accept_decimal(value: object) -> Decimal:
    if type(value) is not Decimal:
        raise ValueError("is not a Decimal")
    if not value.is_finite():
        raise ValueError("is not a finite number")
    if abs(value) >= _DECIMAL_CEILING:
        raise ValueError(f"has more than {DECIMAL_PRECISION - DECIMAL_SCALE} digits before the decimal point")
    try:
        # Polars would cut further decimals off without a word
        return value.quantize(_DECIMAL_STEP, context=_EXACT)
    except Inexact:
        raise ValueError(f"has more than {DECIMAL_SCALE} decimals and would be rounded") from None


def _accept_date(value: object) -> dt.date:
    if type(value) is not dt.date:
        raise ValueError("is not a datetime.date")
    return value


def _accept_timestamp(value: object) -> dt.datetime:
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        raise ValueError("is not a datetime with a time zone")
    return value.astimezone(dt.UTC)


def _accept_boolean(value: object) -> bool:
    if type(value) is not bool:
        raise ValueError("is not a bool")
    return value


def _accept_text_list(value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise ValueError("is not a list or tuple of str")
    return [_accept_text(item) for item in value]


_ACCEPT: Mapping[str, Callable[[object], object]] = {
    "text": _accept_text,
    "int": _accept_integer("int"),
    "bigint": _accept_integer("bigint"),
    "decimal": _accept_decimal,
    "date": _accept_date,
    "timestamp": _accept_timestamp,
    "boolean": _accept_boolean,
    "text_list": _accept_text_list,
}


def _refuse(table: str, column: Field, number: int, value: object, why: str) -> NoReturn:
    raise ContractError(
        f"{table}.{column.name}: row {number}: {value!r} {why}. The contract says {column.type}; correct the row where "
        "it is made, or the contract in contract/fields.yml and tables.yml."
    ) from None


def _refuse_keys(table: str, number: int, found: set[str], expected: set[str]) -> NoReturn:
    missing, extra = sorted(expected - found), sorted(found - expected)
    raise ContractError(
        f"{table}: row {number}: missing columns {missing}, columns not in the contract {extra}. "
        f"The columns of {table} are listed in contract/tables.yml."
    )
