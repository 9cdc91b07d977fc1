"""Rows in running text whose numbers may include one that is none of theirs: of the page, of a line, of the next row.

Belongs here: what the lines of a table show about each other. A blank leaves nothing behind in running text, so that a
stray number may take its place, and may even be the sum that is missing. Does not belong here: rows in grids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.contract.editions import FormTable
from pipeline.issues import IssueCode
from pipeline.reports.columns import LARGEST_UNSUMMED
from pipeline.reports.rows import RowReading, RowState, doubt_placed, quote_values
from pipeline.reports.sums import list_balances
from pipeline.reports.vectors import Item, Token

_FEWEST_EXTRAS = 2


@dataclass(frozen=True, slots=True)
class _LineRow:
    """A row in running text. shape: how many values stand on each of its lines.

    begins_line: before the first of them stands nothing. has_lone: one of them stands alone on a line, and could be the
    number of a page (never 0). is_numbered: one of its values stands before the words of another row.
    """

    index: int
    width: int
    shape: tuple[int, ...]
    begins_line: bool
    has_lone: bool
    is_numbered: bool

    @property
    def is_plain(self) -> bool:
        """Whether all values stand on one line, enough of them for their sum to be among them."""
        return len(self.shape) == 1 and self.width > LARGEST_UNSUMMED

    @property
    def is_scattered(self) -> bool:
        """Whether the values stand on several lines, one of them alone, and not the whole row on the first line."""
        return len(self.shape) > 1 and self.shape[0] < self.width and self.has_lone

    @property
    def has_more(self) -> bool:
        """Whether a whole row is followed by a line of more."""
        return len(self.shape) > 1 and self.shape[0] == self.width

    @property
    def is_one_a_line(self) -> bool:
        """Whether each value stands on a line of its own."""
        return set(self.shape) == {1}

    @property
    def is_short(self) -> bool:
        """Whether fewer values are printed than the form has."""
        return sum(self.shape) < self.width


def doubt_stray_numbers(
    table: FormTable, edition_code: str, readings: Sequence[RowReading], items: Sequence[Item]
) -> list[RowReading]:
    """The rows, in doubt where a number that is none of theirs may have taken the place of a blank.

    items are those of the document.
    """
    rows = list(readings)
    lines = list(_find_line_rows(rows, items))
    if not lines:
        return rows
    is_due = any(r.state is RowState.ABSENT and not r.row.is_optional for r in rows)
    extras = Counter(line.width for line in lines if line.shape[0] > line.width)
    unsafe = {line.index for line in lines if line.is_plain and extras[line.width] >= _FEWEST_EXTRAS}
    rest = [line for line in lines if not line.is_plain]
    unsafe |= {line.index for line in rest if _is_unsafe(line, lines, has_absent_rows=is_due)}
    unsafe |= _find_unbalanced(table, edition_code, rows, lines)
    for index in unsafe:
        rows[index] = _doubt(rows[index])
    return rows


def _doubt(reading: RowReading) -> RowReading:
    printed = quote_values(reading.vector) if reading.vector else ""
    message = f"of {printed!r}, one may be the number of a page, a line or a row in place of a blank"
    return doubt_placed(reading, IssueCode.ROW_WIDTH, f"{reading.row.code}: {message}")


def _find_line_rows(rows: Sequence[RowReading], items: Sequence[Item]) -> Iterator[_LineRow]:
    for index, reading in enumerate(rows):
        vector = reading.vector
        if vector is not None and vector.grid < 0 and vector.values:
            yield _read_line_row(index, len(reading.row.columns), vector.values, items)


def _read_line_row(index: int, width: int, values: Sequence[Token], items: Sequence[Item]) -> _LineRow:
    begins = _text_before(values[0], items) == ""
    if len(values) > 1 and values[0].item == values[-1].item:
        return _LineRow(index, width, (len(values),), begins, has_lone=False, is_numbered=False)
    counts = Counter(token.item for token in values)
    alone = [token for token in values if counts[token.item] == 1 and token.printed.value]
    is_numbered = any(_numbers_words(token, items) for token in alone)
    return _LineRow(index, width, tuple(counts.values()), begins, len(alone) > 0, is_numbered)


def _text_before(token: Token, items: Sequence[Item]) -> str:
    item = items[token.item]
    begin = item.locator.start or 1
    return item.text[: (token.locator.start or begin) - begin].strip()


def _numbers_words(token: Token, items: Sequence[Item]) -> bool:
    """Whether a value is the first of its line and words follow: then it is more likely the number of their row."""
    return items[token.item].compact != "" and _text_before(token, items) == ""


def _is_unsafe(row: _LineRow, lines: Sequence[_LineRow], *, has_absent_rows: bool) -> bool:
    if row.is_numbered and sum(row.shape) == row.width:
        return True
    alike = [other for other in lines if other.width == row.width]
    is_gapped = any(other.is_short for other in alike)
    if row.is_scattered and (is_gapped or not _is_usual_shape(row, alike)):
        return True
    if row.width > LARGEST_UNSUMMED or not (row.begins_line and row.has_lone):
        return False
    begun = sum(other.begins_line for other in lines)
    return begun * 2 < len(lines) or has_absent_rows


def _is_usual_shape(row: _LineRow, alike: Sequence[_LineRow]) -> bool:
    """Whether each value has a line of its own, or other rows are spread in the same way and none has a number more."""
    if row.is_one_a_line and all(other.is_one_a_line for other in alike):
        return True
    return sum(other.shape == row.shape for other in alike) > 1 and not any(other.has_more for other in alike)


def _find_unbalanced(
    table: FormTable, edition_code: str, rows: Sequence[RowReading], lines: Sequence[_LineRow]
) -> set[int]:
    """The rows of one value a line that have a part in a sum over several rows which does not hold.

    Nothing else could show there that a value is missing and another number follows.
    """
    rows_of_lines = (line for line in lines if line.is_scattered and line.is_one_a_line)
    scattered = {line.index for line in rows_of_lines if line.width > LARGEST_UNSUMMED}
    if not scattered:
        return set()
    values = {cell.code: cell.value for reading in rows for cell in reading.cells if cell.value is not None}
    wrong: set[str] = set()
    for place in list_balances(table, edition_code, rows):
        codes = place.left + place.right
        if all(code in values for code in codes):
            left, right = (sum(values[code] for code in side) for side in (place.left, place.right))
            wrong.update(codes if left != right else ())
    return {i for i in scattered if any(cell.code in wrong for cell in rows[i].cells)}
