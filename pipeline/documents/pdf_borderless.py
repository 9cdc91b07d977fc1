"""Tables that print no lines, found by their columns of numbers: true tables, or nothing.

Belongs here: what of a page belongs to such a table, and putting its parts together. Whatever does not fit leaves all
of it as lines of text. Does not belong here: rows and columns of numbers (pdf_columns.py), labels (pdf_labels.py),
headings (pdf_headings.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.documents.pdf_columns import NumberBlock, find_blocks
from pipeline.documents.pdf_headings import Heading, read_headings
from pipeline.documents.pdf_labels import Labels, Spacing, read_labels
from pipeline.documents.pdf_lines import Line, measure_room, read_lines
from pipeline.documents.pdf_margins import measure_margin
from pipeline.documents.pdf_page import Character, PrintedPage
from pipeline.documents.pdf_paths import Ruling
from pipeline.documents.pdf_pieces import SAME_LEVEL, Piece, cut_lines, list_steps, measure_em
from pipeline.documents.pdf_tables import PrintedCell, PrintedTable

# A row alone proves its columns by their headings only, and a few numbers under words may be a sentence
_FEWEST_IN_SINGLE_ROW = 5
# Share of a row's columns with fewer of which it may be the rest of the row above, unless space parts them
_LEAST_FILLED = 0.5
# A step down this much larger than the smallest from row to row leads out of the table
_LARGEST_STEP = 1.3
# The same where there is one row, and only the lines of its headings to go by
_LARGEST_HEADING_STEP = 1.6
# In heights of a number: the lines of headings and labels next to it
_NEAR = 2.0
# Columns before the numbers: what stands beside several rows, and the row's own label
_LABEL_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """The words that may belong to a block of numbers: over its columns, and beside its rows or those words.

    ends_page: whether nothing else is printed below but in the margin.
    """

    over: tuple[Piece, ...]
    beside: tuple[Piece, ...]
    ends_page: bool


@dataclass(frozen=True, slots=True)
class _Placed:
    """What one cell prints: one or more blocks of lines."""

    column: int
    column_span: int
    blocks: tuple[tuple[Piece, ...], ...]


def read_borderless(
    characters: Sequence[Character], page: PrintedPage, first: int
) -> tuple[list[PrintedTable], list[Character]]:
    """The tables among characters of a page, from the top down and numbered from `first`, and the characters outside.

    A table with labels has a column for what stands beside several rows, which is in the row at whose height it begins,
    and one for the rows' own labels. Then each number of the fullest row has a column, with an empty cell where
    nothing is printed. A row of nothing but words is the end of a label that began on the page before.
    """
    em = measure_em(characters)
    lines = cut_lines(characters, em)
    free = {id(piece): piece for line in lines for piece in line.pieces}
    tables: list[PrintedTable] = []
    used: set[int] = set()
    for block in find_blocks(lines, em):
        pieces = list(free.values())
        rows = _lay_out(block, pieces, page, _measure_em(block, pieces))
        taken = [piece for row in rows for placed in row for part in placed.blocks for piece in part]
        if rows and not _is_ruled(taken, page.rulings):
            tables.append(_build_table(rows, block, page, first + len(tables)))
            used |= {id(character) for piece in taken for character in piece.characters}
            for piece in taken:
                free.pop(id(piece), None)
    return tables, [c for c in characters if id(c) not in used]


def _lay_out(block: NumberBlock, pieces: Sequence[Piece], page: PrintedPage, em: float) -> list[list[_Placed]]:
    """The rows of the table around a block of numbers; [] where anything about them is in doubt."""
    around = _find_surroundings(block, pieces, page, em)
    if around is None:
        return []
    headings = read_headings(around.over, block.columns, em) if around.over else []
    is_single = len(block.rows) == 1
    if is_single and (not headings or len(block.columns) < _FEWEST_IN_SINGLE_ROW):
        return []
    if not around.beside:
        return [*_place_headings(headings, (), 0), *_place_rows(block, None)] if is_single else []
    # A number that wraps goes on in a row with little else, and so does the label beside it
    is_filled = all(_LEAST_FILLED * len(block.columns) <= len(row) for row in block.rows)
    spacings = list(Spacing) if is_filled else [Spacing.ROWS_APART]
    labels = read_labels(around.beside, block.heights, em, ends_page=around.ends_page, spacings=spacings)
    if labels is None or (around.over and 0 not in labels.of_row):
        return []
    note = labels.leading if headings else ()
    is_continued = labels.leading and not around.over
    continued = [[_Placed(0, 1, ()), _Placed(1, 1, (labels.leading,)), *_leave_blank(block)]] if is_continued else []
    return [*_place_headings(headings, note, _LABEL_COLUMNS), *continued, *_place_rows(block, labels)]


def _find_surroundings(
    block: NumberBlock, pieces: Sequence[Piece], page: PrintedPage, em: float
) -> _Surroundings | None:
    """The words around a block, up and down to the first step too large; None where words stand among the numbers."""
    numbers = {id(piece) for row in block.rows for piece in row}
    words = [p for p in pieces if id(p) not in numbers]
    left, tolerance = block.columns[0][0], SAME_LEVEL * em
    over = [p for p in words if p.right > left + tolerance]
    beside = [p for p in words if p.right <= left + tolerance]
    top, bottom = block.heights[0], block.heights[-1]
    if any(bottom - tolerance <= p.baseline <= top + tolerance for p in over):
        return None
    inner = max((p.right for p in beside if bottom <= p.baseline <= top + tolerance), default=None)
    edge = left - _measure_column(block) if inner is None else inner - tolerance
    largest = _measure_largest_step(block, over, top, em)
    headings = _climb((p for p in over if p.baseline > top), top, largest, edge)
    ceiling = max((p.baseline for p in headings), default=None)
    if ceiling is None:
        lowest = min((p.baseline for p in over if p.baseline > top), default=math.inf)
        above = _climb((p for p in beside if top < p.baseline < lowest - tolerance), top, largest, -math.inf)
    else:
        above = [p for p in beside if top < p.baseline <= ceiling + tolerance]
    floor = max((p.baseline for p in over if p.baseline < bottom), default=-math.inf)
    below = list(_descend((p for p in beside if floor + tolerance < p.baseline < bottom), bottom, largest))
    inside = (p for p in beside if bottom <= p.baseline <= top)
    margin = page.bottom + measure_margin(page.bottom, page.top)
    rest = [p for p in words if p.baseline < bottom and p not in below]
    ends_page = all(p.baseline < margin for p in rest)
    return _Surroundings(tuple(headings), (*above, *inside, *below), ends_page)


def _measure_em(block: NumberBlock, pieces: Sequence[Piece]) -> float:
    """The em of a block and the words near it, which may be printed smaller than the rest of the page."""
    reach = _NEAR * block.rows[0][0].characters[0].size
    near = [p for p in pieces if block.heights[-1] - reach < p.baseline < block.heights[0] + reach]
    return measure_em([c for piece in near for c in piece.characters])


def _measure_column(block: NumberBlock) -> float:
    return block.columns[1][0] - block.columns[0][0]


def _measure_largest_step(block: NumberBlock, over: Sequence[Piece], top: float, em: float) -> float:
    steps = [one - other for one, other in pairwise(block.heights)]
    if steps:
        return _LARGEST_STEP * min(steps)
    within = [p for p in over if p.baseline > top]
    return _LARGEST_HEADING_STEP * min(list_steps(within, em), default=em)


def _climb(pieces: Iterable[Piece], start: float, largest: float, edge: float) -> list[Piece]:
    """Words upwards from a height to the first large step, or to one that begins left of the edge.

    [] where numbers come first: those of another table, whose labels are among the words.
    """
    words: list[Piece] = []
    for piece in sorted(pieces, key=lambda p: p.baseline):
        if piece.baseline - (words[-1].baseline if words else start) > largest or piece.left < edge:
            break
        if piece.is_value:
            return []
        words.append(piece)
    return words


def _descend(pieces: Iterable[Piece], start: float, largest: float) -> Iterator[Piece]:
    height = start
    for piece in sorted(pieces, key=lambda p: -p.baseline):
        if height - piece.baseline > largest:
            return
        height = piece.baseline
        yield piece


def _place_headings(
    headings: Sequence[Sequence[Heading]], note: Sequence[Piece], shift: int
) -> Iterator[list[_Placed]]:
    """Rows of headings; the words beside them go into the last."""
    for row in headings:
        cells = [_Placed(h.column + shift, h.column_span, (h.lines,)) for h in row]
        if row is headings[-1] and shift:
            cells.insert(0, _Placed(0, shift, (tuple(note),) if note else ()))
        yield cells


def _place_rows(block: NumberBlock, labels: Labels | None) -> Iterator[list[_Placed]]:
    for row, numbers in enumerate(block.rows):
        cells: list[_Placed] = []
        if labels is not None:
            beside = tuple(lines for at, _, lines in labels.groups if at == row)
            cells.append(_Placed(0, 1, beside))
            cells.append(_Placed(1, 1, (labels.of_row[row][1],) if row in labels.of_row else ()))
        shift = len(cells)
        by_column = {block.find_column(piece): piece for piece in numbers}
        cells.extend(
            _Placed(column + shift, 1, ((by_column[column],),) if column in by_column else ())
            for column in range(len(block.columns))
        )
        yield cells


def _leave_blank(block: NumberBlock) -> list[_Placed]:
    return [_Placed(column + _LABEL_COLUMNS, 1, ()) for column in range(len(block.columns))]


def _build_table(rows: Sequence[Sequence[_Placed]], block: NumberBlock, page: PrintedPage, number: int) -> PrintedTable:
    edges = list(block.estimate_edges())
    if len(rows[-1]) > len(block.columns):
        # Where labels begin differs from page to page, so that nothing printed can be the edge between their columns
        edges[:0] = [page.left, (page.left + edges[0]) / 2]
    cells = []
    for row, placed_cells in enumerate(rows):
        for placed in placed_cells:
            parts = [read_lines([c for piece in part for c in piece.characters]) for part in placed.blocks]
            text = "".join(line.text for lines in parts for line in lines)
            room = _measure_room(parts[-1], block) if parts else 0.0
            cells.append(
                PrintedCell(text, row, placed.column, 1, placed.column_span, page.number, number, row + 1, room)
            )
    top = max(c.top for row in rows for p in row for lines in p.blocks for piece in lines for c in piece.characters)
    return PrintedTable(tuple(cells), len(rows), (*edges, page.right), page.number, page.number, top)


def _measure_room(lines: Sequence[Line], block: NumberBlock) -> float:
    """What the last line of a label leaves free before the numbers."""
    return measure_room(lines[-1], block.columns[0][0] - min(line.left for line in lines))


def _is_ruled(pieces: Sequence[Piece], rulings: Sequence[Ruling]) -> bool:
    """Whether a line is printed among the pieces: then it says what belongs together, and not their distances."""
    characters = [c for piece in pieces for c in piece.characters]
    left, right = min(c.left for c in characters), max(c.right for c in characters)
    bottom, top = min(c.baseline for c in characters), max(c.top for c in characters)
    return any(r.left < right and r.right > left and r.bottom < top and r.top > bottom for r in rulings)
