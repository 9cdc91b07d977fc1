"""Rows of cells in plain text: lines with tabs, Markdown rows, and rows in which a pipe ends each cell.

Belongs here: telling such lines from prose, and a run of them to one Grid. Does not belong here: the prose (text.py)
and true columns: separators are often missing or shifted, so every Grid made here has has_true_columns=False.

Three conventions of pipes occur, and a run of rows is read by the one most of its rows show:
- bordered, `|a|b|`: a pipe before the first cell and one after the last, neither of which makes a cell of its own;
- terminated, `a | b |`: each pipe ends a cell, as pages give it when copied as text, so `|||` is three blank cells;
- one cell a line, `a |` then `0 |` then `|`: as terminated, but line ends tell nothing about where a row of the table
  ends. Such a run becomes a Grid of ONE row with all its cells in order.
A printed cell with nothing in it is a Cell with text '', placed at its separator; where no separator stands there is
no Cell. So a blank cell and no cell stay different things.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from pipeline.documents.grid import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from pipeline.documents.model import Cell, Grid, Locator
from pipeline.documents.whitespace import trim_span

# One cell before its row and column are known: what it prints and where
_Piece = tuple[str, Locator]

_MIN_DASHES = 3
_MIN_INNER_PIPES = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: its number from 1 and its characters without the line end."""

    number: int
    raw: str


class LineKind(Enum):
    """What a line is by its separators; INNER_PIPES is a row only beside other rows, LONE_PIPE ends a cell."""

    TEXT = "text"
    TABS = "tabs"
    PIPES = "pipes"
    INNER_PIPES = "inner_pipes"
    LONE_PIPE = "lone_pipe"


def classify_line(raw: str) -> LineKind:
    """The kind of a line. A single tab before the only words of a line is an indented paragraph, not a row."""
    start, end = trim_span(raw, 0, len(raw))
    printed = raw[start:end]
    if printed == "|":
        return LineKind.LONE_PIPE
    if printed.startswith("|") or printed.endswith("|"):
        return LineKind.PIPES
    if "\t" in raw:
        indented = raw.count("\t") == 1 and "\t" in raw[:start] and printed
        return LineKind.TEXT if indented else LineKind.TABS
    return LineKind.INNER_PIPES if "|" in printed else LineKind.TEXT


def has_many_inner_pipes(raw: str) -> bool:
    """Whether a line with pipes only between words has enough of them to be a row with no other row beside it."""
    return raw.count("|") >= _MIN_INNER_PIPES


def is_markdown_rule(raw: str) -> bool:
    """Whether the line is the dashes under a Markdown header, which print nothing."""
    if "|" not in raw:
        return False
    pieces = [piece.strip(" \t:") for piece in raw.strip().strip("|").split("|")]
    return all(len(piece) >= _MIN_DASHES and set(piece) == {"-"} for piece in pieces)


def read_run(lines: Sequence[Line], kind: LineKind) -> Grid | None:
    """One run of rows as a Grid; None when the run is no table but paragraphs with a stray tab at one end.

    `kind` is TABS or PIPES. A line without any separator in a run of pipes is one cell (its pipe stood alone on the
    next line). Columns count from 0 within a row, rows from 0 within the run, locators point into the line.
    """
    if kind is LineKind.TABS:
        rows = [_split_cells(line, "\t") for line in lines]
        return _build_grid(rows) if any((_filled(row) and len(row) > 2) or _filled(row) > 1 for row in rows) else None
    lines = [line for line in lines if not is_markdown_rule(line.raw)]
    if _is_bordered(lines):
        return _build_grid([_split_bordered(line) for line in lines])
    rows = [_split_terminated(line) for line in lines]
    if all(len(row) == 1 or not _filled(row) for row in rows):
        rows = [[cell for row in rows for cell in row]]
    return _build_grid(rows)


def find_excess(lines: Sequence[Line], kind: LineKind) -> str:
    """Which limit a run of rows breaks, '' when none; counted without taking the lines apart."""
    separator = "\t" if kind is LineKind.TABS else "|"
    widths = [line.raw.count(separator) + 1 for line in lines]
    if max(widths) > MAX_COLUMNS:
        return f"{max(widths)} cells in one row, the limit is {MAX_COLUMNS}"
    if len(lines) > MAX_ROWS:
        return f"{len(lines)} rows, the limit is {MAX_ROWS}"
    return f"{sum(widths)} cells, the limit is {MAX_CELLS}" if sum(widths) > MAX_CELLS else ""


def _is_bordered(lines: Sequence[Line]) -> bool:
    """Whether more of the rows that print something begin with a pipe than without one."""
    printed = [line.raw.strip() for line in lines if line.raw.strip(" \t|")]
    led = sum(text.startswith("|") for text in printed)
    return led > 0 and led * 2 >= len(printed)


def _split_bordered(line: Line) -> list[_Piece]:
    cells = _split_terminated(line)
    if len(cells) > 1 and not cells[0][0]:
        cells.pop(0)
    return cells


def _split_terminated(line: Line) -> list[_Piece]:
    cells = _split_cells(line, "|")
    if len(cells) > 1 and not cells[-1][0]:
        cells.pop()
    return cells


def _split_cells(line: Line, separator: str) -> list[_Piece]:
    """What stands between separators, with its place in the line."""
    cells = []
    begin = 0
    for piece in line.raw.split(separator):
        finish = begin + len(piece)
        start, end = trim_span(line.raw, begin, finish)
        if start == end:
            # The separator that ends the blank cell, or the one before it where the line ends first
            mark = finish + 1 if finish < len(line.raw) else begin
            place = Locator(line=line.number, start=mark, end=mark)
        else:
            place = Locator(line=line.number, start=start + 1, end=end)
        cells.append((line.raw[start:end], place))
        begin = finish + 1
    return cells


def _filled(row: Sequence[_Piece]) -> int:
    return sum(bool(text) for text, _ in row)


def _build_grid(rows: Sequence[Sequence[_Piece]]) -> Grid:
    cells = tuple(
        Cell(text, row, column, place)
        for row, printed in enumerate(rows)
        for column, (text, place) in enumerate(printed)
    )
    return Grid(cells, len(rows), max((len(row) for row in rows), default=0), has_true_columns=False)
