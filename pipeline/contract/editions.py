"""Editions of the form as immutable objects, read from editions/*.yml.

Belongs here: what the form prints, in which order, under which labels, and the codes of its cells.
Does not belong here: matching a document against it (reports/) or what its numbers must satisfy (identities.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from pipeline.contract.load import CONTRACT_ROOT, load_yaml

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FormColumn:
    """One column of a table: its code, what may be printed above it, and its unit where rows don't decide that.

    heading_units: unit -> headings that print this unit instead.
    """

    code: str
    labels: tuple[str, ...]
    label_en: str
    unit: str = ""
    heading_units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormRow:
    """One row of a table in printed order; groups are the codes of the row groups around it, outermost first.

    An optional row is no part of the edition's own form, but is seen in it: a province's extra row, or a row of another
    edition (stands_for: the rows that it replaces). Its cells exist only where it is printed.
    """

    code: str
    labels: tuple[str, ...]
    label_zh: str
    label_en: str
    unit: str
    columns: tuple[str, ...]
    groups: tuple[str, ...] = ()
    basis: str = ""
    is_optional: bool = False
    stands_for: tuple[str, ...] = ()


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
    """One table. layout: labelled_rows (a label before each row) or one_row (all rows printed side by side).

    variants: the table as different places print it; the table itself then has the rows of them all, each optional.
    signatures: words that only this variant prints. heading_lead: what stands right before the first column's heading
    in a table whose number of columns only its headings tell; () for the others. spanners: what is printed above the
    headings of the other tables and is none of them.
    """

    code: str
    section: str
    layout: str
    label_zh: str
    label_en: str
    anchors: tuple[str, ...]
    columns: Mapping[str, FormColumn]
    rows: tuple[FormRow, ...]
    group_labels: tuple[str, ...]
    heading_lead: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    variants: tuple[FormTable, ...] = ()
    spanners: tuple[str, ...] = ()

    def cells(self) -> Iterator[FormCell]:
        """Every cell of the edition's own form, in all its variants, in printed order."""
        for row in self.rows:
            if self.variants or not row.is_optional:
                yield from self.row_cells(row)

    def row_cells(self, row: FormRow) -> Iterator[FormCell]:
        """The cells of one row of this table in printed order."""
        for code in row.columns:
            column = self.columns[code]
            yield FormCell(
                code=f"{self.code}.{row.code}.{code}",
                table=self.code,
                row=row.code,
                column=code,
                unit=column.unit or row.unit,
                label_zh=f"{row.label_zh} / {column.labels[0]}",
                label_en=f"{row.label_en} / {column.label_en}",
                basis=row.basis,
            )

    def row_places(self, row: FormRow) -> list[tuple[str, str]]:
        """Code and unit of each cell of one row in printed order: what reading needs of row_cells, and no more."""
        return [(f"{self.code}.{row.code}.{code}", self.columns[code].unit or row.unit) for code in row.columns]


@dataclass(frozen=True, slots=True)
class FormSection:
    """One section of the report: code, labels without ordinal (official one first)."""

    code: str
    labels: tuple[str, ...]
    label_en: str


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition. tables is empty for an edition without a form of its own.

    own_sections: the codes of sections whose headings tell this edition from the others where no table is printed.
    late_signatures: words that tell it from the others where no edition's signatures are printed.
    """

    code: str
    first_year: int
    last_year: int | None
    signatures: tuple[str, ...]
    basis: str = ""
    sections: tuple[FormSection, ...] = ()
    tables: tuple[FormTable, ...] = ()
    own_sections: frozenset[str] = frozenset()
    late_signatures: tuple[str, ...] = ()

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
    return tuple(_edition(load_yaml(path)) for path in files)


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
        late_signatures=tuple(raw.get("late_signatures", ())),
        basis=raw.get("basis", ""),
        sections=tuple(_section(s) for s in raw["sections"]),
        tables=tuple(_table(_inherited(t)) for t in raw["tables"]),
        own_sections=frozenset(raw.get("own_sections", ())),
    )


def _section(raw: Raw) -> FormSection:
    """A section, or the one of the same code in the edition that it is `like`."""
    if "like" in raw:
        other = load_yaml(CONTRACT_ROOT / "editions" / f"{raw['like']}.yml")
        raw = next(s for s in other["sections"] if s["code"] == raw["code"])
    return FormSection(raw["code"], tuple(raw["labels"]), raw["label_en"])


def _inherited(raw: Raw) -> Raw:
    """A table that is `like` another edition's, with its own choice of optional rows."""
    if "like" not in raw:
        return raw
    other = load_yaml(CONTRACT_ROOT / "editions" / f"{raw['like']}.yml")
    table = next(t for t in other["tables"] if t["code"] == raw["code"])
    optional = set(raw.get("optional_rows", ()))
    return {**table, "rows": [{**row, "optional": row["code"] in optional} for row in table["rows"]]}


def _table(raw: Raw) -> FormTable:
    columns = {
        code: FormColumn(
            code,
            tuple(c["labels"]),
            c["label_en"],
            c.get("unit", ""),
            {unit: tuple(headings) for unit, headings in c.get("heading_units", {}).items()},
        )
        for code, c in raw["columns"].items()
    }
    groups = raw.get("groups", {})
    variants = tuple(_table({**raw, "variants": (), **variant}) for variant in raw.get("variants", ()))
    return FormTable(
        code=raw["code"],
        section=raw["section"],
        layout=raw["layout"],
        label_zh=raw["label_zh"],
        label_en=raw["label_en"],
        anchors=tuple(raw["anchors"]),
        columns=columns,
        rows=_rows_of_all(variants) if variants else tuple(_row(r, raw, tuple(columns)) for r in raw["rows"]),
        group_labels=tuple(g["label_zh"] for g in groups.values()),
        heading_lead=tuple(raw.get("heading_lead", ())),
        signatures=tuple(raw.get("signatures", ())),
        variants=variants,
        spanners=tuple(raw.get("spanners", ())),
    )


def _rows_of_all(variants: Iterable[FormTable]) -> tuple[FormRow, ...]:
    """The rows of several variants, each once with the labels of all, and optional: no variant prints every one."""
    found: dict[str, FormRow] = {}
    for row in (row for variant in variants for row in variant.rows):
        labels = found[row.code].labels if row.code in found else ()
        known = found.get(row.code, row)
        found[row.code] = replace(known, labels=tuple(dict.fromkeys(labels + row.labels)), is_optional=True)
    return tuple(found.values())


def _row(raw: Raw, table: Raw, all_columns: tuple[str, ...]) -> FormRow:
    return FormRow(
        code=raw["code"],
        labels=tuple(raw["labels"]),
        label_zh=raw.get("label_zh", raw["labels"][0]),
        label_en=raw["label_en"],
        unit=raw["unit"] if "unit" in raw else table["unit"],
        columns=tuple(raw.get("columns", all_columns)),
        groups=tuple(raw.get("group", ())),
        basis=raw.get("basis", ""),
        is_optional=raw.get("optional", False),
        stands_for=tuple(raw.get("stands_for", ())),
    )
