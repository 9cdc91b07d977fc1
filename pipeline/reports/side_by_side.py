"""A table whose rows stand beside each other in one printed row of numbers: read by order, under a known header.

Belongs here: finding that one row and sharing it out. Does not belong here: tables with a label before each row.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.contract.editions import FormTable
from pipeline.issues import Issue, IssueCode
from pipeline.reports.columns import header_repeats, read_columns
from pipeline.reports.glued import cut_digits
from pipeline.reports.headings import has_foreign_heading
from pipeline.reports.labels import LabelMatch, RowLabels
from pipeline.reports.model import CellReading
from pipeline.reports.rows import absent_row, cut_off, differs, in_doubt, is_whole, placed_cells
from pipeline.reports.sums import cut_tokens, digit_runs
from pipeline.reports.vectors import Item, Stream, Token, Vector


def read_side_by_side(
    table: FormTable, vectors: Sequence[Vector], stream: Stream, header: str, zone: Sequence[Item]
) -> tuple[tuple[CellReading, ...], tuple[Issue, ...], Vector | None]:
    """Cells in printed order, issues, and the printed row that the cells are from (None: not found)."""
    last_item = len(stream.items) - 1
    width = sum(len(row.columns) for row in table.rows)
    found = _find_row(table, vectors, width)
    parts = _find_rows_below_each_other(table, vectors, header) if found is None else []
    if parts:
        return _read_rows_below_each_other(table, parts, last_item)
    if found is None:
        issue = Issue(IssueCode.TABLE_MISSING, f"{table.code}: its row of {width} values was not found")
        return tuple(cell for row in table.rows for cell in absent_row(table, row).cells), (issue,), None
    vector, tokens, is_cut_apart, is_repeated = found
    columns = read_columns(table, vectors, None, stream, header)
    issues = list(columns.issues)
    is_foreign = has_foreign_heading(table, "".join(item.compact for item in zone if item.index <= vector.item))
    if is_foreign and columns.trusted:
        message = f"{table.code}: a heading of the form is not printed, and a word is that the form does not have"
        issues.append(Issue(IssueCode.HEADER_UNRECOGNISED, message, str(tokens[0].locator)))
    cells: list[CellReading] = []
    position = 0
    for row in table.rows:
        part = tokens[position : position + len(row.columns)]
        position += len(row.columns)
        read = placed_cells(table, row, part, LabelMatch("", 0), vector)
        is_cut = position == width and vector.last_item == last_item and not is_whole(read)
        if is_cut:
            issues.append(cut_off(row, vector))
        # A header of which only parts are printed is enough where the sums say so too
        is_known = columns.trusted and not is_foreign and (columns.is_complete or is_whole(read))
        cells.extend(read if is_known and not is_cut and not is_repeated else in_doubt(read))
    if is_repeated:
        issues.append(Issue(IssueCode.ROW_REPEATED, f"{table.code}: printed more than once with different values"))
    if is_cut_apart:
        cells = [_by_sums(cell) for cell in cells]
    return tuple(cells), tuple(issues), vector


def _find_row(
    table: FormTable, vectors: Sequence[Vector], width: int
) -> tuple[Vector, tuple[Token, ...], bool, bool] | None:
    """The vector of the full width, its tokens, whether they had to be cut apart, whether another one differs."""
    full = [v for v in vectors if len(v.values) == width or (v.grid >= 0 and len(v.tokens) == width)]
    full = [v for v in full if v.values] or full[:1]
    if full:
        vector = full[0]
        tokens = vector.values if len(vector.values) == width else vector.tokens
        return vector, tokens, False, any(differs(other, vector) for other in full[1:])
    widths = [len(row.columns) for row in table.rows]
    for vector in vectors:
        runs = digit_runs(vector)
        ways = cut_digits(runs, widths, ends_in_sum=True) if len(runs) < width else []
        if len(ways) == 1:
            return vector, cut_tokens(vector, ways[0]), True, False
    return None


def _find_rows_below_each_other(table: FormTable, vectors: Sequence[Vector], header: str) -> list[Vector]:
    """One vector per row, where the table is printed as as many rows or tables of its columns; [] for anything else.

    Nothing else in the zone may print a value, rows and headings must stand in the form's order, and each row add up.
    """
    printed = [vector for vector in vectors if vector.values]
    if len(printed) != len(table.rows) or not header_repeats(table, header):
        return []
    labels = RowLabels(table)
    for index, (row, vector) in enumerate(zip(table.rows, printed, strict=True)):
        named = labels.match_exactly(vector.label)
        numbers = [token.printed.value for token in vector.values]
        known = [number for number in numbers if number is not None]
        if len(known) != len(row.columns) or sum(known[:-1]) != known[-1] or (named and named[0] != (index,)):
            return []
    return printed


def _read_rows_below_each_other(
    table: FormTable, vectors: Sequence[Vector], last_item: int
) -> tuple[tuple[CellReading, ...], tuple[Issue, ...], Vector]:
    cells: list[CellReading] = []
    issues = []
    for row, vector in zip(table.rows, vectors, strict=True):
        read = placed_cells(table, row, vector.values, LabelMatch("", 0), vector)
        is_cut = vector.last_item == last_item and not is_whole(read)
        if is_cut:
            issues.append(cut_off(row, vector))
        cells.extend(in_doubt(read) if is_cut else read)
    return tuple(cells), tuple(issues), vectors[-1]


def _by_sums(cell: CellReading) -> CellReading:
    return CellReading(cell.code, cell.value, cell.unit, cell.state, cell.raw, cell.locator, "sums", cell.label)
