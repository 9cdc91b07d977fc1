"""Spans to positions: where each cell of a table stands once row and column spans are laid out.

Belongs here: the occupancy algorithm that browsers use, shared by every reader whose format has spans.
Does not belong here: finding the cells (the readers do), and dropping rows or columns: what is printed stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.documents.model import Cell, Grid, Locator

MAX_COLUMNS = 64
MAX_ROWS = 2_000
MAX_CELLS = 100_000


class SpanCell(NamedTuple):
    """One cell as a format states it: its text and how far it claims to reach (spans of at least 1)."""

    text: str
    row_span: int = 1
    column_span: int = 1


class GridLimitError(ValueError):
    """A table is larger than any form; the message says which limit. The table is skipped whole, never cut."""


def expand_rows(rows: Sequence[Sequence[SpanCell]], page: int = 0, table: int = 0) -> Grid:
    """Lay rows of cells out as a Grid: each cell once, at its origin, locators `P T R C` counted from 1.

    A span that reaches below the last row ends there, and one that reaches into a cell from a row above stops before
    it, though the cells after it still begin where the full span would have ended, as in a browser. So cells never
    overlap, while positions can stay empty. Raises GridLimitError above 64 columns, 2,000 rows or 100,000 positions.
    """
    _check_limit("rows", len(rows), MAX_ROWS)
    cells: list[Cell] = []
    busy_until: dict[int, int] = {}
    width = 0
    for row, printed in enumerate(rows):
        column = 0
        for cell in printed:
            text, row_span, column_span = cell
            while busy_until.get(column, 0) > row:
                column += 1
            # Also when the cells are many and narrow: no row may grow past the limit unnoticed
            after = column + column_span
            if after > MAX_COLUMNS:
                _check_limit("columns", after, MAX_COLUMNS)
            if column_span > 1:
                column_span = _free_columns(busy_until, row, column, column_span)
            if row_span > 1:
                row_span = min(row_span, len(rows) - row)
                busy_until.update(dict.fromkeys(range(column, column + column_span), row + row_span))
            cells.append(Cell(text, row, column, Locator(page, table, row + 1, column + 1), row_span, column_span))
            width = max(width, column + column_span)
            column = after
    _check_limit("cells", len(rows) * width, MAX_CELLS)
    return Grid(tuple(cells), len(rows), width)


def _free_columns(busy_until: dict[int, int], row: int, column: int, claimed: int) -> int:
    free = 1
    while free < claimed and busy_until.get(column + free, 0) <= row:
        free += 1
    return free


def _check_limit(what: str, found: int, limit: int) -> None:
    if found > limit:
        raise GridLimitError(f"{found} {what}, the limit is {limit}")
