"""Placed rows that the document's other numbers show to stand elsewhere: sums in another column, a group's own row.

Belongs here: what only several rows together reveal, and taking back what was placed. Does not belong here: settling
rows that were not placed (sums.py), contradictions of single rows, which are the source's own and stay as printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from pipeline.contract.editions import FormTable
from pipeline.issues import IssueCode
from pipeline.reports.align import Alignment
from pipeline.reports.labels import SUM_COLUMN, RowLabels
from pipeline.reports.model import CellState
from pipeline.reports.normalise import compact_label
from pipeline.reports.rows import RowReading, RowState, doubt_placed, quote_values
from pipeline.reports.vectors import Vector

# What is left of a label that is none: the ordinal of a row
_NO_LABEL = 1


def doubt_misplaced(table: FormTable, readings: Sequence[RowReading]) -> list[RowReading]:
    """The rows, in doubt where the column of their sums is another one or where the rows they stand for are printed."""
    rows = list(readings)
    if _sums_stand_elsewhere(rows):
        message = f"{table.code}: most rows add up to another column than the one that the form has for sums"
        rows = [doubt_placed(r, IssueCode.HEADER_UNRECOGNISED, message) if _ends_in_sum(r) else r for r in rows]
    printed = {r.row.code for r in rows if r.state is not RowState.ABSENT}
    for index, reading in enumerate(rows):
        beside = sorted(printed.intersection(reading.row.stands_for))
        if beside:
            message = f"{reading.row.code}: printed beside rows that it stands for: {', '.join(beside)}"
            rows[index] = doubt_placed(reading, IssueCode.ROW_REPEATED, message)
    return rows


def doubt_blanks(readings: Sequence[RowReading], vectors: Sequence[Vector], alignment: Alignment) -> list[RowReading]:
    """The rows, in doubt where one with blanks stands beside numbers that no row took and that may be its own."""
    rows = list(readings)
    for index, (place, match) in alignment.rows.items():
        reading = rows[index]
        if all(cell.state is not CellState.BLANK for cell in reading.cells):
            continue
        beside = [vectors[i] for i in alignment.leftover if abs(i - place) == 1]
        near = [v for v in beside if v.values and (match.distance or len(compact_label(v.label)) <= _NO_LABEL)]
        if near:
            message = f"{reading.row.code}: blanks stand beside the values {quote_values(near[0])!r} of no known row"
            rows[index] = doubt_placed(reading, IssueCode.ROW_WIDTH, message)
    return rows


def join_cut_rows(vectors: Sequence[Vector], labels: RowLabels) -> list[Vector]:
    """The vectors, where a page ends within a row of a grid joined: its label goes on in a row of blanks."""
    joined: list[Vector] = []
    for vector in vectors:
        last = joined[-1] if joined else None
        if last is not None and last.grid == vector.grid >= 0 and last.values and not vector.values:
            whole = last.label + vector.label
            is_cut = labels.match_exactly(last.label) is None and labels.match_exactly(vector.label) is None
            if is_cut and labels.match_exactly(whole) is not None:
                joined[-1] = replace(last, label=whole)
                continue
        joined.append(vector)
    return joined


def _ends_in_sum(reading: RowReading) -> bool:
    return reading.row.columns[-1] == SUM_COLUMN


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
