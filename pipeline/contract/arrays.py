"""The strict door from Python rows to columns: every value checked against the contract, none changed.

Belongs here: Arrow types, and rows checked into an Arrow table. Does not belong here: Polars frames (frames.py), which
a process that only reads documents has no use for; SQL types (ddl.py), files, and any repair of a value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Context, Decimal, Inexact
from itertools import chain
from operator import itemgetter
from typing import NoReturn

import pyarrow as pa

from pipeline.contract.schema import Field, TableSchema, load_tables

DECIMAL_PRECISION = 24
DECIMAL_SCALE = 8
_DECIMAL_CEILING = Decimal(10) ** (DECIMAL_PRECISION - DECIMAL_SCALE)
_DECIMAL_STEP = Decimal(1).scaleb(-DECIMAL_SCALE)
_EXACT = Context(prec=DECIMAL_PRECISION + DECIMAL_SCALE, traps=[Inexact])
_INT_LIMITS = {"int": 2**31, "bigint": 2**63}

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
# The Python type whose values Arrow takes as they are or refuses; every other one is looked at value by value
_EXACT_KINDS: Mapping[str, frozenset[type]] = {
    "text": frozenset({str}),
    "int": frozenset({int}),
    "bigint": frozenset({int}),
    "decimal": frozenset({Decimal}),
    "date": frozenset({dt.date}),
    "timestamp": frozenset(),
    "boolean": frozenset({bool}),
    "text_list": frozenset({list, tuple}),
}


class ContractError(ValueError):
    """Rows do not keep what the contract promises; the message names table, column, value and what to do."""


def table_schema(table: str) -> TableSchema:
    """The contract of one table by its schema-qualified name; ContractError for a name not in tables.yml."""
    tables = load_tables()
    if table not in tables:
        raise ContractError(f"{table}: no such table in contract/tables.yml; it has {', '.join(tables)}")
    return tables[table]


def arrow_schema(table: str) -> pa.Schema:
    """Column names, Arrow types and nullability of one table, in contract order."""
    return _schema_of(table_schema(table).columns)


def make_table(table: str, rows: Sequence[Mapping[str, object]], lacking: Collection[str] = ()) -> pa.Table:
    """An Arrow table of exactly the contract's columns but those that are `lacking`, in order, one row per mapping.

    Nothing is coerced: a missing or extra key, NULL where the contract forbids it, another Python type (a bool is no
    int, a float no decimal, a naive datetime no timestamp), a value outside a closed vocabulary and a number that the
    type cannot hold exactly each raise ContractError. Keys are not checked for duplicates; the database does that.
    """
    columns = [column for column in table_schema(table).columns if column.name not in lacking]
    expected = {column.name for column in columns}
    for number, row in enumerate(rows):
        if row.keys() != expected:
            _refuse_keys(table, number, set(row), expected)
    arrays = [_make_array(table, column, list(map(itemgetter(column.name), rows))) for column in columns]
    return pa.Table.from_arrays(arrays, schema=_schema_of(columns))


def _schema_of(columns: Sequence[Field]) -> pa.Schema:
    return pa.schema([pa.field(c.name, _ARROW_TYPES[c.type], nullable=c.nullable) for c in columns])


def _make_array(table: str, column: Field, values: list[object]) -> pa.Array:
    if _is_plain(column, values):
        try:
            array = pa.array(values, _ARROW_TYPES[column.type])
        except (pa.ArrowException, ValueError, OverflowError):
            pass  # some value is at fault; the look at each of them says which and why
        else:
            if array.null_count == sum([value is None for value in values]):
                return array
    return pa.array(_check_values(table, column, values), _ARROW_TYPES[column.type])


def _is_plain(column: Field, values: list[object]) -> bool:
    """Whether all values are of the column's own Python type and in its vocabulary: most columns, at a tenth of the
    cost of looking at each value."""
    kinds = set(map(type, values))
    if type(None) in kinds:
        if not column.nullable:
            return False
        kinds.remove(type(None))
    if not kinds <= _EXACT_KINDS[column.type]:
        return False
    if column.type == "text_list":
        return set(map(type, chain.from_iterable(filter(None, values)))) <= {str}  # type: ignore[arg-type]
    return not column.values or set(values) <= {None, *column.values}


def _check_values(table: str, column: Field, values: list[object]) -> list[object]:
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
    return checked


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
        # Further decimals must not be cut off without a word
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
