"""What pages say of the data itself: labels for their scripts, the dictionary, metrics, rules, sample questions.

Belongs here: collecting them from warehouse, contract and sql/examples. Does not belong here: the words of the pages
(labels.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from pipeline.contract.claims import load_claim_facts
from pipeline.contract.editions import load_editions
from pipeline.paths import SQL_ROOT
from pipeline.site.answers import Warehouse
from pipeline.site.labels import load_labels
from pipeline.site.scripts import to_table, write_script
from pipeline.site.years import YearIndex
from pipeline.warehouse.sql_files import read_sql_folder

_BOTH = " / "


@dataclass(frozen=True, slots=True)
class Question:
    """A sample question: what it asks, and its SQL without the header."""

    name: str
    zh: str
    en: str
    sql: str


def write_reference(warehouse: Warehouse, folder: Path, index: YearIndex, settings: Mapping[str, object]) -> None:
    """Write data/labels.js (words), data/forms.js (cells and tables of the form) and data/index.js (what there is)."""
    labels = load_labels()
    rules = warehouse.ask("rule")
    write_script(
        folder,
        "labels",
        {
            "texts": labels.texts,
            "codes": labels.codes,
            "facts": {code: (fact.zh, fact.en) for code, fact in load_claim_facts().items()},
            "rules": {str(row["rule_code"]): _rule(row) for row in rules.records()},
            "metrics": list(warehouse.ask("metric_column").records()),
        },
    )
    cells = warehouse.ask("form_cell")
    write_script(folder, "forms", {"cells": to_table(cells.columns, cells.rows), "tables": _tables()})
    write_script(folder, "index", {**asdict(index), **settings})


def _rule(row: Mapping[str, object]) -> dict[str, object]:
    return {"severity": row["severity_code"], "label": [row["formula_zh"], row["formula_en"]]}


def _tables() -> dict[str, list[dict[str, Any]]]:
    """Of each edition its tables: code, labels, and their rows and columns in printed order, with labels."""
    return {
        edition.code: [
            {
                "code": table.code,
                "label": [table.label_zh, table.label_en],
                "columns": [[column.code, column.labels[0], column.label_en] for column in table.columns.values()],
                "rows": [
                    [row.code, row.label_zh, row.label_en, list(row.groups), list(row.columns), row.is_optional]
                    for row in table.rows
                ],
            }
            for table in edition.tables
        ]
        for edition in load_editions()
    }


def list_dictionary(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Every table with its description in both languages and its columns."""
    described = {str(name): str(comment) for name, comment, _ in warehouse.ask("dictionary_table").rows}
    listed = []
    for table, rows in groupby(warehouse.ask("dictionary").records(), key=lambda row: str(row["table_name"])):
        zh, _, en = described.get(table, "").partition(_BOTH)
        listed.append({"name": table, "zh": zh, "en": en, "columns": list(rows)})
    return listed


def list_questions() -> list[Question]:
    """The files of sql/examples."""
    return [
        Question(file.name, file.header("zh"), file.header("en"), _without_header(file.sql))
        for file in read_sql_folder(SQL_ROOT / "examples")
    ]


def _without_header(sql: str) -> str:
    lines = sql.splitlines()
    while lines and lines[0].startswith("--"):
        lines.pop(0)
    return "\n".join(lines).strip()
