"""Frames and characters of one page to ruled tables: every character in its cell.

Belongs here: which cell a character belongs to, the text of each cell, columns and rows too thin to hold anything.
Does not belong here: finding the frames (pdf_rulings.py), and tables that go on over pages (pdf_stitch.py).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.documents.encoding import REPLACEMENT
from pipeline.documents.pdf_lines import WRAP, measure_room, read_cell_text, read_lines
from pipeline.documents.pdf_page import Character
from pipeline.documents.pdf_rulings import THINNEST, Frame

# In heights of a character: nearer than this, two digits are printed as one number
_NO_GAP = 0.1
_NEXT = 0.7


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """One cell. page, table and printed_row say where on paper; row and column where in the table, from 0.

    room: what its last line leaves free in heights of a character. A line with room to spare was not wrapped.
    """

    text: str
    row: int
    column: int
    row_span: int
    column_span: int
    page: int
    table: int
    printed_row: int
    room: float

    @property
    def columns(self) -> tuple[int, int]:
        """First column and number of columns."""
        return self.column, self.column_span


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """One table, or the part of it on one page: cells in reading order, column edges in points from the left."""

    cells: tuple[PrintedCell, ...]
    row_count: int
    edges: tuple[float, ...]
    first_page: int
    last_page: int
    top: float


def read_tables(
    characters: Sequence[Character], frames: Sequence[Frame], page: int
) -> tuple[list[PrintedTable], list[Character]]:
    """The tables that print anything, and the characters outside all of them.

    A table whose rulings do not part its rows is none: what it prints counts as outside.
    """
    inside: list[dict[int, list[Character]]] = [{} for _ in frames]
    outside: list[Character] = []
    heights = [(frame.rows[-1], frame.rows[0]) for frame in frames]
    places = list(zip(frames, inside, heights, strict=True))
    for character in characters:
        _, left, right, bottom, top, _ = character
        x, y = (left + right) / 2, (bottom + top) / 2
        for frame, filled, (lowest, highest) in places:
            region = frame.locate(x, y) if lowest < y <= highest else None
            if region is not None:
                filled.setdefault(region, []).append(character)
                break
        else:
            outside.append(character)
    tables: list[PrintedTable] = []
    for frame, filled in zip(frames, inside, strict=True):
        if not any(_prints(c) for c in filled.values()):
            continue
        table = _read_table(frame, filled, outside, page, len(tables) + 1)
        if _has_parted_cells(frame, filled) and _has_parted_rows(table):
            tables.append(table)
        else:
            outside.extend(c for characters in filled.values() for c in characters)
    return tables, outside


def _prints(characters: Sequence[Character]) -> bool:
    return any(c.text != " " for c in characters)


def _read_table(
    frame: Frame, inside: dict[int, list[Character]], outside: Sequence[Character], page: int, table: int
) -> PrintedTable:
    spilled = _find_spilled(frame, inside, outside)
    cells = []
    for index, region in enumerate(frame.regions):
        lines = read_lines(inside.get(index, ()))
        width = frame.columns[region.column + region.column_span] - frame.columns[region.column]
        text = read_cell_text(lines, width) + (REPLACEMENT if index in spilled else "")
        # Over several rows, the numbers of two cells stand below each other whose border is missing
        text = text if region.row_span == 1 else text.replace(WRAP, " ")
        room = measure_room(lines[-1], width) if lines else 0.0
        place = (region.row, region.column, region.row_span, region.column_span)
        cells.append(PrintedCell(text, *place, page=page, table=table, printed_row=region.row + 1, room=room))
    whole = PrintedTable(tuple(_settle_wraps(cells)), len(frame.rows) - 1, frame.columns, page, page, frame.rows[0])
    return _drop_thin_rows(_drop_thin_columns(whole), frame.rows)


def _has_parted_cells(frame: Frame, inside: dict[int, list[Character]]) -> bool:
    """Whether all that is printed stands in the boxes of the cells; beyond them, a line between cells is missing."""
    return all(frame.encloses(place, *c.middle) for place in frame.beyond for c in inside.get(place, ()))


def _has_parted_rows(table: PrintedTable) -> bool:
    """Whether each number has its own row and label, so that no label can belong to either of two rows.

    Otherwise a ruling is missing: a tall number reaches into a row with words or numbers, or tall words into a row of
    numbers that has no words.
    """
    numbers = [c for c in table.cells if is_number(c.text)]
    words = [c for c in table.cells if c.text and not is_number(c.text)]
    with_numbers, with_words = {c.row for c in numbers}, {c.row for c in words}
    return not (
        _list_covered(numbers) & (with_numbers | with_words) or _list_covered(words) & with_numbers - with_words
    )


def _list_covered(cells: Sequence[PrintedCell]) -> set[int]:
    """The rows that cells of rows above reach into."""
    return {row for c in cells for row in range(c.row + 1, c.row + c.row_span)}


@lru_cache(maxsize=4096)
def is_number(text: str) -> bool:
    """Whether a cell prints digits and no words."""
    return any(c.isdigit() for c in text) and not any(c.isalpha() for c in text)


def _find_spilled(frame: Frame, inside: dict[int, list[Character]], outside: Sequence[Character]) -> set[int]:
    """The cells whose number runs on beyond the border, into digits elsewhere: none of them holds a whole number."""
    edges = frame.columns[0], frame.columns[-1]
    at_border = [(c, -1) for c in outside if _is_numeral(c) and any(_touches(c, edge) for edge in edges)]
    for index, characters in inside.items():
        region = frame.regions[index]
        sides = frame.columns[region.column], frame.columns[region.column + region.column_span]
        numerals = (c for c in characters if _is_numeral(c))
        at_border.extend((c, index) for c in numerals if any(_touches(c, side) for side in sides))
    at_border.sort(key=lambda placed: placed[0].left)
    lefts = [character.left for character, _ in at_border]
    reach = _NO_GAP * max((character.size for character, _ in at_border), default=0.0)
    spilled: set[int] = set()
    for one, index in at_border:
        first, end = bisect_left(lefts, one.right - reach), bisect_right(lefts, one.right + reach)
        for other, other_index in at_border[first:end]:
            if index != other_index and _are_one_number(one, other):
                spilled |= {index, other_index}
    return spilled


def _touches(character: Character, edge: float) -> bool:
    """Whether the border crosses the character, or the one beside it."""
    reach = _NEXT * character.size
    return character.left < edge + reach and character.right > edge - reach


def _is_numeral(character: Character) -> bool:
    return character.text.isdigit() or character.text in ",."


def _are_one_number(one: Character, other: Character) -> bool:
    size = max(one.size, other.size)
    return abs(one.baseline - other.baseline) < 0.5 * size and abs(other.left - one.right) < _NO_GAP * size


def _settle_wraps(cells: Sequence[PrintedCell]) -> list[PrintedCell]:
    """Digits on two lines are one number only beside a number on one line; else they may be two rows run together."""
    plain = {cell.row for cell in cells if cell.text.isdigit()}
    return [
        replace(c, text=c.text.replace(WRAP, "" if c.row in plain else " ")) if WRAP in c.text else c for c in cells
    ]


def _drop_thin_columns(table: PrintedTable) -> PrintedTable:
    """The table without the columns that _find_thin finds."""
    cells, edges = table.cells, list(table.edges)
    while (thin := _find_thin([(c.column, c.column_span, c.text) for c in cells], edges)) is not None:
        # The outer edges stay as they are, so that the parts of a table on several pages still agree
        if 0 < thin < len(edges) - 2:
            edges[thin] = edges[thin + 1] = (edges[thin] + edges[thin + 1]) / 2
        del edges[thin if thin == len(edges) - 2 else thin + 1]
        places = [_shrink(c.column, c.column_span, thin) for c in cells]
        cells = tuple(replace(c, column=p[0], column_span=p[1]) for c, p in zip(cells, places, strict=True) if p[1])
    return replace(table, cells=cells, edges=tuple(edges))


def _drop_thin_rows(table: PrintedTable, row_edges: Sequence[float]) -> PrintedTable:
    """The table without the rows that _find_thin finds, the rest numbered as printed."""
    cells, edges = table.cells, list(row_edges)
    while (thin := _find_thin([(c.row, c.row_span, c.text) for c in cells], edges)) is not None:
        del edges[thin if thin == len(edges) - 2 else thin + 1]
        places = [_shrink(c.row, c.row_span, thin) for c in cells]
        cells = tuple(
            replace(c, row=p[0], row_span=p[1], printed_row=p[0] + 1)
            for c, p in zip(cells, places, strict=True)
            if p[1]
        )
    return replace(table, cells=cells, row_count=len(edges) - 1)


def _find_thin(spans: Sequence[tuple[int, int, str]], edges: Sequence[float]) -> int | None:
    """The row or column in which no cell stands by itself, fewest beginnings first; None when there is none.

    Such are left by borders a few points off between rows, and by the space between borders that do not touch.
    """
    own = {at for at, span, text in spans if span == 1 and (text or abs(edges[at + 1] - edges[at]) > THINNEST)}
    thin = [i for i in range(len(edges) - 1) if i not in own]
    return min(thin, key=lambda i: sum(1 for start, _, _ in spans if start == i), default=None)


def _shrink(start: int, span: int, dropped: int) -> tuple[int, int]:
    """Where a cell begins and how far it reaches when one row or column goes; 0 when it goes as well."""
    if start > dropped:
        return start - 1, span
    return start, span - 1 if start + span > dropped else span
