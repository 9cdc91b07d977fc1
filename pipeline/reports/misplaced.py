"""Placed rows that the document's other numbers show to stand elsewhere: sums in another column, a group's own row.

Belongs here: what only several rows together reveal, and taking back what was placed. Does not belong here: settling
rows that were not placed (sums.py), contradictions of single rows, which are the source's own and stay as printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pipeline.contract.editions import FormTable
from pipeline.issues import Issue, IssueCode
from pipeline.reports.rows import RowReading, RowState, doubt_row

_SUM = "total"


def doubt_misplaced(table: FormTable, readings: Sequence[RowReading]) -> list[RowReading]:
    """The rows, in doubt where the column of their sums is another one or where the rows they stand for are printed."""
    rows = list(readings)
    if _sums_stand_elsewhere(rows):
        message = f"{table.code}: most rows add up to another column than the one that the form has for sums"
        rows = [_doubt(r, IssueCode.HEADER_UNRECOGNISED, message) if _ends_in_sum(r) else r for r in rows]
    printed = {r.row.code for r in rows if r.state is not RowState.ABSENT}
    for index, reading in enumerate(rows):
        beside = sorted(printed.intersection(reading.row.stands_for))
        if beside:
            message = f"{reading.row.code}: printed beside rows that it stands for: {', '.join(beside)}"
            rows[index] = _doubt(reading, IssueCode.ROW_REPEATED, message)
    return rows


def _doubt(reading: RowReading, code: IssueCode, message: str) -> RowReading:
    if reading.state is not RowState.PLACED or reading.vector is None:
        return reading
    return doubt_row(reading, Issue(code, message, str(reading.vector.tokens[0].locator)))


def _ends_in_sum(reading: RowReading) -> bool:
    return reading.row.columns[-1] == _SUM


def _sums_stand_elsewhere(rows: Sequence[RowReading]) -> bool:
    """Whether more rows have their sum in some other column than in the last; rows of zeros tell nothing."""
    counts = Counter(place for numbers in _complete_rows(rows) for place in _places_of_sum(numbers))
    last = max((len(r.cells) for r in rows if _ends_in_sum(r)), default=0) - 1
    return any(count > counts[last] for count in counts.values())


def _complete_rows(rows: Sequence[RowReading]) -> Iterator[list[Decimal]]:
    """The numbers of rows that print as many as the form has, whether they were placed or not."""
    for reading in rows:
        values = reading.vector.values if reading.vector else ()
        numbers = [token.printed.value for token in values if token.printed.value is not None]
        if _ends_in_sum(reading) and len(numbers) == len(values) == len(reading.cells):
            yield numbers


def _places_of_sum(numbers: Sequence[Decimal]) -> Iterator[int]:
    whole = sum(numbers)
    return (place for place, number in enumerate(numbers) if whole and number * 2 == whole)
