"""Which numbers printed in a table of the form the reading accounts for, and which it leaves over.

Belongs here: where a table of the form begins and ends among the vectors of its zone, and counting. Does not belong
here: reading rows (tables.py), or numbers outside the form's tables, which nobody counts.

A number counts as read when a cell holds it or quotes it in doubt, or when it repeats a row that was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.contract.editions import FormTable
from pipeline.issues import Issue, IssueCode
from pipeline.reports.align import Alignment
from pipeline.reports.model import CellState
from pipeline.reports.rows import QUOTED, RowReading, RowState, differs
from pipeline.reports.vectors import Token, Vector

_NUMERIC = frozenset({CellState.REPORTED, CellState.ILLEGIBLE})


@dataclass(frozen=True, slots=True)
class Recall:
    """Numbers printed in a table, how many of them were read, and one issue per place where some were not."""

    printed: int = 0
    read: int = 0
    issues: tuple[Issue, ...] = ()


def measure_recall(
    table: FormTable, rows: Sequence[RowReading], vectors: Sequence[Vector], alignment: Alignment, header: str
) -> Recall:
    """The recall of a table with a label before each row; vectors are those of its zone, header its section's text."""
    taken = {id(reading.vector): i for i, reading in enumerate(rows) if reading.vector is not None}
    places = {i: taken[id(vector)] for i, vector in enumerate(vectors) if id(vector) in taken}
    repeating = _find_repeating(rows, vectors, alignment)
    read = [numbers_of(vectors[i].values) for i in (*places, *repeating)]
    strays = [tokens for i, row in places.items() if (tokens := _strays(rows[row], vectors[i]))]
    unread = [
        (vector.label, tokens)
        for i, vector in enumerate(vectors)
        if i not in places
        and i not in repeating
        and (tokens := numbers_of(vector.values))
        and not _numbers_a_row(i, vectors, places)
        and _is_in_table(i, vectors, places, table, header)
    ]
    issues = [_not_a_column(tokens) for tokens in strays]
    issues += [unread_values(label, tokens) for label, tokens in unread]
    left = sum(map(len, strays)) + sum(len(tokens) for _, tokens in unread)
    printed = sum(map(len, read)) + sum(len(tokens) for _, tokens in unread)
    return Recall(printed, printed - left, tuple(issues))


def recall_of_one_row(found: Vector | None, vectors: Sequence[Vector]) -> Recall:
    """The recall of a table of one printed row: found is that row; where there is none, its zone holds nothing else."""
    if found is not None:
        printed = sum(len(numbers_of(v.values)) for v in vectors if v is found or len(v.values) == len(found.values))
        return Recall(printed, printed)
    unread = [(vector.label, tokens) for vector in vectors if (tokens := numbers_of(vector.values))]
    issues = tuple(unread_values(label, tokens) for label, tokens in unread)
    return Recall(sum(len(tokens) for _, tokens in unread), 0, issues)


def numbers_of(tokens: Iterable[Token]) -> list[Token]:
    """The tokens that are numbers, those that cannot be read as exactly one included."""
    return [token for token in tokens if token.printed.state in _NUMERIC]


def unread_values(label: str, tokens: Sequence[Token]) -> Issue:
    """The issue of numbers that no row of the form took."""
    message = f"values {_quote(tokens)!r} after {label[-20:]!r} belong to no row of the form"
    return Issue(IssueCode.VALUES_UNREAD, message, str(tokens[0].locator))


def _find_repeating(rows: Sequence[RowReading], vectors: Sequence[Vector], alignment: Alignment) -> frozenset[int]:
    """Vectors that print a row once more: the same values, or as many others, which put the row in doubt."""
    return frozenset(
        i
        for row, indexes in alignment.repeated.items()
        for i in indexes
        if (vector := rows[row].vector) is not None
        and vector is not vectors[i]
        and _repeats(vectors[i], vector, len(rows[row].row.columns))
    )


def _repeats(vector: Vector, first: Vector, width: int) -> bool:
    return len(vector.values) == width or not differs(vector, first)


def _strays(reading: RowReading, vector: Vector) -> list[Token]:
    """The numbers of a row's vector that none of its cells holds; a row in doubt is refused as a whole."""
    is_cut_apart = any(cell.method == "sums" for cell in reading.cells)
    if reading.state is not RowState.PLACED or is_cut_apart or len(vector.values) <= len(reading.cells):
        return []
    held = {cell.locator for cell in reading.cells}
    return [token for token in numbers_of(vector.values) if str(token.locator) not in held]


def _numbers_a_row(index: int, vectors: Sequence[Vector], places: dict[int, int]) -> bool:
    """Whether it is the number of a row, printed before the row's label, and none of its values."""
    return not vectors[index].label and index + 1 in places and vectors[index + 1].item == vectors[index].item


def _is_in_table(index: int, vectors: Sequence[Vector], places: dict[int, int], table: FormTable, header: str) -> bool:
    """Whether a vector stands in the table: between its first and last row, or where a row of its grid is missing.

    Of a table without any known row, only a grid under the table's own headings is part.
    """
    grid = vectors[index].grid
    if not places:
        return grid >= 0 and any(anchor in header for anchor in table.anchors)
    first, last = min(places), max(places)
    if first < index < last:
        return True
    due = [row for row, form_row in enumerate(table.rows) if not form_row.is_optional]
    if grid < 0 or not due:
        return False
    if index > last:
        return grid == vectors[last].grid and max(places.values()) < due[-1]
    return grid == vectors[first].grid and min(places.values()) > due[0]


def _not_a_column(tokens: Sequence[Token]) -> Issue:
    message = f"values {_quote(tokens)!r} stand behind a row whose columns all have theirs"
    return Issue(IssueCode.VALUES_UNREAD, message, str(tokens[0].locator))


def _quote(tokens: Sequence[Token]) -> str:
    return " ".join(token.raw.strip() for token in tokens)[:QUOTED]
