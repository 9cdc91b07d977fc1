"""One Word table to a Grid: spans, merged rows, and the sliver columns that word processors leave behind.

Belongs here: where each cell of a table stands. Does not belong here: the text of a cell (it is passed in).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from pipeline.documents.docx_markup import (
    CELL,
    CELL_PROPERTIES,
    ROW,
    ROW_PROPERTIES,
    TABLE,
    W,
    find_printed,
    is_on,
    parse_number,
    read_value,
)
from pipeline.documents.grid import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, GridLimitError
from pipeline.documents.model import Cell, Grid, Locator

# In twentieths of a point. No digit fits into a column this narrow (3.5 mm), so dropping one cannot take a column of
# numbers for another; wider columns stay, whether or not a cell stands in them alone
_SLIVER = 200
_ROWS, _CELLS = frozenset([ROW]), frozenset([CELL])


@dataclass(slots=True)
class PlacedCell:
    """One printed cell: its element, where it begins and how far it reaches; positions count from 0."""

    element: etree._Element
    row: int
    column: int
    column_span: int
    row_span: int = 1


def is_data_table(table: etree._Element) -> bool:
    """Whether a table is one of data: it holds no other table, and some row of it has several cells."""
    if next(table.iterdescendants(TABLE), None) is not None:
        return False
    return any(len(list(find_printed(row, _CELLS))) > 1 for row in find_printed(table, _ROWS))


def place_cells(table: etree._Element) -> list[PlacedCell]:
    """The printed cells of a table in order of rows; raises GridLimitError where it is wider or longer than any form.

    Rows hidden or deleted as a tracked change are left out. A cell that continues the one above it prints nothing of
    its own; where there is none of the same place and width above it, it stands for itself.
    """
    placed: list[PlacedCell] = []
    above: dict[tuple[int, int], PlacedCell] = {}
    rows = [row for row in find_printed(table, _ROWS) if _is_printed_row(row)]
    _check_limit("rows", len(rows), MAX_ROWS)
    for number, row in enumerate(rows):
        merging: dict[tuple[int, int], PlacedCell] = {}
        for cell, merge in _read_row(row, number):
            key = (cell.column, cell.column_span)
            if merge == "continue" and key in above:
                above[key].row_span += 1
                merging[key] = above[key]
                continue
            placed.append(cell)
            if merge:
                merging[key] = cell
        above = merging
    return placed


def read_table(table: etree._Element, number: int, read_cell: Callable[[etree._Element], str]) -> Grid:
    """A table as a Grid, sliver columns dropped, locators `T R C` from 1. Raises GridLimitError, never cuts."""
    placed = place_cells(table)
    row_count = max((cell.row + cell.row_span for cell in placed), default=0)
    column_count = max((cell.column + cell.column_span for cell in placed), default=0)
    _check_limit("cells", row_count * column_count, MAX_CELLS)
    column_count -= _drop_slivers(placed, _read_widths(table, column_count))
    cells = tuple(
        Cell(
            read_cell(cell.element),
            cell.row,
            cell.column,
            Locator(table=number, row=cell.row + 1, column=cell.column + 1),
            cell.row_span,
            cell.column_span,
        )
        for cell in placed
    )
    return Grid(cells, row_count, column_count)


def _is_printed_row(row: etree._Element) -> bool:
    properties = row.find(ROW_PROPERTIES)
    return read_value(properties, "del") is None and not is_on(read_value(properties, "hidden"))


def _read_row(row: etree._Element, number: int) -> Iterator[tuple[PlacedCell, str]]:
    """The cells of one row with 'restart' or 'continue' for those merged with cells below or above, '' for others."""
    column = parse_number(read_value(row.find(ROW_PROPERTIES), "gridBefore"), 0)
    begun: tuple[PlacedCell, str] | None = None
    for element in find_printed(row, _CELLS):
        properties = element.find(CELL_PROPERTIES)
        if read_value(properties, "cellDel") is not None:
            continue
        width = max(parse_number(read_value(properties, "gridSpan"), 1), 1)
        _check_limit("columns", column + width, MAX_COLUMNS)
        if begun and read_value(properties, "hMerge") in ("", "continue"):
            begun[0].column_span += width
        else:
            if begun:
                yield begun
            merge = read_value(properties, "vMerge")
            begun = PlacedCell(element, number, column, width), (merge or "continue") if merge is not None else ""
        column += width
    if begun:
        yield begun


def _read_widths(table: etree._Element, column_count: int) -> list[int]:
    """The width of each grid column, of no use as a list when the table states more or fewer of them: then empty."""
    widths = [parse_number(str(column.get(f"{W}w")), _SLIVER) for column in table.iterfind(f"{W}tblGrid/{W}gridCol")]
    return widths if len(widths) >= column_count else []


def _drop_slivers(placed: Sequence[PlacedCell], widths: list[int]) -> int:
    """Take out narrow columns in which no cell stands alone, those where fewest cells begin first; how many went.

    Word processors leave them where borders of two rows missed each other by a hair; cells one above the other then
    begin in different grid columns.
    """
    dropped = 0
    while True:
        alone = {cell.column for cell in placed if cell.column_span == 1}
        candidates = [column for column, width in enumerate(widths) if width < _SLIVER and column not in alone]
        if not candidates:
            return dropped
        begins = [cell.column for cell in placed for _ in range(cell.row_span)]
        column = min(candidates, key=begins.count)
        del widths[column]
        dropped += _drop_column(placed, column)


def _drop_column(placed: Sequence[PlacedCell], column: int) -> bool:
    """Close up one column; False when it lay beyond every cell and so was none."""
    is_inside = any(cell.column + cell.column_span > column for cell in placed)
    for cell in placed:
        if cell.column <= column < cell.column + cell.column_span:
            cell.column_span -= 1
        elif cell.column > column:
            cell.column -= 1
    return is_inside


def _check_limit(what: str, found: int, limit: int) -> None:
    if found > limit:
        raise GridLimitError(f"{found} {what}, the limit is {limit}")
