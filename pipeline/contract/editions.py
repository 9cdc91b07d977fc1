"""Editions of the form as immutable objects, read from editions/*.yml.

Belongs here: what the form prints, in which order, under which labels, and the codes of its cells.
Does not belong here: matching a document against it (reports/) or what its numbers must satisfy (identities.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.contract.load import CONTRACT_ROOT, load_yaml

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FormColumn:
    """One column of a table: its code and what may be printed above it."""

    code: str
    labels: tuple[str, ...]
    label_en: str


@dataclass(frozen=True, slots=True)
class FormRow:
    """One row of a table in printed order; groups are the codes of the row groups around it, outermost first."""

    code: str
    labels: tuple[str, ...]
    label_zh: str
    label_en: str
    unit: str
    columns: tuple[str, ...]
    groups: tuple[str, ...] = ()
    basis: str = ""


@dataclass(frozen=True, slots=True)
class FormCell:
    """One cell of the form: `<table>.<row>.<column>` with its labels and unit."""

    code: str
    table: str
    row: str
    column: str
    unit: str
    label_zh: str
    label_en: str
    basis: str


@dataclass(frozen=True, slots=True)
class FormTable:
    """One table. layout: labelled_rows (a label before each row) or one_row (all rows printed side by side)."""

    code: str
    section: str
    layout: str
    label_zh: str
    label_en: str
    anchors: tuple[str, ...]
    columns: Mapping[str, FormColumn]
    rows: tuple[FormRow, ...]
    group_labels: tuple[str, ...]

    def cells(self) -> Iterator[FormCell]:
        """Every cell in printed order."""
        for row in self.rows:
            for code in row.columns:
                column = self.columns[code]
                yield FormCell(
                    code=f"{self.code}.{row.code}.{code}",
                    table=self.code,
                    row=row.code,
                    column=code,
                    unit=row.unit,
                    label_zh=f"{row.label_zh} / {column.labels[0]}",
                    label_en=f"{row.label_en} / {column.label_en}",
                    basis=row.basis,
                )


@dataclass(frozen=True, slots=True)
class FormSection:
    """One section of the report: code, labels without ordinal (official one first)."""

    code: str
    labels: tuple[str, ...]
    label_en: str


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition. `tables` is empty for an edition that is recognised but not read yet."""

    code: str
    first_year: int
    last_year: int | None
    signatures: tuple[str, ...]
    basis: str = ""
    sections: tuple[FormSection, ...] = ()
    tables: tuple[FormTable, ...] = ()

    def cells(self) -> Iterator[FormCell]:
        """Every cell of every table in printed order."""
        for table in self.tables:
            yield from table.cells()

    def table(self, code: str) -> FormTable:
        """The table of this code; KeyError when the edition has none."""
        for table in self.tables:
            if table.code == code:
                return table
        raise KeyError(f"{self.code} has no table {code!r}")


@cache
def load_editions() -> tuple[Edition, ...]:
    """All editions, newest first: the order in which their signatures are tried."""
    files = sorted((CONTRACT_ROOT / "editions").glob("ED_*.yml"), reverse=True)
    read = [_edition(load_yaml(path)) for path in files]
    recognised = [_edition(raw) for raw in load_yaml(CONTRACT_ROOT / "editions" / "recognised.yml")]
    return (*read, *recognised)


def edition_by_code(code: str) -> Edition:
    """The edition of this code; KeyError for an unknown one."""
    return next((e for e in load_editions() if e.code == code), None) or _unknown(code)


def edition_expected(report_year: int) -> Edition | None:
    """The edition in force for a report year, None before 2008."""
    for edition in load_editions():
        if edition.first_year <= report_year and (edition.last_year is None or report_year <= edition.last_year):
            return edition
    return None


def _unknown(code: str) -> Edition:
    raise KeyError(f"no edition {code!r} in contract/editions")


def _edition(raw: Raw) -> Edition:
    return Edition(
        code=raw["code"],
        first_year=raw["first_year"],
        last_year=raw["last_year"],
        signatures=tuple(raw["signatures"]),
        basis=raw.get("basis", ""),
        sections=tuple(FormSection(s["code"], tuple(s["labels"]), s["label_en"]) for s in raw.get("sections", ())),
        tables=tuple(_table(t) for t in raw.get("tables", ())),
    )


def _table(raw: Raw) -> FormTable:
    columns = {code: FormColumn(code, tuple(c["labels"]), c["label_en"]) for code, c in raw["columns"].items()}
    groups = raw.get("groups", {})
    return FormTable(
        code=raw["code"],
        section=raw["section"],
        layout=raw["layout"],
        label_zh=raw["label_zh"],
        label_en=raw["label_en"],
        anchors=tuple(raw["anchors"]),
        columns=columns,
        rows=tuple(_row(r, raw, tuple(columns)) for r in raw["rows"]),
        group_labels=tuple(g["label_zh"] for g in groups.values()),
    )


def _row(raw: Raw, table: Raw, all_columns: tuple[str, ...]) -> FormRow:
    return FormRow(
        code=raw["code"],
        labels=tuple(raw["labels"]),
        label_zh=raw.get("label_zh", raw["labels"][0]),
        label_en=raw["label_en"],
        unit=raw.get("unit") or table["unit"],
        columns=tuple(raw.get("columns", all_columns)),
        groups=tuple(raw.get("group", ())),
        basis=raw.get("basis", ""),
    )
