"""The cells of one report, complete and fit to be stored: one per cell of its form, in printed order.

Belongs here: filling in cells that were not printed, refusing numbers no table can hold exactly, masking words.
Does not belong here: reading values (reports/) or comparing them (identities.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache

from pipeline.contract.editions import FormTable, edition_by_code
from pipeline.facts.masking import mask_personal
from pipeline.issues import Issue, IssueCode
from pipeline.reports.model import CellReading, CellState, Report

DECIMAL_PLACES = 8
# Two digits less than the column type holds, so that the sum of a table's column still fits it.
INTEGER_DIGITS = 14
_SMALLEST = Decimal(1).scaleb(-DECIMAL_PLACES)
_LIMIT = Decimal(10) ** INTEGER_DIGITS
# States that are our doubt, not the source's silence
IN_DOUBT = frozenset({CellState.AMBIGUOUS, CellState.ILLEGIBLE})
# States that the lenient verdict takes as 0; a word such as "not applicable" is no zero even then
LENIENT_ZERO = frozenset({CellState.BLANK, CellState.ABSENT, CellState.SLASH, CellState.DASH})
# Words printed in a cell can be anything, also a name, and digits in doubt a telephone number; the other states hold
# counts and marks only
_MASKED_STATES = frozenset({CellState.TEXT, CellState.ILLEGIBLE, CellState.AMBIGUOUS})
# No telephone number is smaller, its leading zero left out, and no count of an organ is larger
_SMALLEST_CONTACT = Decimal(10) ** 9

# (table, column) of cells
Columns = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ReportCells:
    """Every cell of the report's form by code, in printed order, and the issues found while completing them.

    not_addends are the cells that a sum leaves out because another row says the same: where a row of another edition is
    printed instead of this form's rows, those rows; where both are printed, the row of the other edition.
    """

    readings: Mapping[str, CellReading]
    not_addends: frozenset[str] = frozenset()
    issues: tuple[Issue, ...] = ()


def complete_cells(report: Report) -> ReportCells:
    """One reading per cell of the form: what was not read is `absent`, what cannot be stored exactly `illegible`.

    Rows that an edition only tolerates are there when they were read. ValueError when the same cell was read twice or
    is none of the edition: a defect of the reader, for which choosing one of the readings silently would be the wrong
    answer. KeyError for an edition the contract does not have; '' is a report in no recognised form, without cells.
    """
    if not report.edition and not report.cells:
        return ReportCells({})
    edition = edition_by_code(report.edition)
    read = _index_readings(report.cells)
    readings: dict[str, CellReading] = {}
    issues: list[Issue] = []
    for code, unit, is_optional in _form_places(edition.code):
        reading = read.pop(code, None)
        if reading is not None:
            readings[code] = _settle(reading)
            if readings[code].state is not reading.state:
                issues.append(_refused_issue(reading))
        elif not is_optional:
            readings[code] = CellReading(code, None, unit, CellState.ABSENT, "", "", "none")
    if read:
        raise ValueError(f"cells that are none of the form {report.edition} were read: {', '.join(sorted(read))}")
    not_addends = frozenset(code for table in edition.tables for code in _find_repeated(table, readings))
    return ReportCells(readings, not_addends, tuple(issues))


def find_printed_columns(readings: Mapping[str, CellReading]) -> Columns:
    """The columns of which at least one cell is printed; the others are none of the document's form."""
    return frozenset(column_of(code) for code, cell in readings.items() if cell.state is not CellState.ABSENT)


@lru_cache(maxsize=4096)
def column_of(code: str) -> tuple[str, str]:
    """The (table, column) of a cell code."""
    return code.partition(".")[0], code.rpartition(".")[2]


def is_storable(value: Decimal | None) -> bool:
    """Whether a number fits the warehouse's decimal columns without losing a digit; None does not."""
    return value is not None and value.is_finite() and _fits_exactly(value)


@lru_cache(maxsize=4096)
def _fits_exactly(value: Decimal) -> bool:
    # copy_abs, since abs() rounds and overflows at a number of a million digits
    return value.copy_abs() < _LIMIT and value.quantize(_SMALLEST) == value


def _is_contact(reading: CellReading) -> bool:
    """Whether the number printed in place of a count is a telephone number."""
    is_long = reading.value is not None and reading.value >= _SMALLEST_CONTACT
    return is_long and mask_personal(reading.raw) != reading.raw


@cache
def _form_places(edition_code: str) -> tuple[tuple[str, str, bool], ...]:
    """Every cell that the form may print, in order: its code, the unit of its row, whether the row is optional."""
    return tuple(
        (f"{table.code}.{row.code}.{column}", row.unit, row.is_optional)
        for table in edition_by_code(edition_code).tables
        for row in table.rows
        for column in row.columns
    )


def _index_readings(cells: Iterable[CellReading]) -> dict[str, CellReading]:
    read: dict[str, CellReading] = {}
    for cell in cells:
        if cell.code in read:
            raise ValueError(f"cell {cell.code} was read twice, at {read[cell.code].locator} and {cell.locator}")
        read[cell.code] = cell
    return read


def _settle(reading: CellReading) -> CellReading:
    """The reading fit to be stored; its state changes only where its number is not."""
    if reading.state is CellState.REPORTED:
        if is_storable(reading.value) and not _is_contact(reading):
            return reading
        reading = replace(reading, state=CellState.ILLEGIBLE)
    raw = mask_personal(reading.raw) if reading.state in _MASKED_STATES else reading.raw
    if reading.value is None and raw == reading.raw:
        return reading
    return replace(reading, value=None, raw=raw)


def _find_repeated(table: FormTable, readings: Mapping[str, CellReading]) -> Iterator[str]:
    """Cells of rows that are said twice, once by the form's own rows and once by a row that stands for them."""
    for row in table.rows:
        for column in row.columns if row.stands_for else ():
            whole = f"{table.code}.{row.code}.{column}"
            parts = [code for part in row.stands_for if (code := f"{table.code}.{part}.{column}") in readings]
            is_whole_printed = whole in readings and readings[whole].state is not CellState.ABSENT
            are_parts_printed = any(readings[code].state is not CellState.ABSENT for code in parts)
            if are_parts_printed or (row.is_optional and not is_whole_printed):
                yield whole
            else:
                yield from parts


def _refused_issue(reading: CellReading) -> Issue:
    if is_storable(reading.value):
        message = f"{reading.code}: {reading.raw!r} reads as a telephone number, not as a count. Look at the source."
        return Issue(IssueCode.VALUE_ILLEGIBLE, message, reading.locator)
    message = (
        f"{reading.code}: {reading.raw!r} has more than {DECIMAL_PLACES} decimals or {INTEGER_DIGITS} digits before "
        "the point; it is not published because storing it would change it. Look at the source."
    )
    return Issue(IssueCode.VALUE_ILLEGIBLE, message, reading.locator)
