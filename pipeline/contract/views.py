"""Views with Chinese names over tables of the warehouse, read from views.yml and the zh labels of the contract.

Belongs here: which view shows which table, and what its columns are called. Does not belong here: creating them
(warehouse/analyst_layer.py), and any logic of their own: a view renames and does nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.contract.ddl import describe
from pipeline.contract.load import CONTRACT_ROOT, load_yaml
from pipeline.contract.marts import MartColumn, MartSchema, load_marts
from pipeline.contract.schema import Field, TableSchema, load_tables

VIEW_SCHEMA = "zh"
# A name that needs no quotes: what separates words becomes an underscore
_NO_NAME = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """One column of a view: its Chinese name, the column it shows, and the comment of that column."""

    name: str
    shows: str
    comment: str


@dataclass(frozen=True, slots=True)
class ViewSchema:
    """One view by its schema-qualified name: the table it shows, that table's comment, and columns in its order."""

    name: str
    table: str
    comment: str
    columns: tuple[ViewColumn, ...]


@cache
def load_views() -> Mapping[str, ViewSchema]:
    """Every view by its name, in the order of views.yml; KeyError for a table that the contract lacks."""
    known: dict[str, TableSchema | MartSchema] = {**load_tables(), **load_marts()}
    views = {}
    for table, label in load_yaml(CONTRACT_ROOT / "views.yml").items():
        schema = known[table]
        name = f"{VIEW_SCHEMA}.{label}"
        shown_columns: Sequence[Field | MartColumn] = schema.columns
        columns = tuple(
            ViewColumn(shown, column.name, describe(column.zh, f"{column.en} ({column.name})", column.unit))
            for shown, column in zip(name_columns(shown_columns), shown_columns, strict=True)
        )
        views[name] = ViewSchema(name, table, f"{describe(schema.grain_zh, schema.grain_en)} ({table})", columns)
    return views


def name_columns(columns: Sequence[Field | MartColumn]) -> list[str]:
    """The Chinese name of each column: its label up to the first bracket or mark, longer where two would be one."""
    short = [_label(column, 1) for column in columns]
    return [name if short.count(name) == 1 else _label(column, 2) for name, column in zip(short, columns, strict=True)]


def _label(column: Field | MartColumn, parts: int) -> str:
    # A formula behind the label is no part of it
    words = [word for word in _NO_NAME.split(column.zh.partition(" = ")[0]) if word]
    return "_".join(words[:parts])
