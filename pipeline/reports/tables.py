"""One table of the form, from the vectors in its zone to its cells.

Belongs here: the order of the steps, and what is said of rows that are missing, repeated or left over. Does not belong
here: finding the zone (zones.py), one row (rows.py), a table in one row (side_by_side.py), the sums (sums.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.contract.editions import FormRow, FormTable
from pipeline.issues import Issue, IssueCode
from pipeline.reports.align import Alignment, align_rows
from pipeline.reports.columns import ColumnReading, read_columns
from pipeline.reports.labels import RowLabels, split_unit
from pipeline.reports.model import CellReading, CellState
from pipeline.reports.rows import RowReading, RowState, absent_row, differs, doubt_row, quote_values, read_row
from pipeline.reports.side_by_side import read_side_by_side
from pipeline.reports.sums import settle_rows
from pipeline.reports.variants import fit_columns, fit_variant
from pipeline.reports.vectors import Stream, Vector


@dataclass(frozen=True, slots=True)
class TableReading:
    """The cells of one table in printed order, what went wrong, and the last item it occupies (-1: not printed).

    copies: the headings under which a document prints the table, where nothing tells which of them is the report's.
    """

    cells: tuple[CellReading, ...]
    issues: tuple[Issue, ...]
    last_item: int
    matched_rows: int
    repeated_rows: int
    copies: tuple[str, ...] = ()


def read_table(
    table: FormTable, edition_code: str, vectors: Sequence[Vector], stream: Stream, header: str
) -> TableReading:
    """Every cell of the table: reported, marked, in doubt, or absent.

    vectors are those of the table's zone, header the text of its section.
    """
    last_item = len(stream.items) - 1
    if table.layout == "one_row":
        cells, problems, last = read_side_by_side(table, vectors, stream, header, last_item)
        return TableReading(cells, problems, last, len(table.rows) if last >= 0 else 0, 0)
    has_columns_in_header, is_known = bool(table.heading_lead), False
    if has_columns_in_header:
        table, is_known = fit_columns(fit_variant(table, header), header)
        # A unit apart from its label: other numbers stand between the two
        is_known = is_known and not any(split_unit(v.label)[0] == "" != v.label for v in vectors)
    alignment = align_rows(vectors, RowLabels(table), len(table.rows))
    columns = read_columns(table, vectors, alignment, stream, header, is_known=is_known)
    rows = [_read_row(table, index, vectors, alignment, columns, last_item) for index in range(len(table.rows))]
    used: frozenset[int] = frozenset()
    if columns.trusted and any(r.state in (RowState.UNPLACED, RowState.ABSENT) and r.cells for r in rows):
        # A table whose rows vary from place to place has rows of its own: none is known by its place alone
        unlabelled = {} if has_columns_in_header else _unlabelled(rows, vectors, alignment)
        rows, used = settle_rows(table, edition_code, rows, unlabelled)
    issues = [*columns.issues, *(issue for reading in rows for issue in reading.issues), *_missing_rows(table, rows)]
    left = [i for i in alignment.leftover if vectors[i].item not in used and _is_unread(i, vectors, alignment)]
    issues.extend(_unread(vectors[i]) for i in left)
    return TableReading(
        cells=tuple(cell for reading in rows for cell in reading.cells),
        issues=tuple(issues),
        last_item=max((r.vector.last_item for r in rows if r.vector), default=-1),
        matched_rows=len(alignment.rows),
        repeated_rows=len(alignment.repeated),
    )


def _read_row(
    table: FormTable,
    index: int,
    vectors: Sequence[Vector],
    alignment: Alignment,
    columns: ColumnReading,
    last_item: int,
) -> RowReading:
    row, found = table.rows[index], alignment.rows.get(index)
    if found is None:
        return absent_row(table, row)
    vector, match = vectors[found[0]], found[1]
    reading = read_row(table, row, vector, match, columns, last_item)
    if index in alignment.undecided:
        return doubt_row(reading, _undecided(row, vector))
    repeated = _repeated(row, [vectors[i] for i in alignment.repeated.get(index, ())], vector)
    return doubt_row(reading, repeated) if repeated else reading


def _undecided(row: FormRow, vector: Vector) -> Issue:
    message = f"{row.code}: several rows of the form have this label, and its place does not tell which one it is"
    return Issue(IssueCode.ROW_REPEATED, message, str(vector.tokens[0].locator))


def _repeated(row: FormRow, others: Sequence[Vector], vector: Vector) -> Issue | None:
    """The issue when another vector of the row's width carries the row's label and other values."""
    different = [v for v in others if len(v.values) == len(row.columns) and differs(v, vector)]
    if not different:
        return None
    message = f"{row.code}: this row is printed more than once, with different values"
    return Issue(IssueCode.ROW_REPEATED, message, str(different[0].tokens[0].locator))


def _unlabelled(
    rows: Sequence[RowReading], vectors: Sequence[Vector], alignment: Alignment
) -> dict[int, Sequence[Vector]]:
    """Row index after each placed row → the leftover vectors of full width between it and the next placed row."""
    width = max(len(reading.row.columns) for reading in rows)
    named = {i for indexes in alignment.repeated.values() for i in indexes}
    free = [i for i in alignment.leftover if i not in named and len(vectors[i].values) == width]
    placed = [(-1, -1)] + [
        (index, alignment.rows[index][0])
        for index, reading in enumerate(rows)
        if reading.state is RowState.PLACED and index in alignment.rows
    ]
    found: dict[int, Sequence[Vector]] = {}
    for (row, start), (_, end) in zip(placed, [*placed[1:], (len(rows), len(vectors))], strict=True):
        between = [vectors[i] for i in free if start < i < end]
        if between:
            found[row + 1] = between
    return found


def _missing_rows(table: FormTable, rows: Sequence[RowReading]) -> list[Issue]:
    due = [reading for reading in rows if not reading.row.is_optional]
    missing = [reading.row.code for reading in due if reading.state is RowState.ABSENT]
    is_printed = any(reading.state is not RowState.ABSENT for reading in rows)
    if not missing and is_printed:
        return []
    if len(missing) == len(due):
        return [Issue(IssueCode.TABLE_MISSING, f"{table.code}: no row of this table was found")]
    return [Issue(IssueCode.ROW_MISSING, f"{table.code}: not found: {', '.join(missing)}")]


def _is_unread(index: int, vectors: Sequence[Vector], alignment: Alignment) -> bool:
    """Whether a vector that no row took prints numbers inside the table: between its first and last row."""
    if any(index in indexes and row in alignment.rows for row, indexes in alignment.repeated.items()):
        return False
    placed = [i for i, _ in alignment.rows.values()]
    vector = vectors[index]
    grids = {vectors[i].grid for i in placed} - {-1}
    inside = bool(placed) and (min(placed) < index < max(placed) or vector.grid in grids)
    # A number before the row's label is the row's own number, not one of its values
    numbers_a_row = not vector.label and index + 1 in placed and vectors[index + 1].item == vector.item
    return inside and not numbers_a_row and any(t.printed.state is CellState.REPORTED for t in vector.values)


def _unread(vector: Vector) -> Issue:
    message = f"values {quote_values(vector)!r} after {vector.label[-20:]!r} belong to no row of the form"
    return Issue(IssueCode.VALUES_UNREAD, message, str(vector.tokens[0].locator))
