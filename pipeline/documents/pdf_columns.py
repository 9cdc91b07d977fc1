"""Rows of numbers below each other, and the columns they stand in, in tables without borders.

Belongs here: finding them by nothing but where numbers stand. Does not belong here: the words around them
(pdf_borderless.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.documents.grid import MAX_COLUMNS
from pipeline.documents.pdf_pieces import SAME_LEVEL, Piece, PieceLine

# With fewer numbers, a row may as well be a sentence
_FEWEST_COLUMNS = 4
# More rows than a page has room for
_MOST_ROWS = 200
# In ems: numbers and marks of different fonts on one line stand this much higher or lower at most
_ONE_ROW = 0.25
Column = tuple[float, float]


@dataclass(frozen=True, slots=True)
class NumberBlock:
    """Rows from the top down, their numbers from the left, and the columns, as far as the numbers reach in points."""

    rows: tuple[tuple[Piece, ...], ...]
    columns: tuple[Column, ...]

    @property
    def heights(self) -> list[float]:
        """The baseline of each row."""
        return [row[0].baseline for row in self.rows]

    def find_column(self, piece: Piece) -> int:
        """The column of a number of the block."""
        return next(i for i, column in enumerate(self.columns) if _overlap(piece, column))

    def estimate_edges(self) -> tuple[float, ...]:
        """The left edge of each column: the same on every page of a table, whatever numbers the page prints.

        What does not move from row to row, be it the left ends, the middles or the right ends of the numbers, tells.
        """
        placed = [[p for row in self.rows for p in row if _overlap(p, column)] for column in self.columns]
        lefts = [[p.left for p in pieces] for pieces in placed]
        rights = [[p.right for p in pieces] for pieces in placed]
        middles = [[(p.left + p.right) / 2 for p in pieces] for pieces in placed]
        spread = [sum(max(xs) - min(xs) for xs in ends) for ends in (lefts, middles, rights)]
        kind = spread.index(min(spread))
        points = [min(xs) for xs in (lefts, middles, rights)[kind]]
        if kind == 0:
            return tuple(points)
        before = [points[0] - (points[1] - points[0]), *points]
        return tuple(b + (p - b) / 2 if kind == 1 else b for b, p in pairwise(before))


def find_blocks(lines: Sequence[PieceLine], em: float) -> Iterator[NumberBlock]:
    """The blocks of four or more columns, from the top down; words over the columns end a block.

    Some row of a block fills all its columns, and no row has two numbers in one.
    """
    block: NumberBlock | None = None
    for line in lines:
        values = line.values
        longer = _add_row(block, values, em) if block else None
        if longer is not None and not _reaches_over(line, longer, len(values), em):
            block = longer
        elif block is None or _reaches_over(line, block, 0, em):
            if block is not None:
                yield from _check(block)
            block = _begin(values)
    if block is not None:
        yield from _check(block)


def _begin(values: tuple[Piece, ...]) -> NumberBlock | None:
    if not _FEWEST_COLUMNS <= len(values) <= MAX_COLUMNS:
        return None
    return NumberBlock((values,), tuple((piece.left, piece.right) for piece in values))


def _check(block: NumberBlock) -> Iterator[NumberBlock]:
    if max(map(len, block.rows)) == len(block.columns):
        yield block


def _add_row(block: NumberBlock, values: tuple[Piece, ...], em: float) -> NumberBlock | None:
    """The block with one more row, None where the numbers do not stand in its columns."""
    if not values or len(block.rows) == _MOST_ROWS:
        return None
    columns = _merge_columns(block.columns, values)
    rows = [*block.rows, values]
    if block.heights[-1] - values[0].baseline <= _ONE_ROW * em:
        rows[-2:] = [tuple(sorted((*block.rows[-1], *values), key=lambda p: p.left))]
    has_new_columns = len(columns) > len(block.columns)
    if len(columns) > MAX_COLUMNS or (has_new_columns and len(values) < _FEWEST_COLUMNS):
        return None
    if not all(_is_apart(row, columns) for row in (rows if columns != block.columns else rows[-1:])):
        return None
    return replace(block, rows=tuple(rows), columns=columns)


def _merge_columns(columns: Sequence[Column], values: Sequence[Piece]) -> tuple[Column, ...]:
    merged: list[Column] = []
    for left, right in sorted([*columns, *((piece.left, piece.right) for piece in values)]):
        if merged and left < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], right))
        else:
            merged.append((left, right))
    return tuple(merged)


def _is_apart(row: Sequence[Piece], columns: Sequence[Column]) -> bool:
    """Whether each number of a row has a column of its own."""
    taken = [i for piece in row for i, column in enumerate(columns) if _overlap(piece, column)]
    return len(taken) == len(set(taken)) == len(row)


def _reaches_over(line: PieceLine, block: NumberBlock, value_count: int, em: float) -> bool:
    """Whether anything on a line but its last `value_count` pieces stands over the columns of the block."""
    words = line.pieces[: len(line.pieces) - value_count]
    return any(piece.right > block.columns[0][0] + SAME_LEVEL * em for piece in words)


def _overlap(piece: Piece, column: Column) -> bool:
    return piece.left < column[1] and column[0] < piece.right
