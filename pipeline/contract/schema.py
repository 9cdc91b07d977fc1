"""Tables and fields as immutable objects, read from fields.yml and tables.yml.

Belongs here: the one definition that DDL, frame schemas, checks and the dictionary are generated from.
Does not belong here: any of those renderings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.contract.load import CONTRACT_ROOT, load_yaml

SCHEMA_VERSION = "1.0.0"


@dataclass(frozen=True, slots=True)
class Field:
    """One column in one table: its type as fields.yml names it, unit, closed vocabulary, descriptions."""

    name: str
    type: str
    nullable: bool
    zh: str
    en: str
    unit: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table: grain, columns in order, key, references {column: (table, column)}, and how it is staged."""

    name: str
    grain_zh: str
    grain_en: str
    stage: str
    columns: tuple[Field, ...]
    key: tuple[str, ...]
    references: Mapping[str, tuple[str, str]]


@cache
def load_tables() -> Mapping[str, TableSchema]:
    """Every table by its schema-qualified name, in the order of tables.yml."""
    fields = load_yaml(CONTRACT_ROOT / "fields.yml")
    tables = {}
    for name, raw in load_yaml(CONTRACT_ROOT / "tables.yml").items():
        columns = tuple(_field(column, fields, name) for column in raw["columns"])
        tables[name] = TableSchema(
            name=name,
            grain_zh=raw["grain"]["zh"],
            grain_en=raw["grain"]["en"],
            stage=raw["stage"],
            columns=columns,
            key=tuple(raw["key"]),
            references={column: _target(column, to) for column, to in raw.get("references", {}).items()},
        )
    return tables


def _field(column: str, fields: Mapping[str, Mapping[str, object]], table: str) -> Field:
    name = column.removesuffix("?")
    if name not in fields:
        raise KeyError(f"tables.yml: {table}.{name} is not defined in fields.yml")
    raw = fields[name]
    values = raw.get("values", ())
    return Field(
        name=name,
        type=str(raw["type"]),
        nullable=column.endswith("?"),
        zh=str(raw["zh"]),
        en=str(raw["en"]),
        unit=str(raw.get("unit", "")),
        values=tuple(str(v) for v in values) if isinstance(values, list) else (),
    )


def _target(column: str, to: str) -> tuple[str, str]:
    schema, table, *rest = to.split(".")
    return f"{schema}.{table}", rest[0] if rest else column
