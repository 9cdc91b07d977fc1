"""Lines of words beside rows of numbers to the labels of these rows, in tables without borders.

Belongs here: which lines are one label, and of which row, by their height alone. What can be taken in two ways is not
taken. Does not belong here: the rows of numbers (pdf_columns.py), what a label says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from pipeline.documents.pdf_pieces import SAME_LEFT, SAME_LEVEL, Piece, join_pieces, list_steps

# In ems: nearer than this, two things stand at one height. One line more or less moves a label's middle by half a line
_SAME_HEIGHT = 0.25
# First lines are a whole line apart, and fonts of words and numbers begin lower or higher
_SAME_TOP = 0.4
# First and one past the last line of a label
Span = tuple[int, int]
# The column of a label and its lines; the row that a group begins at, its column and its lines
Label = tuple[int, tuple[Piece, ...]]
Group = tuple[int, int, tuple[Piece, ...]]


class Anchor(NamedTuple):
    """Where the lines of a label stand as a whole, and in ems how near that is to the height of its numbers."""

    find_height: Callable[[Sequence[Piece]], float]
    reach: float


class Spacing(Enum):
    """ROWS_APART: there is more between the labels of two rows than between the lines of one. UNKNOWN: or not."""

    ROWS_APART = "rows_apart"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Labels:
    """of_row: row → column and lines of its label. leading: what stands above the first label.

    groups: (row, column, lines) of what stands beside the labels, by the row at whose height it begins.
    """

    of_row: Mapping[int, Label]
    groups: tuple[Group, ...]
    leading: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows that lines stand beside: the heights of their numbers, and what counts as near, in points.

    step: from line to line of one label at most. tolerance: between what stands at one height. em: the width of an
    ideograph.
    """

    heights: tuple[float, ...]
    step: float
    tolerance: float
    em: float
    ends_page: bool

    def find_gaps(self, lines: Sequence[Piece]) -> frozenset[int]:
        """The lines that stand apart from the one before, the first one and the end included."""
        inner = (i for i in range(1, len(lines)) if lines[i - 1].baseline - lines[i].baseline > self.step)
        return frozenset((0, *inner, len(lines)))

    def choose_spans(
        self, rows: Sequence[int], lines: Sequence[Piece], anchor: Anchor, spacing: Spacing, *, has_groups: bool
    ) -> tuple[Span | None, ...] | None:
        """One span of lines or none for each row, for as many rows as possible; None if there are several ways.

        Of several ways, the only one is taken that leaves no line over which follows a label as its own lines do.
        """
        gaps = self.find_gaps(lines)
        candidates = [tuple(self._list_spans(row, lines, gaps, anchor)) for row in rows]
        if spacing is Spacing.ROWS_APART:
            between = [[s for s in spans if s[0] in gaps and s[1] in gaps] for spans in candidates]
            if self.ends_page and rows[-1:] == [len(self.heights) - 1] and not between[-1]:
                between[-1].extend(self._cut_span(lines, gaps))
            ways, spans = _count_ways(between, gaps, has_groups=has_groups)
            return spans if ways == 1 else None
        for ends in (frozenset(range(len(lines) + 1)), gaps):
            ways, spans = _count_ways(candidates, ends, has_groups=has_groups)
            if ways == 1:
                return spans
        return None

    def _list_spans(self, row: int, lines: Sequence[Piece], gaps: frozenset[int], anchor: Anchor) -> Iterator[Span]:
        """Consecutive lines without a gap that stand at the height of a row, between those of its neighbours."""
        height = self.heights[row]
        above = self.heights[row - 1] - self.tolerance if row else math.inf
        below = self.heights[row + 1] + self.tolerance if row + 1 < len(self.heights) else -math.inf
        for first in range(len(lines)):
            for end in range(first + 1, len(lines) + 1):
                is_between = lines[first].baseline < above and lines[end - 1].baseline > below
                if not is_between or (end - first > 1 and end - 1 in gaps):
                    break
                if abs(anchor.find_height(lines[first:end]) - height) < anchor.reach * self.em:
                    yield first, end

    def _cut_span(self, lines: Sequence[Piece], gaps: frozenset[int]) -> Iterator[Span]:
        """The last lines of a page where they begin beside the last row: its end cuts the label."""
        first = max(gap for gap in gaps if gap < len(lines)) if lines else 0
        height = self.heights[-1]
        if lines and lines[first].baseline > height - self.tolerance and lines[-1].baseline < height:
            yield first, len(lines)

    def sort_free(self, of_row: Mapping[int, Label], free: Sequence[Sequence[Piece]]) -> Labels | None:
        """The labels with the lines that are free in each column; None where some are in the place of a label.

        Those above the first label are leading. Others may stand to the left of the labels beside them, or below all.
        """
        if not of_row:
            return None
        top, bottom = of_row[min(of_row)][1][0].baseline, of_row[max(of_row)][1][-1].baseline
        leading = tuple(line for lines in free for line in lines if line.baseline > top + self.tolerance)
        beside = [[line for line in lines if line.baseline <= top + self.tolerance] for lines in free]
        groups = tuple(group for column, lines in enumerate(beside) for group in self._place_groups(lines, column))
        grouped = {id(line) for _, _, lines in groups for line in lines}
        is_below = all(p.baseline < bottom for lines in beside for p in lines if id(p) not in grouped)
        is_left = all(self._is_left(line, of_row) for _, _, lines in groups for line in lines)
        return Labels(of_row, groups, leading) if is_below and is_left and not (leading and 0 not in of_row) else None

    def _place_groups(self, lines: Sequence[Piece], column: int) -> Iterator[Group]:
        """Each run of lines with the row at whose height it begins; what begins below the last row is in no table."""
        for first, end in pairwise(sorted(self.find_gaps(lines))):
            if lines[first].baseline > self.heights[-1] - self.tolerance:
                yield self._find_nearest(lines[first], range(len(self.heights))), column, tuple(lines[first:end])

    def _is_left(self, line: Piece, of_row: Mapping[int, Label]) -> bool:
        label = of_row[self._find_nearest(line, of_row)][1]
        return line.right < min(piece.left for piece in label) + self.tolerance

    def are_apart(self, of_row: Mapping[int, Label]) -> bool:
        """Whether there are several labels, and more between any two than between the lines of one."""
        blocks = [of_row[row][1] for row in sorted(of_row)]
        steps = [one[-1].baseline - other[0].baseline for one, other in pairwise(blocks)]
        return bool(steps) and min(steps) > self.step

    def _find_nearest(self, line: Piece, rows: Iterable[int]) -> int:
        return min(rows, key=lambda row: abs(self.heights[row] - line.baseline))


def read_labels(
    pieces: Sequence[Piece], heights: Sequence[float], em: float, *, ends_page: bool, spacings: Sequence[Spacing]
) -> Labels | None:
    """The labels of the rows whose numbers stand at these heights; None unless they can be told in exactly one way.

    Either all labels are centred on the height of their numbers, or all begin at it. Only the first row may lack one.
    ends_page: whether nothing follows on the page, so that its end may cut the last row. spacings: which are possible.
    """
    columns = _find_columns(pieces, em)
    step = min(list_steps(pieces, em) or [one - other for one, other in pairwise(heights)], default=em)
    beside = _Rows(tuple(heights), step + SAME_LEVEL * em, _SAME_HEIGHT * em, em, ends_page)
    for spacing in spacings:
        ways = (_assign(columns, beside, anchor, spacing) for anchor in _ANCHORS)
        found = [labels for labels in ways if labels is not None]
        if found:
            return found[0] if all(labels.of_row == found[0].of_row for labels in found) else None
    return None


def _find_columns(pieces: Sequence[Piece], em: float) -> list[list[Piece]]:
    """The lines of each column of labels, columns from the left, lines from the top down.

    A column begins where a line of text does; what else stands apart in a line is a word of it.
    """
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (-p.baseline, p.left)):
        if not lines or lines[-1][0].baseline - piece.baseline > SAME_LEVEL * em:
            lines.append([])
        lines[-1].append(piece)
    starts: list[float] = []
    for left in sorted(min(p.left for p in line) for line in lines):
        if not starts or left - starts[-1] > SAME_LEFT * em:
            starts.append(left)
    columns: list[list[Piece]] = [[] for _ in starts]
    for line in lines:
        column = -1
        for piece in sorted(line, key=lambda p: p.left):
            begun = next((i for i, x in enumerate(starts) if 0 <= piece.left - x <= SAME_LEFT * em), -1)
            if begun > column:
                column = begun
                columns[column].append(piece)
            else:
                columns[column][-1] = join_pieces(columns[column][-1], piece)
    return columns


def _assign(columns: Sequence[Sequence[Piece]], beside: _Rows, anchor: Anchor, spacing: Spacing) -> Labels | None:
    """The labels where they are anchored and spaced in this way; a row's label is the one nearest to its numbers."""
    of_row: dict[int, Label] = {}
    free: list[list[Piece]] = []
    for column in range(len(columns) - 1, -1, -1):
        lines = columns[column]
        rows = [row for row in range(len(beside.heights)) if row not in of_row]
        chosen = beside.choose_spans(rows, lines, anchor, spacing, has_groups=column < len(columns) - 1)
        if chosen is None:
            return None
        of_row |= {row: (column, tuple(lines[slice(*span)])) for row, span in zip(rows, chosen, strict=True) if span}
        taken = {line for span in chosen if span for line in range(*span)}
        free.insert(0, [line for place, line in enumerate(lines) if place not in taken])
    if any(row not in of_row for row in range(1, len(beside.heights))):
        return None
    if spacing is Spacing.ROWS_APART and not beside.are_apart(of_row):
        return None
    return beside.sort_free(of_row, free)


def _count_ways(
    candidates: Sequence[Sequence[Span]], gaps: frozenset[int], *, has_groups: bool
) -> tuple[int, tuple[Span | None, ...]]:
    """In how many ways as many rows as possible get a span, in order and apart, and one of these ways.

    Without groups, no line is left over between the spans. Where lines are left over, there is one of the gaps.
    """

    @cache
    def choose(row: int, line: int) -> tuple[int, int, tuple[Span | None, ...]]:
        """Rows with a span, ways, and one of them, from this row and the end of the last span on, -1 before any."""
        if row == len(candidates):
            return (0, 1, ()) if line < 0 or line in gaps else (-len(candidates), 0, ())
        count, ways, spans = choose(row + 1, line)
        options = [(count, ways, (None, *spans))]
        for first, end in candidates[row]:
            is_free = first in gaps and (line < 0 or line in gaps)
            if first == line or (is_free and (line < 0 or (has_groups and first > line))):
                count, ways, spans = choose(row + 1, end)
                options.append((count + 1, ways, ((first, end), *spans)))
        most = max(option[0] for option in options)
        best = [option for option in options if option[0] == most and option[1]]
        return most, sum(option[1] for option in best), best[0][2] if best else ()

    _, ways, spans = choose(0, -1)
    return ways, spans


def _find_middle(lines: Sequence[Piece]) -> float:
    return (lines[0].baseline + lines[-1].baseline) / 2


def _find_top(lines: Sequence[Piece]) -> float:
    return lines[0].baseline


_ANCHORS = (Anchor(_find_middle, _SAME_HEIGHT), Anchor(_find_top, _SAME_TOP))
