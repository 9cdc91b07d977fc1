"""What stands above the rows of a table, where the form has its column headings.

Belongs here: taking back rows whose headings are printed in another order, or with another word in place of one of the
form's. Only the words between a row and the row before it count: a section's text may use the same words anywhere.
Does not belong here: which column of a grid is which (columns.py).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.contract.editions import FormTable
from pipeline.issues import IssueCode
from pipeline.reports.labels import SUM_COLUMN
from pipeline.reports.normalise import compact_label, label_behind_ordinal
from pipeline.reports.patterns import load_patterns
from pipeline.reports.rows import RowReading, RowState, doubt_placed
from pipeline.reports.vectors import Item, Vector

# One other character is a misprint, two make another word
_FEWEST_FOREIGN = 2
# As much of a row's label as shows where it begins, and of a wrapped heading as tells it from the others
_LABEL_BEGIN = 4
_HEADING_BEGIN = 2


@dataclass(frozen=True, slots=True)
class _Words:
    """The words that a table may print above its rows, and the columns that headings name.

    pattern has a group for each kind: spanner, row, heading. has_blocks: whether rows differ in their columns.
    """

    pattern: re.Pattern[str]
    codes: Mapping[str, str]
    rows: frozenset[str]
    spanners: tuple[str, ...]
    spanning: frozenset[str]
    has_blocks: bool

    def codes_in(self, text: str) -> list[str]:
        """The columns whose headings a text prints, in printed order."""
        return [self.codes[match["heading"]] for match in self.pattern.finditer(text) if match["heading"]]

    def rest_of(self, text: str) -> str:
        """The text from its first heading on, or from what spans it, without any of the words."""
        found = (match for match in self.pattern.finditer(text) if not match["row"])
        first = next((match.start() for match in found), 0)
        rest = load_patterns().heading_fillers.sub("", self.pattern.sub("", text[first:]))
        # What spans headings is wrapped too, and read in parts
        return "".join(character for character in rest if character not in self.spanning)


@dataclass(frozen=True, slots=True)
class _Headings:
    """The text above a row, that row's label, which may begin in it where it is wrapped, and its columns."""

    text: str
    label: str
    columns: tuple[str, ...]


def doubt_miscolumned(
    table: FormTable, readings: Sequence[RowReading], items: Sequence[Item], true_grids: frozenset[int]
) -> list[RowReading]:
    """The rows, in doubt where the headings above them are not the form's; items are those of the table's zone."""
    rows = list(readings)
    words = _words_of(table)
    headings = _Headings("", "", ())
    problems: dict[tuple[str, tuple[str, ...], bool], str] = {}
    printed = [(index, r.vector) for index, r in enumerate(rows) if r.vector is not None]
    begin = items[0].index if items else 0
    for index, vector in sorted(printed, key=lambda pair: pair[1].item):
        reading = rows[index]
        columns = reading.row.columns
        above = _text_above(items, begin, vector, reading)
        begin = max(begin, vector.last_item + 1)
        if _is_heading(above, words):
            headings = _Headings(above, reading.match.label if reading.match else "", columns)
        if reading.state is not RowState.PLACED:
            continue
        # Rows below the same headings have the same answer
        key = headings.text, columns, vector.grid in true_grids
        if key not in problems:
            problems[key] = _find_contradiction(table, words, columns, headings, is_by_column=key[2])
        if problems[key]:
            message = f"{reading.row.code}: {problems[key]}"
            rows[index] = doubt_placed(reading, IssueCode.HEADER_UNRECOGNISED, message)
    return rows


def _find_contradiction(
    table: FormTable, words: _Words, columns: Sequence[str], headings: _Headings, *, is_by_column: bool
) -> str:
    """What shows that these headings are not those of the columns: their order or a foreign word; '' for nothing.

    Headings of other columns show nothing about these.

    is_by_column: whether each value stands in the column of its heading, so that one more heading does no harm.
    """
    found = [code for code in words.codes_in(headings.text) if code in columns]
    if not found and columns != headings.columns:
        return ""
    places = [columns.index(code) for code in _once([code for code in found if code != SUM_COLUMN])]
    if places != sorted(set(places)) or _stands_before(table, words, columns, headings.text):
        return "the column headings stand in another order than the form's"
    missing = [code for code in columns if code not in found]
    if not missing and is_by_column:
        return ""
    rest = words.rest_of(headings.text)
    spare = "".join([headings.label, *(table.columns[code].labels[0] for code in missing)])
    if _has_foreign_word(rest, spare if missing else rest, sums=missing.count(SUM_COLUMN), is_single=len(columns) == 1):
        named = ", ".join(repr(table.columns[code].labels[0]) for code in missing) or "none"
        return f"a heading is printed that the form does not have; of its own are missing: {named}"
    return ""


def has_foreign_heading(table: FormTable, headings: str) -> bool:
    """Whether a table in one row prints a foreign word where one of the headings of its rows is missing."""
    words = _words_of(table)
    printed = Counter(words.codes_in(headings))
    if all(printed[code] >= len(table.rows) for code in table.columns):
        return False
    rest = words.rest_of(headings)
    # Wrapped headings may be read in parts and more than once; their characters are all the form's
    known = "".join(label for column in table.columns.values() for label in column.labels)
    sums = len(table.rows) - printed[SUM_COLUMN]
    return _has_foreign_word(rest, "".join(c * rest.count(c) for c in set(known)), sums=sums, is_single=False)


def _text_above(items: Sequence[Item], begin: int, vector: Vector, reading: RowReading) -> str:
    """The letters between the row before and the beginning of this row's label."""
    start = bisect_left(items, begin, key=lambda item: item.index)
    end = bisect_right(items, vector.item, key=lambda item: item.index)
    above = "".join(item.compact for item in items[start:end])
    label = reading.match.label if reading.match else ""
    cut = above.rfind(label[:_LABEL_BEGIN]) if label else -1
    return above[:cut] if cut >= 0 else above


def _is_heading(above: str, words: _Words) -> bool:
    """Whether a text is the headings of columns. A word that is also a row's label does not show that."""
    for match in words.pattern.finditer(above):
        if match["spanner"] or (match["heading"] and match["heading"] not in words.rows):
            return True
    return words.has_blocks and load_patterns().heading_words.search(words.pattern.sub("", above)) is not None


def _once(codes: list[str]) -> list[str]:
    """The codes of headings that are printed several times over, once."""
    times = codes.count(codes[0]) if codes else 0
    length = len(codes) // times if times else 0
    return codes[:length] if codes == codes[:length] * times else codes


def _stands_before(table: FormTable, words: _Words, columns: Sequence[str], headings: str) -> bool:
    """Whether a heading of two characters stands before most of those that the form has before it.

    Only the beginnings of these are looked for: headings that are wrapped are read line by line.
    """
    text = headings
    for spanner in words.spanners:
        text = text.replace(spanner, "")
    for number, code in enumerate(columns):
        place = text.find(table.columns[code].labels[0])
        if code == SUM_COLUMN or len(table.columns[code].labels[0]) > _HEADING_BEGIN or place < 0:
            continue
        begins = [text.find(table.columns[c].labels[0][:_HEADING_BEGIN]) for c in columns[:number]]
        before = sum(0 <= begin < place for begin in begins)
        if before * 2 < sum(begin >= 0 for begin in begins):
            return True
    return False


def _has_foreign_word(rest: str, spare: str, *, sums: int, is_single: bool) -> bool:
    """Whether the rest of the headings is more than parts of the words that are not printed whole, misprints allowed.

    sums: how many headings of sums are missing. A single value has no others beside it that would show what it is, so
    its heading allows no misprint.
    """
    patterns = load_patterns()
    rest = rest.replace(patterns.sum_heading, "", sums) if sums else rest
    if patterns.foreign_headings.search(rest):
        return True
    return (Counter(rest) - Counter(spare)).total() >= (1 if is_single else _FEWEST_FOREIGN)


def _words_of(table: FormTable) -> _Words:
    columns = tuple((label, code) for code, column in table.columns.items() for label in column.labels)
    rows = tuple(label for row in table.rows for label in row.labels)
    has_blocks = len({row.columns for row in table.rows}) > 1
    spanners = (*table.spanners, compact_label(table.label_zh))
    return _compile_words(columns, spanners, rows, table.group_labels, has_blocks)


@lru_cache(maxsize=64)
def _compile_words(
    columns: tuple[tuple[str, str], ...],
    spanners: tuple[str, ...],
    rows: tuple[str, ...],
    groups: tuple[str, ...],
    has_blocks: bool,
) -> _Words:
    codes = dict(columns)
    others = {*rows, *map(label_behind_ordinal, groups)} - codes.keys()
    pattern = re.compile(
        f"(?P<spanner>{load_patterns().block_caption}|{_any_of(spanners)})|(?P<row>{_any_of(others)})|(?P<heading>{_any_of(codes)})"
    )
    return _Words(pattern, codes, frozenset(rows), spanners, frozenset("".join(spanners)), has_blocks)


def _any_of(words: Iterable[str]) -> str:
    """One of the words, the longest that fits; nothing fits where there are none."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or "(?!)"
