"""Tables that go on over pages: two parts with the same column edges become one table.

Belongs here: which parts belong together, repeated header rows, a row and a tall label cut by the page's end.
Does not belong here: what a row means. Where it is in doubt whether two rows are one, they stay two.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from pipeline.documents.pdf_rulings import pair_edges
from pipeline.documents.pdf_tables import PrintedCell, PrintedTable, is_number

# Heights of a character: with more room than this in its last line, a label was not wrapped there
_WRAPPED_ROOM = 3.0
# In shorter rows, a row of its own without numbers is too likely
_FEWEST_NUMBERS = 4
_OPENING_MARKS = ("Ps", "Pi")

Columns = tuple[int, int]


def stitch_tables(upper: PrintedTable, lower: PrintedTable) -> PrintedTable | None:
    """One table of two parts, the lower one at the top of the next page; None when their columns differ."""
    edges = pair_edges(upper.edges, lower.edges)
    if edges is None or lower.first_page != upper.last_page + 1:
        return None
    upper = _widen(upper, edges)
    lower = _drop_repeated_rows(upper, _widen(lower, edges))
    if not lower.row_count:
        return replace(upper, last_page=lower.last_page)
    joined = _join_cut_row(upper, lower)
    shift = upper.row_count - (1 if joined else 0)
    above = {c.columns: c for c in upper.cells if c.row + c.row_span == upper.row_count}
    merged: dict[Columns, PrintedCell] = dict(joined)
    below: list[PrintedCell] = []
    for cell in lower.cells:
        if cell.row == 0 and cell.columns in joined:
            continue
        if cell.row == 0 and cell.columns in above and _is_continued(above[cell.columns], cell):
            tall = above[cell.columns]
            merged[cell.columns] = replace(tall, text=tall.text + cell.text, row_span=shift + cell.row_span - tall.row)
        else:
            below.append(replace(cell, row=cell.row + shift))
    kept = [merged.get(c.columns, c) if above.get(c.columns) is c else c for c in upper.cells]
    return PrintedTable(
        (*kept, *below), shift + lower.row_count, tuple(edges), upper.first_page, lower.last_page, upper.top
    )


def _widen(table: PrintedTable, edges: Sequence[float]) -> PrintedTable:
    """The same table on the columns of both parts."""
    place = [min(range(len(edges)), key=lambda i, at=at: abs(edges[i] - at)) for at in table.edges]  # type: ignore[misc]
    if place == list(range(len(edges))):
        return replace(table, edges=tuple(edges))
    cells = (
        replace(c, column=place[c.column], column_span=place[c.column + c.column_span] - place[c.column])
        for c in table.cells
    )
    return replace(table, cells=tuple(cells), edges=tuple(edges))


def _drop_repeated_rows(upper: PrintedTable, lower: PrintedTable) -> PrintedTable:
    """The lower part without the header rows that word processors print again at the top of each page."""
    count = 0
    for rows in range(1, min(upper.row_count, lower.row_count) + 1):
        if _first_rows(upper, rows) != _first_rows(lower, rows):
            break
        count = rows
    cut = any(c.row < count < c.row + c.row_span for c in lower.cells)
    if not count or cut or any(_has_digit(c.text) for c in lower.cells if c.row < count):
        return lower
    cells = (replace(c, row=c.row - count) for c in lower.cells if c.row >= count)
    return replace(lower, cells=tuple(cells), row_count=lower.row_count - count)


def _first_rows(table: PrintedTable, count: int) -> list[tuple[str, int, int, int, int]]:
    return [(c.text, c.row, c.row_span, c.column, c.column_span) for c in table.cells if c.row < count]


def _join_cut_row(upper: PrintedTable, lower: PrintedTable) -> dict[Columns, PrintedCell]:
    """The cells of the row that the page break cuts, by columns; empty when no row is cut, or none for certain.

    One half has all the numbers, several of them unless every label has an ordinal, so that one without is no row's.
    The other half has the rest of the label, to which the full last line of the first half leads, or the first half is
    the label and the second the numbers.
    """
    first = {c.columns: c for c in upper.cells if c.row + c.row_span == upper.row_count}
    second = {c.columns: c for c in lower.cells if c.row == 0}
    if first.keys() != second.keys():
        return {}
    flat = [key for key in first if first[key].row_span == second[key].row_span == 1]
    if any(not _is_continued(first[key], second[key]) for key in first if key not in flat):
        return {}
    pairs = [(first[key], second[key]) for key in flat]
    numbers = [sum(1 for pair in pairs if is_number(pair[half].text)) for half in (0, 1)]
    enough = 1 if _number_their_labels(upper) and _number_their_labels(lower) else _FEWEST_NUMBERS
    if min(numbers) or max(numbers) < enough or not all(_fit(*pair) for pair in pairs):
        return {}
    wrapped = any(one.text and other.text for one, other in pairs)
    unlabelled = (
        not numbers[0] and all(not b.text or is_number(b.text) for _, b in pairs) and any(a.text for a, _ in pairs)
    )
    if not wrapped and not unlabelled:
        return {}
    return {key: _join_cells(first[key], second[key], lower_numbers=bool(numbers[1])) for key in flat}


def _number_their_labels(table: PrintedTable) -> bool:
    """Whether there are rows with numbers, and each of them has a label that begins like an item of a list."""
    rows: dict[int, list[PrintedCell]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cell)
    numbered = [cells for cells in rows.values() if any(is_number(c.text) for c in cells)]
    labels = [[c.text for c in cells if c.text and not is_number(c.text)][-1:] for cells in numbered]
    return bool(labels) and all(label and _begins_with_ordinal(label[0]) for label in labels)


def _fit(one: PrintedCell, other: PrintedCell) -> bool:
    """Whether two halves of a cell can be one: a half is empty, or the text of the first was wrapped at its end."""
    if not one.text or not other.text:
        return True
    is_words = not is_number(one.text) and not is_number(other.text)
    return is_words and one.room < _WRAPPED_ROOM and not _begins_with_ordinal(other.text)


def _join_cells(one: PrintedCell, other: PrintedCell, lower_numbers: bool) -> PrintedCell:
    # A number keeps the place where it is printed
    source = other if lower_numbers and is_number(other.text) else one
    return replace(source, text=one.text + other.text, row=one.row, row_span=1)


def _is_continued(one: PrintedCell, other: PrintedCell) -> bool:
    """Whether a tall label cell above the page break goes on below it."""
    tall = one.row_span > 1 or other.row_span > 1
    words = not _has_digit(one.text) and not _has_digit(other.text)
    return tall and words and not _begins_with_ordinal(other.text)


def _begins_with_ordinal(text: str) -> bool:
    """Whether text begins like an item of a list: a numeral, Chinese ones included, and a mark after it."""
    rest = text.lstrip()
    while rest and unicodedata.category(rest[0]) in _OPENING_MARKS:
        rest = rest[1:]
    after = rest
    while after and unicodedata.numeric(after[0], None) is not None:
        after = after[1:]
    return after != rest and unicodedata.category(after[0] if after else ".").startswith("P")


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)
