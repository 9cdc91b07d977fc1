"""Metrics as immutable objects and as rows of meta.metric and meta.metric_edition, read from metrics.yml.

Belongs here: which columns of the marts hold which metric, and in which editions of the form it is defined. Does not
belong here: formulas (marts.yml) and the computing (sql/mart).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.contract.load import CONTRACT_ROOT, load_yaml
from pipeline.contract.marts import MartColumn, load_marts


@dataclass(frozen=True, slots=True)
class MetricColumn:
    """One column that holds a metric; comparability is {edition code: same, approx or bridge}, others are missing."""

    table: str
    column: MartColumn
    comparability: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; without columns it is not computed, and the notes say why."""

    code: str
    zh: str
    en: str
    basis: str
    note_zh: str
    note_en: str
    columns: tuple[MetricColumn, ...]


@cache
def load_metrics() -> tuple[Metric, ...]:
    """Every metric in the order of metrics.yml; KeyError naming a column that marts.yml does not have."""
    return tuple(
        Metric(
            code=raw["code"],
            zh=raw["zh"],
            en=raw["en"],
            basis=raw.get("basis", ""),
            note_zh=raw.get("note_zh", ""),
            note_en=raw.get("note_en", ""),
            columns=tuple(_column(path, editions) for path, editions in raw.get("columns", {}).items()),
        )
        for raw in load_yaml(CONTRACT_ROOT / "metrics.yml")
    )


def metric_rows() -> list[dict[str, object]]:
    """Rows of meta.metric: one per metric, with its columns and their formulas side by side."""
    return [
        {
            "metric_code": metric.code,
            "label_zh": metric.zh,
            "label_en": metric.en,
            "is_computed": bool(metric.columns),
            "column_list": [f"{held.table}.{held.column.name}" for held in metric.columns],
            "formula_list": [held.column.formula for held in metric.columns],
            "basis_text": metric.basis or None,
            "note_zh": metric.note_zh or None,
            "note_en": metric.note_en or None,
        }
        for metric in load_metrics()
    ]


def metric_edition_rows() -> list[dict[str, object]]:
    """Rows of meta.metric_edition: one per metric, column that holds it and edition that defines it."""
    return [
        {
            "metric_code": metric.code,
            "table_name": held.table,
            "column_name": held.column.name,
            "edition_code": edition,
            "comparability_code": comparability,
        }
        for metric in load_metrics()
        for held in metric.columns
        for edition, comparability in held.comparability.items()
    ]


def _column(path: str, editions: Mapping[str, str]) -> MetricColumn:
    table, _, name = path.rpartition(".")
    found = [column for column in load_marts()[table].columns if column.name == name] if table in load_marts() else []
    if not found:
        raise KeyError(f"metrics.yml: marts.yml has no column {path}")
    return MetricColumn(table, found[0], editions)
