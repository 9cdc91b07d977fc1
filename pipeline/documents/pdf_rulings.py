"""Ruling lines to the frames of tables: where the rows and columns are, and which of the squares are one cell.

Belongs here: the geometry of lines alone. Does not belong here: characters, and everything that spans pages.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product, takewhile

from pipeline.documents.grid import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, GridLimitError
from pipeline.documents.pdf_paths import Ruling

# Points. Two lines this close are one border printed twice; an end this far off still touches
_SAME_PLACE = 3.0
_TOUCHING = 3.0
# No character fits between lines this close
THINNEST = 5.0
# Of the side of a square, how much must be ruled to part it from the next one
_RULED_SHARE = 0.6
# Lines in two directions that are compared with each other; a form has 40 x 20
_MAX_CROSSINGS = 1_000_000


@dataclass(frozen=True, slots=True)
class RuledLine:
    """All rulings at one place: `at` is the x of a vertical line, the y of a horizontal one; pieces run from, to."""

    at: float
    pieces: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Region:
    """One cell: the box of squares it spans. Where a line is missing or ends early, it has squares beyond the box."""

    row: int
    column: int
    row_span: int
    column_span: int


@dataclass(frozen=True, slots=True)
class Frame:
    """The ruled frame of one table: column edges from the left, row edges from the top down, cells in reading order."""

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    regions: tuple[Region, ...]
    # row * column count + column of each square → its place in regions
    region_of: tuple[int, ...]
    # The rows' edges from the bottom up, to look heights up
    heights: tuple[float, ...]
    # The places of the regions that have squares beyond their box
    beyond: frozenset[int]

    def locate(self, x: float, y: float) -> int | None:
        """The place in regions of the cell around a point, None outside the frame."""
        columns, heights = self.columns, self.heights
        if not (columns[0] <= x < columns[-1] and heights[0] < y <= heights[-1]):
            return None
        row = len(heights) - bisect_left(heights, y) - 1
        return self.region_of[row * (len(columns) - 1) + bisect_right(columns, x) - 1]

    def encloses(self, place: int, x: float, y: float) -> bool:
        """Whether a point stands in the box of a region."""
        region = self.regions[place]
        left, right = self.columns[region.column], self.columns[region.column + region.column_span]
        top, bottom = self.rows[region.row], self.rows[region.row + region.row_span]
        return left <= x <= right and bottom <= y <= top


def find_frames(rulings: Sequence[Ruling]) -> list[Frame]:
    """The frames of the page's tables of two or more columns, innermost of nested ones only, from the top down.

    Outer borders that are not printed are closed with the ends of the other lines. Raises GridLimitError for a frame
    beyond the limits of grid.py.
    """
    wide = [r for r in rulings if r.right - r.left >= r.top - r.bottom]
    high = [r for r in rulings if r.right - r.left < r.top - r.bottom]
    horizontal = _merge(((r.bottom + r.top) / 2, r.left, r.right) for r in wide)
    vertical = _merge(((r.left + r.right) / 2, r.bottom, r.top) for r in high)
    frames = [frame for lines in _find_groups(horizontal, vertical) if (frame := _build_frame(*lines)) is not None]
    innermost = [f for f in frames if not any(_holds(f, other) for other in frames)]
    return sorted(innermost, key=lambda f: (-f.rows[0], f.columns[0]))


def _merge(pieces: Iterable[tuple[float, float, float]]) -> list[RuledLine]:
    """(at, from, to) of every ruling → lines: one for each place, its pieces joined where they touch."""
    lines: list[RuledLine] = []
    together: list[tuple[float, float, float]] = []
    for piece in sorted(pieces):
        if together and piece[0] - together[0][0] > _SAME_PLACE:
            lines.append(_join(together))
            together = []
        together.append(piece)
    return [*lines, _join(together)] if together else lines


def _join(together: Sequence[tuple[float, float, float]]) -> RuledLine:
    joined: list[tuple[float, float]] = []
    for start, end in sorted((start, end) for _, start, end in together):
        if joined and start <= joined[-1][1] + _TOUCHING:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return RuledLine(sum(at for at, _, _ in together) / len(together), tuple(joined))


def _find_groups(
    horizontal: Sequence[RuledLine], vertical: Sequence[RuledLine]
) -> Iterator[tuple[list[RuledLine], list[RuledLine]]]:
    """Lines that touch or cross, as (horizontal, vertical); a line that touches none is an underline and no table's."""
    rows = [(line.at, piece) for line in horizontal for piece in line.pieces]
    columns = [(line.at, piece) for line in vertical for piece in line.pieces]
    _check_limit("crossings of lines", len(rows) * len(columns), _MAX_CROSSINGS)
    leader = list(range(len(rows) + len(columns)))
    for (i, (y, (left, right))), (j, (x, (bottom, top))) in product(enumerate(rows), enumerate(columns, len(rows))):
        if left - _TOUCHING <= x <= right + _TOUCHING and bottom - _TOUCHING <= y <= top + _TOUCHING:
            leader[_find_leader(leader, i)] = _find_leader(leader, j)
    groups: dict[int, tuple[list[tuple[float, float, float]], list[tuple[float, float, float]]]] = {}
    for index, (at, (start, end)) in enumerate((*rows, *columns)):
        sides = groups.setdefault(_find_leader(leader, index), ([], []))
        sides[index >= len(rows)].append((at, start, end))
    for rows_of_group, columns_of_group in groups.values():
        if rows_of_group and columns_of_group:
            yield _merge(_close(rows_of_group, columns_of_group)), _merge(_close(columns_of_group, rows_of_group))


def _close(
    pieces: list[tuple[float, float, float]], across: list[tuple[float, float, float]]
) -> list[tuple[float, float, float]]:
    """The pieces with the two outer ones added where they are not printed, as far out as the lines across reach."""
    first, last = min(start for _, start, _ in across), max(end for _, _, end in across)
    lowest, highest = min(at for at, _, _ in across), max(at for at, _, _ in across)
    missing = [at for at in (first, last) if all(abs(at - known) > _SAME_PLACE for known, _, _ in pieces)]
    return [*pieces, *((at, lowest, highest) for at in missing)]


def _find_leader(leader: list[int], index: int) -> int:
    while leader[index] != index:
        leader[index] = leader[leader[index]]
        index = leader[index]
    return index


def _build_frame(horizontal: Sequence[RuledLine], vertical: Sequence[RuledLine]) -> Frame | None:
    downward = horizontal[::-1]
    row_count, column_count = len(downward) - 1, len(vertical) - 1
    if column_count < 2 or row_count < 1:
        return None
    _check_limit("columns", column_count, MAX_COLUMNS)
    _check_limit("rows", row_count, MAX_ROWS)
    _check_limit("cells", row_count * column_count, MAX_CELLS)
    leader = list(range(row_count * column_count))
    for square in range(row_count * column_count):
        row, column = divmod(square, column_count)
        right, below = vertical[column + 1], downward[row + 1]
        if column + 1 < column_count and not _is_ruled(right, below.at, downward[row].at):
            _unite(leader, square, square + 1)
        if row + 1 < row_count and not _is_ruled(below, vertical[column].at, right.at):
            _unite(leader, square, square + column_count)
    leaders = [_find_leader(leader, square) for square in range(len(leader))]
    # Squares are united under the first of them, so the leaders come in reading order
    place = {first: index for index, first in enumerate(sorted(set(leaders)))}
    columns, rows = tuple(line.at for line in vertical), tuple(line.at for line in downward)
    thick = [[i for i, edge in enumerate(edges[1:]) if abs(edge - edges[i]) > THINNEST] for edges in (rows, columns)]
    squares: dict[int, list[tuple[int, int]]] = {}
    for square, first in enumerate(leaders):
        squares.setdefault(first, []).append(divmod(square, column_count))
    regions = tuple(_measure_region(squares[first], *thick) for first in place)
    beyond = frozenset(
        i for i, (first, box) in enumerate(zip(place, regions, strict=True)) if not _fills(squares[first], box)
    )
    return Frame(columns, rows, regions, tuple(place[first] for first in leaders), rows[::-1], beyond)


def _fills(squares: Sequence[tuple[int, int]], box: Region) -> bool:
    """Whether all squares of a region are in its box."""
    last_row, last_column = box.row + box.row_span - 1, box.column + box.column_span - 1
    return all(box.row <= row <= last_row and box.column <= column <= last_column for row, column in squares)


def _unite(leader: list[int], one: int, other: int) -> None:
    first, second = sorted((_find_leader(leader, one), _find_leader(leader, other)))
    leader[second] = first


def _is_ruled(line: RuledLine, start: float, end: float) -> bool:
    ruled = 0.0
    for piece_start, piece_end in line.pieces:
        if piece_start < end and piece_end > start:
            ruled += min(end, piece_end) - max(start, piece_start)
    return ruled >= _RULED_SHARE * (end - start)


def _measure_region(
    squares: Sequence[tuple[int, int]], thick_rows: Sequence[int], thick_columns: Sequence[int]
) -> Region:
    """The largest box that begins at the first square; thin ones, left by borders a little off, are passed over."""
    if len(squares) == 1:
        return Region(*squares[0], 1, 1)
    solid = {(row, column) for row, column in squares if row in thick_rows and column in thick_columns}
    if not solid:
        return Region(*squares[0], 1, 1)
    row, column = min(solid)
    columns = list(takewhile(lambda c: (row, c) in solid, (c for c in thick_columns if c >= column)))
    rows = list(takewhile(lambda r: all((r, c) in solid for c in columns), (r for r in thick_rows if r >= row)))
    return Region(row, column, rows[-1] - row + 1, columns[-1] - column + 1)


def _holds(outer: Frame, inner: Frame) -> bool:
    return (
        outer is not inner
        and all(outer.columns[0] <= edge <= outer.columns[-1] for edge in inner.columns)
        and all(outer.rows[-1] <= edge <= outer.rows[0] for edge in inner.rows)
    )


def _check_limit(what: str, found: int, limit: int) -> None:
    if found > limit:
        raise GridLimitError(f"{found} {what}, the limit is {limit}")


def pair_edges(one: Sequence[float], other: Sequence[float]) -> list[float] | None:
    """The edges of both tables when the outer ones agree and every edge of one is an edge of the other, else None."""
    more, fewer = sorted((one, other), key=len, reverse=True)
    ends_agree = abs(one[0] - other[0]) <= _SAME_PLACE and abs(one[-1] - other[-1]) <= _SAME_PLACE
    if ends_agree and all(any(abs(edge - known) <= _SAME_PLACE for known in more) for edge in fewer):
        return list(more)
    return None
