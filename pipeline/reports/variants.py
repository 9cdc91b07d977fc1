"""Which variant of a table a document prints, and with how many columns of values.

Belongs here: narrowing a table with variants to the rows and columns that its printed text proves. Does not belong
here: reading rows, or tables that every place prints alike.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from pipeline.contract.editions import FormTable
from pipeline.reports.normalise import label_behind_ordinal
from pipeline.reports.patterns import load_patterns


def fit_variant(table: FormTable, header: str) -> FormTable:
    """The variant whose signature the table's text prints, the table itself, with the rows of all, where none does."""
    return next((v for v in table.variants if any(signature in header for signature in v.signatures)), table)


def fit_units(table: FormTable, header: str) -> FormTable:
    """The table with the units that its headings print, where they are others than the form's."""
    columns = dict(table.columns)
    for code, column in table.columns.items():
        printed = [unit for unit, headings in column.heading_units.items() if any(h in header for h in headings)]
        if len(printed) == 1:
            columns[code] = replace(column, unit=printed[0])
    return replace(table, columns=columns) if columns != table.columns else table


def fit_columns(table: FormTable, header: str) -> tuple[FormTable, bool]:
    """The table with the columns that its headings print, and whether these headings are the form's, in its order.

    A table whose variant is unknown has no known headings either: of its rows nobody can say which are missing.
    Headings count only as one unbroken sequence that begins behind the column of labels or units and ends at the first
    row: no column of another kind can stand between them. Where they are others, every column whose heading occurs
    anywhere is kept, so that nothing is read by a number of values that fits by chance.
    """
    first, *further = table.columns
    match = _heading_pattern(table).search(header)
    if match:
        printed = [first, *(code for code in further if match[code])]
    else:
        printed = [first, *(c for c in further if any(label in header for label in table.columns[c].labels))]
    rows = tuple(replace(row, columns=tuple(printed)) for row in table.rows)
    fitted = replace(table, rows=rows, columns={code: table.columns[code] for code in printed})
    return fitted, match is not None and not table.variants


@cache
def _cached_pattern(
    lead: tuple[str, ...], columns: tuple[tuple[str, tuple[str, ...]], ...], rows: tuple[str, ...]
) -> re.Pattern[str]:
    (_, first), *further = columns
    rest = "".join(f"(?P<{code}>{_any_of(labels)})?" for code, labels in further)
    patterns = load_patterns()
    last = f"(?:{patterns.remark_heading})?(?=(?:{patterns.before_first_row})?(?:{_any_of(rows)}))"
    return re.compile(f"(?:{_any_of(lead)})(?:{_any_of(first)}){rest}{last}")


def _heading_pattern(table: FormTable) -> re.Pattern[str]:
    columns = tuple((code, column.labels) for code, column in table.columns.items())
    labels = [label for row in table.rows for label in row.labels]
    groups = [label_behind_ordinal(label) for label in table.group_labels]
    return _cached_pattern(table.heading_lead, columns, (*labels, *groups))


def _any_of(labels: tuple[str, ...]) -> str:
    return "|".join(re.escape(label) for label in sorted(set(labels), key=len, reverse=True))
