"""One table of the form, from the vectors in its zone to its cells.

Belongs here: which vector fills which row, whether its values stand in the form's columns beyond doubt, and what is
said when they don't. Does not belong here: finding the zone (zones.py), the meaning of one value (values.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.contract.editions import FormRow, FormTable
from pipeline.issues import Issue, IssueCode
from pipeline.reports.align import Alignment, align_rows
from pipeline.reports.columns import ColumnReading, place_tokens, read_columns
from pipeline.reports.labels import LabelMatch, RowLabels, label_as_printed
from pipeline.reports.model import CellReading, CellState
from pipeline.reports.vectors import Stream, Token, Vector

_QUOTED = 60


@dataclass(frozen=True, slots=True)
class TableReading:
    """The cells of one table in printed order, what went wrong, and the last item it occupies (-1: not printed)."""

    cells: tuple[CellReading, ...]
    issues: tuple[Issue, ...]
    last_item: int
    matched_rows: int
    repeated_rows: int


def read_table(
    table: FormTable, vectors: Sequence[Vector], stream: Stream, header: str, last_item: int
) -> TableReading:
    """Every cell of the table: reported, marked, in doubt, or absent.

    vectors are those of the table's zone, header its text before the first row; last_item is the document's last item
    when the document stops before the form does, so that a value there may be cut off, else -1.
    """
    if table.layout == "one_row":
        return _read_side_by_side(table, vectors, stream, header, last_item)
    alignment = align_rows(vectors, RowLabels(table.rows), len(table.rows))
    columns = read_columns(table, vectors, alignment, stream, header)
    cells: list[CellReading] = []
    issues: list[Issue] = list(columns.issues)
    for index, row in enumerate(table.rows):
        found = alignment.rows.get(index)
        if found is None:
            cells.extend(() if row.is_optional else _absent(table, row))
            continue
        vector, match = vectors[found[0]], found[1]
        doubt = _repeated(row, [vectors[i] for i in alignment.repeated.get(index, ())], vector)
        read, problem = _read_row(table, row, vector, match, columns, last_item)
        cells.extend(_in_doubt(read) if doubt else read)
        cut = _cut_off(row, vector) if vector.last_item == last_item and not _is_whole(read) else None
        issues.extend(issue for issue in (doubt, problem, cut, _fuzzy(row, vector, match)) if issue)
    issues.extend(_missing_rows(table, alignment))
    issues.extend(_unread(vectors[i]) for i in alignment.leftover if _is_unread(i, vectors, alignment))
    last = max((vectors[i].last_item for i, _ in alignment.rows.values()), default=-1)
    return TableReading(tuple(cells), tuple(issues), last, len(alignment.rows), len(alignment.repeated))


def _read_side_by_side(
    table: FormTable, vectors: Sequence[Vector], stream: Stream, header: str, last_item: int
) -> TableReading:
    """A table whose rows stand beside each other in one printed row: read by order, once its header is recognised."""
    width = sum(len(row.columns) for row in table.rows)
    columns = read_columns(table, vectors, None, stream, header)
    # Notes and page numbers may stand in the zone; the row is the one vector of the full width
    full = [v for v in vectors if len(v.values) == width or (v.grid >= 0 and len(v.tokens) == width)]
    full = [v for v in full if v.values] or full[:1]
    if not full:
        absent = tuple(c for row in table.rows for c in _absent(table, row))
        unread = [_unread(v) for v in vectors if any(t.printed.state is CellState.REPORTED for t in v.values)]
        missing = Issue(IssueCode.TABLE_MISSING, f"{table.code}: its row of {width} values was not found")
        return TableReading(absent, (missing, *unread), -1, 0, 0)
    vector = full[0]
    tokens = list(vector.values) if len(vector.values) == width else list(vector.tokens)
    cells: list[CellReading] = []
    issues: list[Issue] = list(columns.issues)
    for row in table.rows:
        part, tokens = tokens[: len(row.columns)], tokens[len(row.columns) :]
        read = _cells(table, row, part, LabelMatch("", 0), vector)
        cut = not tokens and vector.last_item == last_item and not _is_whole(read)
        if cut:
            issues.append(_cut_off(row, vector))
        doubtful = cut or not columns.trusted or any(_differs(other, vector) for other in full[1:])
        cells.extend(_in_doubt(read) if doubtful else read)
    if any(_differs(other, vector) for other in full[1:]):
        issues.append(Issue(IssueCode.ROW_REPEATED, f"{table.code}: printed more than once with different values"))
    return TableReading(tuple(cells), tuple(issues), vector.last_item, len(table.rows), 0)


def _read_row(
    table: FormTable, row: FormRow, vector: Vector, match: LabelMatch, columns: ColumnReading, last_item: int
) -> tuple[tuple[CellReading, ...], Issue | None]:
    tokens = place_tokens(row, vector, columns)
    if tokens is None:
        printed = " ".join(t.raw.strip() or "·" for t in vector.tokens)[:_QUOTED]
        message = f"{table.code}.{row.code}: the form has {len(row.columns)} columns, the values are {printed!r}"
        issue = Issue(IssueCode.ROW_WIDTH, message, str(vector.tokens[0].locator))
        return _ambiguous(table, row, vector, printed, match), issue
    cells = _cells(table, row, tokens, match, vector)
    if vector.last_item == last_item and not _is_whole(cells):
        return _in_doubt(cells), None
    if not columns.trusted and len(row.columns) > 1:
        return _in_doubt(cells), None
    bad = [c for c in cells if c.state is CellState.ILLEGIBLE]
    if bad:
        message = f"{table.code}.{row.code}: {bad[0].raw!r} cannot be read as one number"
        return cells, Issue(IssueCode.VALUE_ILLEGIBLE, message, bad[0].locator)
    return cells, None


def _cells(
    table: FormTable, row: FormRow, tokens: Sequence[Token], match: LabelMatch, vector: Vector
) -> tuple[CellReading, ...]:
    label = label_as_printed(vector.label, match)
    return tuple(
        CellReading(
            code=form.code,
            value=token.printed.value,
            unit=token.printed.unit or form.unit,
            state=token.printed.state,
            raw=token.raw,
            locator=str(token.locator),
            method="grid" if vector.grid >= 0 else "lines",
            label=label,
            label_distance=match.distance,
        )
        for form, token in zip(table.row_cells(row), tokens, strict=True)
    )


def _absent(table: FormTable, row: FormRow) -> tuple[CellReading, ...]:
    return tuple(
        CellReading(form.code, None, form.unit, CellState.ABSENT, "", "", "none") for form in table.row_cells(row)
    )


def _ambiguous(
    table: FormTable, row: FormRow, vector: Vector, printed: str, match: LabelMatch
) -> tuple[CellReading, ...]:
    place, method = str(vector.tokens[0].locator), "grid" if vector.grid >= 0 else "lines"
    label = label_as_printed(vector.label, match)
    return tuple(
        CellReading(
            form.code,
            None,
            form.unit,
            CellState.AMBIGUOUS,
            printed,
            place,
            method,
            label,
            match.distance,
        )
        for form in table.row_cells(row)
    )


def _in_doubt(cells: Sequence[CellReading]) -> tuple[CellReading, ...]:
    """The same cells with no value published: what was a number, or might be one, becomes ambiguous."""
    return tuple(
        CellReading(c.code, None, c.unit, CellState.AMBIGUOUS, c.raw, c.locator, c.method, c.label, c.label_distance)
        for c in cells
    )


def _is_whole(cells: Sequence[CellReading]) -> bool:
    """Whether a row's last value cannot have lost digits: it is the row's sum, or 0, which begins no other integer."""
    if any(c.state is CellState.AMBIGUOUS for c in cells):
        return False
    numbers = [c.value for c in cells if c.value is not None]
    if len(numbers) < len(cells):
        return cells[-1].state is not CellState.REPORTED
    if len(numbers) > 3:
        return sum(numbers[:-1]) == numbers[-1]
    return cells[-1].raw.strip() == "0" and cells[-1].unit != "万元"


def _differs(one: Vector, other: Vector) -> bool:
    return [t.raw.strip() for t in one.values] != [t.raw.strip() for t in other.values]


def _repeated(row: FormRow, others: Sequence[Vector], vector: Vector) -> Issue | None:
    """The issue when another vector of the row's width carries the row's label and other values."""
    different = [v for v in others if len(v.values) == len(row.columns) and _differs(v, vector)]
    if not different:
        return None
    message = f"{row.code}: this row is printed more than once, with different values"
    return Issue(IssueCode.ROW_REPEATED, message, str(different[0].tokens[0].locator))


def _missing_rows(table: FormTable, alignment: Alignment) -> list[Issue]:
    due = [(i, row.code) for i, row in enumerate(table.rows) if not row.is_optional]
    missing = [code for i, code in due if i not in alignment.rows]
    if not missing:
        return []
    if len(missing) == len(due):
        return [Issue(IssueCode.TABLE_MISSING, f"{table.code}: no row of this table was found")]
    return [Issue(IssueCode.ROW_MISSING, f"{table.code}: not found: {', '.join(missing)}")]


def _is_unread(index: int, vectors: Sequence[Vector], alignment: Alignment) -> bool:
    """Whether a vector that no row took prints numbers inside the table: between its first and last row."""
    if any(index in indexes and row in alignment.rows for row, indexes in alignment.repeated.items()):
        return False
    placed = [i for i, _ in alignment.rows.values()]
    inside = bool(placed) and min(placed) < index < max(placed)
    return inside and any(t.printed.state is CellState.REPORTED for t in vectors[index].values)


def _unread(vector: Vector) -> Issue:
    printed = " ".join(t.raw.strip() for t in vector.values)[:_QUOTED]
    message = f"values {printed!r} after {vector.label[-20:]!r} belong to no row of the form"
    return Issue(IssueCode.VALUES_UNREAD, message, str(vector.tokens[0].locator))


def _cut_off(row: FormRow, vector: Vector) -> Issue:
    message = f"{row.code}: the document ends with this row, so its last number may have lost digits"
    return Issue(IssueCode.CUT_OFF, message, str(vector.values[-1].locator) if vector.values else "")


def _fuzzy(row: FormRow, vector: Vector, match: LabelMatch) -> Issue | None:
    if match.distance == 0:
        return None
    printed = label_as_printed(vector.label, match)
    message = f"{row.code}: label {printed!r} differs from {match.label!r} in {match.distance} characters"
    return Issue(IssueCode.LABEL_FUZZY, message, str(vector.tokens[0].locator))
