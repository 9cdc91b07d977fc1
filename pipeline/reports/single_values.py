"""Rows of one value: whether that value stands under the heading that the form has for it.

Belongs here: taking back what has no heading, another one, or stands in another column than its heading. Does not
belong here: rows of several values, whose columns are told apart by their order (columns.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.contract.editions import FormTable
from pipeline.issues import IssueCode
from pipeline.reports.normalise import compact_label
from pipeline.reports.rows import RowReading, RowState, doubt_placed
from pipeline.reports.vectors import Stream, Vector


def doubt_unheaded(table: FormTable, readings: Sequence[RowReading], stream: Stream, header: str) -> list[RowReading]:
    """The rows, in doubt where nothing shows that a single value is what the form has there.

    header is the text of the table's section.
    """
    return [_doubt_unheaded(table, reading, stream, header) for reading in readings]


def _doubt_unheaded(table: FormTable, reading: RowReading, stream: Stream, header: str) -> RowReading:
    if reading.state is not RowState.PLACED or len(reading.row.columns) > 1 or reading.vector is None:
        return reading
    labels = table.columns[reading.row.columns[0]].labels
    if not any(label in header for label in labels):
        message = f"the heading {labels[0]!r} is not printed"
    elif _stands_elsewhere(reading.vector, labels, stream):
        message = f"the value does not stand under the heading {labels[0]!r}"
    else:
        return reading
    return doubt_placed(reading, IssueCode.HEADER_UNRECOGNISED, f"{reading.row.code}: {message}")


def _stands_elsewhere(vector: Vector, labels: tuple[str, ...], stream: Stream) -> bool:
    """Whether a grid with true columns prints the heading, and none of its cells spans a column of the values."""
    if vector.grid not in stream.true_grids:
        return False
    headed = list(_columns_under(vector.grid, labels, stream))
    values = [range(token.column, token.column + token.span) for token in vector.values]
    return bool(headed) and any(not any(column in columns for columns in headed for column in v) for v in values)


def _columns_under(grid: int, labels: tuple[str, ...], stream: Stream) -> Iterator[range]:
    for item in stream.items:
        if item.grid == grid:
            for cell in item.cells:
                if compact_label(cell.text) in labels:
                    yield range(cell.column, cell.column + cell.column_span)
