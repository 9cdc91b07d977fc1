"""Which printed column is which column of the form.

Belongs here: the evidence for it (the header's words and their order, the header cells' columns, the columns of
complete rows), and placing one row's values by it. A row whose values cannot be placed beyond doubt is not placed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from rapidfuzz import fuzz

from pipeline.contract.editions import FormRow, FormTable
from pipeline.issues import Issue, IssueCode
from pipeline.reports.align import Alignment
from pipeline.reports.normalise import compact_label
from pipeline.reports.vectors import Stream, Token, Vector

# A grid's number and the column codes of a row: rows of one table may have different columns
GridRow = tuple[int, tuple[str, ...]]
# Rows of more columns end in their sum
LARGEST_UNSUMMED = 3

_LONGEST_HEADING = 30
_LEAST_SIMILARITY = 75
# Labels this short occur by chance inside others and decide nothing about order
_LEAST_LABEL = 3


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """trusted: the header prints the form's columns in the form's order, is_complete: and all of them.

    of_grid: for a grid and the columns of a row of the form, where in the grid their values stand. lengths: how many
    cells the rows of that kind print after their label, when they all print equally many.
    """

    trusted: bool
    is_complete: bool = True
    of_grid: Mapping[GridRow, tuple[int, ...]] = field(default_factory=dict)
    lengths: Mapping[GridRow, int] = field(default_factory=dict)
    true_grids: frozenset[int] = frozenset()
    issues: tuple[Issue, ...] = ()


def read_columns(
    table: FormTable,
    vectors: Sequence[Vector],
    alignment: Alignment | None,
    stream: Stream,
    header: str,
    *,
    is_known: bool = False,
) -> ColumnReading:
    """What is known of the columns of one table in one document.

    is_known: for a table whose headings tell how many columns it has, whether they are the form's (variants.py).
    """
    trusted = is_known if table.heading_lead else _header_is_in_order(table, header)
    trusted = trusted and not _is_reordered(table, vectors, stream)
    issues: tuple[Issue, ...] = ()
    if not trusted and vectors:
        message = f"{table.code}: the column headings are not those of the form, or stand in another order"
        issues = (Issue(IssueCode.HEADER_UNRECOGNISED, message, str(vectors[0].tokens[0].locator)),)
    of_grid: dict[GridRow, tuple[int, ...]] = {}
    lengths: dict[GridRow, int] = {}
    for index, (position, _) in (alignment.rows if alignment else {}).items():
        codes, vector = table.rows[index].columns, vectors[position]
        _note_full_row(of_grid, vector, codes)
        key = (vector.grid, codes)
        lengths[key] = len(vector.tokens) if lengths.get(key, len(vector.tokens)) == len(vector.tokens) else 0
    # The header's own columns outrank a consensus of rows, where a table has true columns
    of_grid |= _header_columns(table, stream)
    is_complete = table.layout != "one_row" or _repeats_completely(table, header)
    return ColumnReading(trusted, is_complete, of_grid, lengths, stream.true_grids, issues)


def place_tokens(row: FormRow, vector: Vector, columns: ColumnReading) -> tuple[Token, ...] | None:
    """The row's tokens in the form's column order; None when they cannot be placed beyond doubt."""
    width, values = len(row.columns), vector.values
    if vector.grid < 0:
        return _place_in_line(width, values)
    key = (vector.grid, row.columns)
    known = columns.of_grid.get(key, ())
    if width > 1 and known and vector.grid in columns.true_grids:
        return _place_by_column(vector, known) or (values if len(values) == width and _adds_up(values) else None)
    if len(values) == width:
        return values
    if not values:
        return _all_blank(vector.tokens, width)
    if len(values) > width:
        return None
    return _place_with_gaps(width, vector, known, columns.lengths.get(key, 0))


def _place_with_gaps(width: int, vector: Vector, known: tuple[int, ...], length: int) -> tuple[Token, ...] | None:
    """A row with blanks where only separators tell columns apart: spare separators make blanks that nobody printed.

    It is placed only when all rows of its kind have equally many cells, and these are either exactly the form's, or a
    complete row shows which of them are.
    """
    if length != len(vector.tokens):
        return None
    return vector.tokens if length == width else _place_by_column(vector, known)


def _place_in_line(width: int, values: tuple[Token, ...]) -> tuple[Token, ...] | None:
    """Values in a run of text: exactly as many as the form has, or a first line that adds up and a stray number.

    Over several lines a page number or the next row's number may have taken the place of a blank, unless they add up.
    """
    if len(values) == width:
        is_own = width <= LARGEST_UNSUMMED or values[0].item == values[-1].item or _may_add_up(values)
        return values if is_own else None
    first_line = tuple(t for t in values if t.item == values[0].item) if values else ()
    if width > LARGEST_UNSUMMED and len(first_line) == width and _adds_up(first_line):
        return first_line
    return None


def _adds_up(tokens: Sequence[Token]) -> bool:
    numbers = [t.printed.value for t in tokens]
    known = [n for n in numbers if n is not None]
    return len(known) == len(numbers) and sum(known[:-1]) == known[-1]


def _may_add_up(tokens: Sequence[Token]) -> bool:
    """Whether the last number is the sum of those before it, marks left out; a mark in its place says nothing."""
    *parts, total = [t.printed.value for t in tokens]
    return total is None or sum(n for n in parts if n is not None) == total


def _place_by_column(vector: Vector, known: tuple[int, ...]) -> tuple[Token, ...] | None:
    if not known:
        return None
    if tuple([t.column for t in vector.values]) == known and all(t.span == 1 for t in vector.tokens):
        return vector.values
    by_column = {column: t for t in vector.tokens for column in range(t.column, t.column + t.span)}
    stands_alone = all(sum(t.column <= c < t.column + t.span for c in known) == 1 for t in vector.values)
    if not stands_alone or any(column not in by_column for column in known):
        return None
    return tuple(by_column[column] for column in known)


def _all_blank(tokens: tuple[Token, ...], width: int) -> tuple[Token, ...]:
    """A printed row without any value: as many blanks as the form has columns, wherever the separators put them."""
    return tuple(tokens[min(i, len(tokens) - 1)] for i in range(width))


def _note_full_row(of_grid: dict[GridRow, tuple[int, ...]], vector: Vector, codes: tuple[str, ...]) -> None:
    if vector.grid < 0 or len(vector.values) != len(codes):
        return
    columns = tuple(t.column for t in vector.values)
    key = (vector.grid, codes)
    # Rows that are complete but shifted against each other tell nothing about a row with gaps
    of_grid[key] = columns if of_grid.get(key, columns) == columns else ()


def _header_columns(table: FormTable, stream: Stream) -> dict[GridRow, tuple[int, ...]]:
    """The columns under the form's headings, for grids with true columns whose cells print all of them."""
    found = {}
    for key, columns in _printed_columns(table, stream):
        if list(columns) == sorted(set(columns)):
            found[key] = columns
    return found


def _is_reordered(table: FormTable, vectors: Sequence[Vector], stream: Stream) -> bool:
    """Whether the headings of a grid stand right above the values of one of its rows, yet not in the form's order."""
    for (grid, _), columns in _printed_columns(table, stream):
        above = set(columns)
        is_permuted = len(above) == len(columns) and list(columns) != sorted(columns)
        if is_permuted and any(v.grid == grid and above <= {t.column for t in v.values} for v in vectors):
            return True
    return False


def _printed_columns(table: FormTable, stream: Stream) -> Iterator[tuple[GridRow, tuple[int, ...]]]:
    """The column of each heading of a kind of row, in the form's order, where a grid's cells print all of them."""
    groups = {row.columns for row in table.rows if len(row.columns) > 1}
    for grid, headings in _short_cells(stream).items():
        for codes in groups:
            names = [table.columns[code].labels for code in codes]
            columns = [next((headings[n] for n in labels if n in headings), -1) for labels in names]
            if min(columns) >= 0:
                yield (grid, codes), tuple(columns)


def _short_cells(stream: Stream) -> dict[int, dict[str, int]]:
    """Per grid with true columns: the text of each cell short enough for a heading → the column it first stands in."""
    by_grid: dict[int, dict[str, int]] = {}
    for item in stream.items:
        if item.cells and item.grid in stream.true_grids:
            first = by_grid.setdefault(item.grid, {})
            for cell in item.cells:
                if len(cell.text) <= _LONGEST_HEADING:
                    first.setdefault(compact_label(cell.text), cell.column)
    return by_grid


def _header_is_in_order(table: FormTable, header: str) -> bool:
    """Whether enough of the form's column headings are printed, and all that are stand in the form's order."""
    if table.layout == "one_row":
        return _repeats_in_order(table, header)
    groups = {row.columns for row in table.rows if len(row.columns) > 1}
    return all(_found_in_order([table.columns[code].labels for code in codes], header) for codes in groups)


def _found_in_order(labels: Sequence[tuple[str, ...]], header: str) -> bool:
    positions = []
    for names in labels:
        if len(names[0]) >= _LEAST_LABEL:
            places = [place for name in names if (place := _find(name, header)) is not None]
            positions.append(min(places) if places else None)
    known = [p for p in positions if p is not None]
    return len(known) * 2 > len(positions) and known == sorted(known)


def _find(label: str, header: str) -> int | None:
    place = header.find(label)
    if place >= 0:
        return place
    close = fuzz.partial_ratio_alignment(label, header, score_cutoff=_LEAST_SIMILARITY)
    return close.dest_start if close and len(header) >= len(label) else None


def _repeats_in_order(table: FormTable, header: str) -> bool:
    """Whether the captions of all rows are printed in order, and most headings under them, none out of order.

    The sum's heading is left out: it spans two lines of the header and may be read before the others.
    """
    captions = [header.find(row.labels[0]) for row in table.rows]
    if min(captions) < 0 or captions != sorted(captions):
        return False
    *parts, total = _headings(table)
    if _sequence(table, header) == [total, *parts] * len(table.rows):
        return False
    expected = parts * len(table.rows)
    printed = [name for name in _sequence(table, header) if name in expected]
    rest = iter(expected)
    return len(printed) * 3 >= len(expected) * 2 and all(name in rest for name in printed)


def header_repeats(table: FormTable, header: str) -> bool:
    """Whether the captions of all rows stand in order, and all headings, once for all rows or once for each of them."""
    # The last time each is printed: the section's own heading names the first row too
    captions = [header.rfind(row.labels[0]) for row in table.rows]
    is_in_order = min(captions) >= 0 and captions == sorted(captions)
    return is_in_order and _sequence(table, header) in [_headings(table) * n for n in (1, len(table.rows))]


def _repeats_completely(table: FormTable, header: str) -> bool:
    return _sequence(table, header) == _headings(table) * len(table.rows)


def _headings(table: FormTable) -> list[str]:
    return list(table.columns)


def _sequence(table: FormTable, header: str) -> list[str]:
    """The codes of the columns whose headings are printed, in printed order."""
    codes = {label: code for code, column in table.columns.items() for label in column.labels}
    return [codes[label] for label in _any_label(tuple(codes)).findall(header)]


@cache
def _any_label(labels: tuple[str, ...]) -> re.Pattern[str]:
    """One of the labels, the longest that fits."""
    return re.compile("|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True)))
