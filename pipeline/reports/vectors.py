"""Labelled value vectors: the one shape in which every table is read, whatever it was printed as.

Belongs here: turning a Document into Items (what stands in reading order) and Vectors (a label and the values after
it), from table cells and from runs of text alike. Does not belong here: any knowledge of which rows the form has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipeline.documents.model import Cell, Document, Grid, Locator, Text
from pipeline.reports.model import CellState
from pipeline.reports.normalise import letters_of, squeeze
from pipeline.reports.patterns import load_patterns
from pipeline.reports.values import PrintedValue, parse_value


@dataclass(frozen=True, slots=True)
class Token:
    """One value or blank as printed; column counts from 0 in a grid, -1 outside; item is its place in reading order."""

    raw: str
    printed: PrintedValue
    locator: Locator
    item: int
    column: int = -1
    span: int = 1

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all is printed."""
        return self.printed.state is CellState.BLANK


@dataclass(frozen=True, slots=True)
class Vector:
    """A label and the values printed after it.

    label is the text of the row itself, in a run of text all that stands since the previous values.
    grid is the table's number in the document, -1 for a run of text; positions says whether blanks keep their place.
    """

    label: str
    tokens: tuple[Token, ...]
    grid: int
    item: int

    @property
    def values(self) -> tuple[Token, ...]:
        """The tokens that are not blank."""
        return tuple(t for t in self.tokens if not t.is_blank)

    @property
    def last_item(self) -> int:
        """The place in reading order of the last value."""
        return max((t.item for t in self.values), default=self.item)


@dataclass(frozen=True, slots=True)
class Item:
    """One piece in reading order: a line of text, or one row of a table (texts = its printed cells).

    text is the whole piece, squeezed and compact its normalised forms, made once because every step compares them.
    """

    index: int
    texts: tuple[str, ...]
    locator: Locator
    style: str
    grid: int
    text: str
    squeezed: str
    compact: str
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """A document in reading order, with the vectors found in it and the numbers of the grids that have true columns."""

    items: tuple[Item, ...]
    vectors: tuple[Vector, ...]
    true_grids: frozenset[int]


@dataclass(slots=True)
class _Pending:
    """The vector being collected: its label parts and its tokens."""

    label: list[str] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    item: int = 0
    grid: int = -1


def read_stream(document: Document) -> Stream:
    """The document's items in reading order and the labelled vectors in them."""
    items: list[Item] = []
    grids: list[Grid] = []
    for block in document.blocks:
        if isinstance(block, Text):
            items.append(_item(len(items), (block.text,), block.locator, block.style))
        else:
            items.extend(_grid_items(block, len(items), len(grids)))
            grids.append(block)
    true_grids = frozenset(number for number, grid in enumerate(grids) if grid.has_true_columns)
    return Stream(tuple(items), tuple(_collect(items)), true_grids)


def _grid_items(grid: Grid, first: int, number: int) -> Iterator[Item]:
    rows: dict[int, list[Cell]] = {}
    for cell in grid.cells:
        rows.setdefault(cell.row, []).append(cell)
    for offset, (_, cells) in enumerate(sorted(rows.items())):
        texts = tuple(cell.text for cell in cells)
        yield _item(first + offset, texts, cells[0].locator, "", number, tuple(cells))


def _item(
    index: int, texts: tuple[str, ...], locator: Locator, style: str, grid: int = -1, cells: tuple[Cell, ...] = ()
) -> Item:
    text = " ".join(t for t in texts if t)
    squeezed = squeeze(text)
    return Item(index, texts, locator, style, grid, text, squeezed, letters_of(squeezed), cells)


def _collect(items: Iterable[Item]) -> Iterator[Vector]:
    pending = _Pending()
    for item in items:
        if item.cells:
            yield from _close(pending)
            pending.label.clear()
            yield from _collect_row(item, pending)
        else:
            yield from _collect_line(item, pending)
    yield from _close(pending)


def _collect_row(item: Item, pending: _Pending) -> Iterator[Vector]:
    """A table row: labels and values alternate; a text cell after values begins the next vector."""
    for cell in item.cells:
        printed = parse_value(cell.text)
        if printed is None:
            if not pending.label:
                _drop_leading_blanks(pending)
            yield from _close(pending)
            _add_label(pending, cell.text)
        else:
            _add_token(
                pending, Token(cell.text, printed, cell.locator, item.index, cell.column, cell.column_span), item
            )
    yield from _close(pending)
    pending.label.clear()


def _collect_line(item: Item, pending: _Pending) -> Iterator[Vector]:
    """A line of text: words are label, free-standing numbers and marks are values; both may go on in the next line."""
    if load_patterns().page_furniture.match(item.squeezed):
        return
    for start, word in _words(item.text):
        printed = parse_value(word)
        if printed is None:
            yield from _close(pending)
            _add_label(pending, word)
        else:
            locator = _word_locator(item.locator, start, len(word))
            _add_token(pending, Token(word, printed, locator, item.index), item)


def _drop_leading_blanks(pending: _Pending) -> None:
    # The empty cells before a label are where a spanning cell of an earlier row continues
    if all(token.is_blank for token in pending.tokens):
        pending.tokens.clear()


def _add_label(pending: _Pending, text: str) -> None:
    pending.label.append(text)


def _add_token(pending: _Pending, token: Token, item: Item) -> None:
    if not pending.tokens:
        pending.item, pending.grid = item.index, item.grid
    pending.tokens.append(token)


def _close(pending: _Pending) -> Iterator[Vector]:
    """The finished vector, if any. Rows of blanks count: a printed row without numbers is not an absent one."""
    if not pending.tokens:
        return
    yield Vector(
        label=" ".join(pending.label),
        tokens=tuple(pending.tokens),
        grid=pending.grid,
        item=pending.item,
    )
    pending.tokens.clear()
    pending.label.clear()


def _words(text: str) -> Iterator[tuple[int, str]]:
    position = 0
    for word in text.split():
        position = text.index(word, position)
        yield position, word
        position += len(word)


def _word_locator(line: Locator, start: int, length: int) -> Locator:
    first = (line.start or 1) + start
    return Locator(line.page, line.table, line.row, line.column, line.line, first, first + length - 1)
