"""Tables made by a SELECT, as immutable objects, read from marts.yml.

Belongs here: what each table that a SELECT makes promises: grain, key, columns with types, meaning and formula.
Does not belong here: the SELECTs themselves (sql/<schema>) and tables that Python writes (schema.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.contract.load import CONTRACT_ROOT, load_yaml


@dataclass(frozen=True, slots=True)
class MartColumn:
    """One column of a mart. formula is '' for a plain value, else how it is made of other columns of the same table."""

    name: str
    type: str
    zh: str
    en: str
    unit: str = ""
    formula: str = ""


@dataclass(frozen=True, slots=True)
class MartSchema:
    """One mart by its schema-qualified name: grain, key and columns in the order its SELECT returns them.

    is_by_report: each row comes from the report that its report_id names and from nothing else; such a table is brought
    up to date report by report, and its SELECT may read nothing that spans reports.
    years_before: each row comes from reports of its report's year and of so many years before it, so that the table can
    be made year by year; None where rows may come from all years.
    is_view: it holds no rows of its own, and is one place to ask for what other tables have.
    order: the columns by which its rows lie in the file where that is not the key, so that questions can skip most.
    """

    name: str
    grain_zh: str
    grain_en: str
    key: tuple[str, ...]
    columns: tuple[MartColumn, ...]
    is_by_report: bool = False
    years_before: int | None = None
    is_view: bool = False
    order: tuple[str, ...] = ()

    @property
    def row_order(self) -> tuple[str, ...]:
        """The columns by which its rows lie in the file."""
        return self.order or self.key


@cache
def load_marts() -> Mapping[str, MartSchema]:
    """Every mart by name, in the order of marts.yml."""
    marts = {}
    for name, raw in load_yaml(CONTRACT_ROOT / "marts.yml").items():
        marts[name] = MartSchema(
            name=name,
            grain_zh=raw["grain"]["zh"],
            grain_en=raw["grain"]["en"],
            key=tuple(raw["key"]),
            columns=tuple(_column(column, text) for column, text in raw["columns"].items()),
            is_by_report=bool(raw.get("by_report", False)),
            years_before=raw.get("years_before"),
            is_view=raw.get("is_view", False),
            order=tuple(raw.get("order", ())),
        )
    return marts


def _column(name: str, raw: Mapping[str, str]) -> MartColumn:
    formula = raw.get("formula", "")
    ending = f" = {formula}" if formula else ""
    return MartColumn(name, raw["type"], raw["zh"] + ending, raw["en"] + ending, raw.get("unit", ""), formula)
