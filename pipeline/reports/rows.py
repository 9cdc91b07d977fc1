"""One printed row of a table: its cells, and what is said where they are in doubt.

Belongs here: making the cells of a row from a vector, and the reasons for which a row publishes nothing.
Does not belong here: which vector is which row (align.py), what several rows together can tell (sums.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from pipeline.contract.editions import FormRow, FormTable
from pipeline.issues import Issue, IssueCode
from pipeline.reports.columns import LARGEST_UNSUMMED, ColumnReading, place_tokens
from pipeline.reports.labels import LabelMatch, label_as_printed
from pipeline.reports.model import CellReading, CellState
from pipeline.reports.vectors import Token, Vector

QUOTED = 60
_AMOUNT = ".amount"


class RowState(Enum):
    """placed: each value has its column; unplaced: values are there, columns unknown; doubtful; absent: not found."""

    PLACED = "placed"
    UNPLACED = "unplaced"
    DOUBTFUL = "doubtful"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class RowReading:
    """One row of the form in one document. vector and match are None for an absent row."""

    row: FormRow
    state: RowState
    cells: tuple[CellReading, ...]
    vector: Vector | None = None
    match: LabelMatch | None = None
    issues: tuple[Issue, ...] = ()


def read_row(
    table: FormTable, row: FormRow, vector: Vector, match: LabelMatch, columns: ColumnReading, last_item: int
) -> RowReading:
    """The row's cells from its vector; last_item is the document's last item, where a number may have lost digits."""
    issues = [issue for issue in (_fuzzy(row, vector, match),) if issue]
    tokens = place_tokens(row, vector, columns)
    if tokens is None:
        if vector.last_item == last_item:
            issues.append(cut_off(row, vector))
        issues.append(_wrong_width(table, row, vector))
        return RowReading(
            row, RowState.UNPLACED, unplaced_cells(table, row, vector, match), vector, match, tuple(issues)
        )
    cells = placed_cells(table, row, tokens, match, vector)
    is_cut = vector.last_item == last_item and not is_whole(cells)
    if is_cut:
        issues.append(cut_off(row, vector))
    needs_header = len(row.columns) > 1 or bool(table.heading_lead)
    if is_cut or (needs_header and not columns.trusted):
        return RowReading(row, RowState.DOUBTFUL, in_doubt(cells), vector, match, tuple(issues))
    for cell in cells:
        if cell.state is CellState.ILLEGIBLE:
            message = f"{cell.code}: {cell.raw!r} cannot be read as one number"
            issues.append(Issue(IssueCode.VALUE_ILLEGIBLE, message, cell.locator))
    return RowReading(row, RowState.PLACED, cells, vector, match, tuple(issues))


def absent_row(table: FormTable, row: FormRow) -> RowReading:
    """A row that was not found; of an optional one there are no cells."""
    places = [] if row.is_optional else table.row_places(row)
    cells = tuple(CellReading(code, None, unit, CellState.ABSENT, "", "", "none") for code, unit in places)
    return RowReading(row, RowState.ABSENT, cells)


def doubt_row(reading: RowReading, issue: Issue) -> RowReading:
    """The same row publishing nothing, for this reason."""
    return replace(reading, state=RowState.DOUBTFUL, cells=in_doubt(reading.cells), issues=(issue, *reading.issues))


def doubt_placed(reading: RowReading, code: IssueCode, message: str) -> RowReading:
    """The same for a row that other rows or the headings speak against; one that is not placed stays as it is."""
    if reading.state is not RowState.PLACED or reading.vector is None:
        return reading
    return doubt_row(reading, Issue(code, message, str(reading.vector.tokens[0].locator)))


def placed_cells(
    table: FormTable, row: FormRow, tokens: Sequence[Token], match: LabelMatch, vector: Vector
) -> tuple[CellReading, ...]:
    """One cell per token, in the row's columns."""
    label, method = label_as_printed(vector.label, match), _method(vector)
    return tuple(
        CellReading(
            code,
            token.printed.value,
            token.printed.unit or match.unit or unit,
            token.printed.state,
            token.raw,
            str(token.locator),
            method,
            label,
            match.distance,
        )
        for (code, unit), token in zip(table.row_places(row), tokens, strict=True)
    )


def unplaced_cells(table: FormTable, row: FormRow, vector: Vector, match: LabelMatch) -> tuple[CellReading, ...]:
    """Ambiguous cells that all quote the whole row."""
    raw, place = quote_values(vector), str(vector.tokens[0].locator)
    label = label_as_printed(vector.label, match)
    return tuple(
        CellReading(code, None, unit, CellState.AMBIGUOUS, raw, place, _method(vector), label, match.distance)
        for code, unit in table.row_places(row)
    )


def in_doubt(cells: Sequence[CellReading]) -> tuple[CellReading, ...]:
    """The same cells with no value published: what was a number, or might be one, becomes ambiguous."""
    return tuple(replace(cell, value=None, state=CellState.AMBIGUOUS) for cell in cells)


def is_whole(cells: Sequence[CellReading]) -> bool:
    """Whether a row's last value cannot have lost digits: it is the row's sum, or 0, which begins no other integer."""
    if any(c.state in (CellState.AMBIGUOUS, CellState.BLANK) for c in cells):
        return False  # where a document breaks off, a blank may be all that is left of a number
    numbers = [c.value for c in cells if c.value is not None]
    if len(numbers) < len(cells):
        return cells[-1].state is not CellState.REPORTED
    if len(numbers) > LARGEST_UNSUMMED:
        return sum(numbers[:-1]) == numbers[-1]
    # An amount of 0 may have gone on with decimals
    return cells[-1].raw.strip() == "0" and not cells[-1].code.endswith(_AMOUNT)


def differs(one: Vector, other: Vector) -> bool:
    """Whether two vectors print other values."""
    return [t.raw.strip() for t in one.values] != [t.raw.strip() for t in other.values]


def quote_values(vector: Vector) -> str:
    """The values as printed, for a person to read; a blank is shown as a dot."""
    return " ".join(t.raw.strip() or "·" for t in vector.tokens)[:QUOTED]


def cut_off(row: FormRow, vector: Vector) -> Issue:
    """The document ends with this row."""
    message = f"{row.code}: the document ends with this row, so its last number may have lost digits"
    return Issue(IssueCode.CUT_OFF, message, str(vector.values[-1].locator) if vector.values else "")


def _method(vector: Vector) -> str:
    return "grid" if vector.grid >= 0 else "lines"


def _wrong_width(table: FormTable, row: FormRow, vector: Vector) -> Issue:
    printed = quote_values(vector)
    message = f"{table.code}.{row.code}: the form has {len(row.columns)} columns, the values are {printed!r}"
    return Issue(IssueCode.ROW_WIDTH, message, str(vector.tokens[0].locator))


def _fuzzy(row: FormRow, vector: Vector, match: LabelMatch) -> Issue | None:
    if match.distance == 0:
        return None
    printed = label_as_printed(vector.label, match)
    message = f"{row.code}: label {printed!r} differs from {match.label!r} in {match.distance} characters"
    return Issue(IssueCode.LABEL_FUZZY, message, str(vector.tokens[0].locator))
