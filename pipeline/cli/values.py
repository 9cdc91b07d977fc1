"""Values of an answer as text, as JSON and as Arrow, without changing what they say.

Belongs here: the shape of one value and the names of columns. Does not belong here: files and tables made of them
(result_formats.py, export_files.py).
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\)")


def plain_text(value: object) -> str:
    """A value as text: decimals without padding zeros or exponents, times in ISO form."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | dict):
        return json.dumps(json_value(value), ensure_ascii=False)
    return str(value)


def json_value(value: object) -> object:
    """A value as JSON can say it; what is neither number, text, list nor object becomes its text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [json_value(item) for item in value]
    if isinstance(value, dict):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, Decimal):
        return _json_number(value)
    return plain_text(value)


def is_number(sql_type: str) -> bool:
    """Whether values of a SQL type are numbers."""
    return _NUMBER.fullmatch(sql_type) is not None


def unique_names(columns: Sequence[str]) -> list[str]:
    """Column names, a repeated one with _2, _3 … behind it, so that none of its values hides another's."""
    names: list[str] = []
    for column in columns:
        name, number = column, 1
        while name in names:
            number += 1
            name = f"{column}_{number}"
        names.append(name)
    return names


def arrow_type(sql_type: str) -> pa.DataType:
    """The Arrow type that holds every value of a SQL type; text for what has no plain counterpart."""
    import pyarrow as pa

    if sql_type.endswith("[]"):
        return pa.list_(arrow_type(sql_type.removesuffix("[]")))
    if found := _DECIMAL.fullmatch(sql_type):
        return pa.decimal128(int(found[1]), int(found[2]))
    plain = {
        "BOOLEAN": pa.bool_(),
        "TINYINT": pa.int8(),
        "SMALLINT": pa.int16(),
        "INTEGER": pa.int32(),
        "BIGINT": pa.int64(),
        "UTINYINT": pa.uint8(),
        "USMALLINT": pa.uint16(),
        "UINTEGER": pa.uint32(),
        "UBIGINT": pa.uint64(),
        # As a sum of whole numbers is typed; 38 digits hold all that can be summed here
        "HUGEINT": pa.decimal128(38, 0),
        "FLOAT": pa.float32(),
        "DOUBLE": pa.float64(),
        "DATE": pa.date32(),
        "TIMESTAMP": pa.timestamp("us"),
        "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", tz="UTC"),
        "BLOB": pa.binary(),
    }
    return plain.get(sql_type, pa.string())


def arrow_value(value: object, into: pa.DataType) -> object:
    """A value as its Arrow type takes it."""
    import pyarrow as pa

    if value is None:
        return None
    if pa.types.is_list(into) and isinstance(value, list | tuple):
        return [arrow_value(item, into.value_type) for item in value]
    if pa.types.is_string(into) and not isinstance(value, str):
        return plain_text(value)
    if pa.types.is_decimal(into) and isinstance(value, int):
        return Decimal(value)
    return value


def _json_number(value: Decimal) -> int | float | str:
    """A JSON number where that is the very same number, else its digits as a string."""
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else plain_text(value)
