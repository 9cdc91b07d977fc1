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
from pipeline.reports.headings import doubt_miscolumned
from pipeline.reports.labels import RowLabels, split_unit
from pipeline.reports.line_rows import doubt_stray_numbers
from pipeline.reports.misplaced import doubt_blanks, doubt_misplaced, join_cut_rows
from pipeline.reports.model import CellReading
from pipeline.reports.recall import measure_recall, recall_of_one_row
from pipeline.reports.rows import RowReading, RowState, absent_row, differs, doubt_row, read_row
from pipeline.reports.side_by_side import read_side_by_side
from pipeline.reports.single_values import doubt_unheaded
from pipeline.reports.sums import settle_rows
from pipeline.reports.variants import fit_columns, fit_units, fit_variant
from pipeline.reports.vectors import Item, Stream, Vector


@dataclass(frozen=True, slots=True)
class TableReading:
    """The cells of one table in printed order, what went wrong, and the last item it occupies (-1: not printed).

    printed_numbers, read_numbers: the numbers that stand in the table, and those of them that the reading accounts for.
    copies: the headings under which a document prints the table, where nothing tells which of them is the report's.
    """

    cells: tuple[CellReading, ...]
    issues: tuple[Issue, ...]
    last_item: int
    matched_rows: int
    repeated_rows: int
    printed_numbers: int
    read_numbers: int
    copies: tuple[str, ...] = ()


def read_table(
    table: FormTable,
    edition_code: str,
    vectors: Sequence[Vector],
    stream: Stream,
    header: str,
    zone: Sequence[Item],
) -> TableReading:
    """Every cell of the table: reported, marked, in doubt, or absent.

    vectors and zone are those of the table's zone, header the text of its section.
    """
    last_item = len(stream.items) - 1
    if table.layout == "one_row":
        cells, problems, found = read_side_by_side(table, vectors, stream, header, zone)
        recall = recall_of_one_row(found, vectors)
        last, matched = (found.last_item, len(table.rows)) if found else (-1, 0)
        return TableReading(cells, (*problems, *recall.issues), last, matched, 0, recall.printed, recall.read)
    table = fit_units(table, header)
    has_columns_in_header, is_known = bool(table.heading_lead), False
    if has_columns_in_header:
        table, is_known = fit_columns(fit_variant(table, header), header)
        # A unit apart from its label: other numbers stand between the two
        is_known = is_known and not any(split_unit(v.label)[0] == "" != v.label for v in vectors)
    labels = RowLabels(table)
    vectors = join_cut_rows(vectors, labels)
    alignment = align_rows(vectors, labels, len(table.rows))
    columns = read_columns(table, vectors, alignment, stream, header, is_known=is_known)
    rows = [_read_row(table, index, vectors, alignment, columns, last_item) for index in range(len(table.rows))]
    rows = doubt_blanks(doubt_misplaced(table, rows), vectors, alignment)
    if not has_columns_in_header:
        rows = doubt_unheaded(table, rows, stream, header)
        rows = doubt_miscolumned(table, rows, zone, stream.true_grids)
        rows = doubt_stray_numbers(table, edition_code, rows, stream.items)
    if columns.trusted and any(r.state in (RowState.UNPLACED, RowState.ABSENT) and r.cells for r in rows):
        # A table whose rows vary from place to place has rows of its own: none is known by its place alone
        unlabelled = {} if has_columns_in_header else _unlabelled(rows, vectors, alignment)
        rows = settle_rows(table, edition_code, rows, unlabelled)
    issues = [*columns.issues, *(issue for reading in rows for issue in reading.issues), *_missing_rows(table, rows)]
    recall = measure_recall(table, rows, vectors, alignment, header)
    return TableReading(
        cells=tuple(cell for reading in rows for cell in reading.cells),
        issues=(*issues, *recall.issues),
        last_item=max((r.vector.last_item for r in rows if r.vector), default=-1),
        matched_rows=len(alignment.rows),
        repeated_rows=len(alignment.repeated),
        printed_numbers=recall.printed,
        read_numbers=recall.read,
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
