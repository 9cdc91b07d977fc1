"""Labelled value vectors: the one shape in which every table is read, whatever it was printed as.

Belongs here: turning a Document into Items (what stands in reading order) and Vectors (a label and the values after
it), from table cells and from runs of text alike. Does not belong here: any knowledge of which rows the form has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.documents.model import Cell, Document, Grid, Locator, Text
from pipeline.reports.model import CellState
from pipeline.reports.normalise import letters_of, squeeze
from pipeline.reports.patterns import load_patterns
from pipeline.reports.values import PrintedValue, parse_value


class Token(NamedTuple):
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
    grid is the table's number in the document, -1 for a run of text. values are the tokens that are not blank, made
    once because every step asks for them; last_item is the place in reading order of the last of them.
    """

    label: str
    tokens: tuple[Token, ...]
    grid: int
    item: int
    values: tuple[Token, ...] = field(init=False, repr=False, compare=False)
    last_item: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Derive what depends on the tokens alone."""
        values = tuple([token for token in self.tokens if token.printed.state is not CellState.BLANK])
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "last_item", max([token.item for token in values], default=self.item))


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
    text = texts[0] if len(texts) == 1 else " ".join([t for t in texts if t])
    squeezed = squeeze(text)
    return Item(index, texts, locator, style, grid, text, squeezed, letters_of(squeezed), cells)


def _collect(items: Iterable[Item]) -> list[Vector]:
    collected = _Collection()
    for item in items:
        if item.cells:
            collected.close()
            collected.label.clear()
            collected.add_row(item)
        elif not load_patterns().page_furniture.match(item.squeezed):
            collected.add_line(item)
    collected.close()
    return collected.vectors


@dataclass(slots=True)
class _Collection:
    """The vectors so far, and the one being collected: its label parts and its tokens."""

    vectors: list[Vector] = field(default_factory=list)
    label: list[str] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    item: int = 0
    grid: int = -1

    def add_row(self, item: Item) -> None:
        """A table row: labels and values alternate; a text cell after values begins the next vector."""
        for cell in item.cells:
            printed = parse_value(cell.text)
            if printed is None:
                if not self.label:
                    self._drop_leading_blanks()
                self.close()
                self.label.append(cell.text)
            else:
                self._begin_values(item)
                token = Token(cell.text, printed, cell.locator, item.index, cell.column, cell.column_span)
                self.tokens.append(token)
        self.close()
        self.label.clear()

    def add_line(self, item: Item) -> None:
        """A line of text: words are label, free-standing numbers and marks are values; both may go on in the next."""
        text, line, position = item.text, item.locator, 0
        for word in text.split():
            position = text.index(word, position)
            printed = parse_value(word)
            if printed is None:
                self.close()
                self.label.append(word)
            else:
                self._begin_values(item)
                first = (line.start or 1) + position
                place = Locator(line.page, line.table, line.row, line.column, line.line, first, first + len(word) - 1)
                self.tokens.append(Token(word, printed, place, item.index))
            position += len(word)

    def close(self) -> None:
        """Finish the vector, if any. Rows of blanks count: a printed row without numbers is not an absent one."""
        if self.tokens:
            self.vectors.append(Vector(" ".join(self.label), tuple(self.tokens), self.grid, self.item))
            self.tokens.clear()
            self.label.clear()

    def _begin_values(self, item: Item) -> None:
        if not self.tokens:
            self.item, self.grid = item.index, item.grid

    def _drop_leading_blanks(self) -> None:
        # The empty cells before a label are where a spanning cell of an earlier row continues
        if all(token.is_blank for token in self.tokens):
            self.tokens.clear()
