"""The words above columns of numbers to rows of headings, in tables without borders.

Belongs here: which words are the heading of which column. Does not belong here: where the columns are
(pdf_columns.py), what a heading says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.documents.pdf_columns import Column
from pipeline.documents.pdf_pieces import SAME_LEVEL, Piece, list_steps

# Lines of headings over one column: more is a text
_MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading: the first and the number of the columns it stands over, and its lines from the top down."""

    column: int
    column_span: int
    lines: tuple[Piece, ...]


def read_headings(pieces: Sequence[Piece], columns: Sequence[Column], em: float) -> list[list[Heading]]:
    """Rows of headings from the top down, the last one with a heading for each column; [] where one is missing.

    The lowest words over a column alone are its heading, as far up as they are one cell.
    """
    if len(pieces) > _MOST_LINES * len(columns):
        return []
    step = min(list_steps(pieces, em), default=0.0) + SAME_LEVEL * em
    stacks, rest = _stack(pieces)
    if len(stacks) != len(columns):
        return []
    lowest = [Heading(column, 1, tuple(_take_cell(stack, step))) for column, stack in enumerate(stacks)]
    if any(not _stands_over(heading, columns) for heading in lowest):
        return []
    rest.extend(p for heading, stack in zip(lowest, stacks, strict=True) for p in stack if p not in heading.lines)
    return [*_read_rows(rest, stacks, em), lowest]


def _stack(pieces: Sequence[Piece]) -> tuple[list[list[Piece]], list[Piece]]:
    """Pieces over each other, from the bottom up, in stacks from the left; and those that stand over several stacks."""
    stacks: list[list[Piece]] = []
    wide: list[Piece] = []
    for piece in sorted(pieces, key=lambda p: p.baseline):
        below = [stack for stack in stacks if any(_overlap(piece, other) for other in stack)]
        if not below:
            stacks.append([piece])
        elif len(below) == 1:
            below[0].append(piece)
        else:
            wide.append(piece)
    return sorted(stacks, key=lambda stack: stack[0].left), wide


def _stands_over(heading: Heading, columns: Sequence[Column]) -> bool:
    """Whether a heading is between the numbers of the columns on both sides of its own."""
    before = columns[heading.column - 1][1] if heading.column else -math.inf
    behind = columns[heading.column + 1][0] if heading.column + 1 < len(columns) else math.inf
    return all(before < p.left and p.right < behind for p in heading.lines)


def _overlap(one: Piece, other: Piece) -> bool:
    return one.left < other.right and other.left < one.right


def _take_cell(upward: Sequence[Piece], step: float) -> list[Piece]:
    """The lines of the lowest cell, from the top down."""
    lines = [upward[0]]
    for piece in upward[1:]:
        if piece.baseline - lines[0].baseline > step:
            break
        lines.insert(0, piece)
    return lines


def _read_rows(rest: Sequence[Piece], stacks: Sequence[Sequence[Piece]], em: float) -> Iterator[list[Heading]]:
    """Headings over others, one row for each height."""
    row: list[Heading] = []
    for piece in sorted(rest, key=lambda p: (-p.baseline, p.left)):
        if row and row[0].lines[0].baseline - piece.baseline > SAME_LEVEL * em:
            yield row
            row = []
        over = [column for column, stack in enumerate(stacks) if any(_overlap(piece, p) for p in stack)]
        row.append(Heading(over[0], over[-1] - over[0] + 1, (piece,)))
    if row:
        yield row
