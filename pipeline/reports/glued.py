"""Numbers printed without separators, taken apart where the form's own sums leave exactly one way.

Belongs here: the ways to cut a run of digits, and which of them the sums of rows and columns allow; a cut that the sums
do not decide is not made. Does not belong here: whether a row is glued (sums.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod

from pipeline.contract.identities import Place

# More ways than this are not searched: the sums would hardly decide, and the row stays in doubt
_MOST_WAYS = 20_000
_MOST_DIGITS = 60

Numbers = tuple[int, ...]


def cut_digits(runs: Sequence[str], widths: Sequence[int], *, ends_in_sum: bool) -> list[Numbers]:
    """Every way to read runs of digits as groups of numbers, `widths` of them each; [] when there is none or too many.

    runs: digits with the separators that were printed between them: a number never spans two. A number has no leading
    zero. With ends_in_sum, the last number of each group is the sum of the others.
    """
    text = "".join(runs)
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        return []
    borders = {sum(map(len, runs[:i])) for i in range(1, len(runs))}
    ways: list[Numbers] = []
    for way in _cut_groups(text, borders, tuple(widths), 0, ends_in_sum):
        ways.append(way)
        if len(ways) > _MOST_WAYS:
            return []
    return ways


def choose_ways(
    fixed: Mapping[str, int],
    ways: Mapping[int, Sequence[Numbers]],
    columns: Mapping[int, Sequence[str]],
    places: Sequence[Place],
) -> list[dict[int, Numbers]]:
    """The combinations of one way per row for which every balance holds; [] when none does or they are too many.

    fixed: cell code → number for the cells that are read already. columns: row → the cell codes of its numbers. places:
    balances over these cells and no others.
    """
    rows = list(ways)
    if not rows or prod(len(ways[row]) for row in rows) > _MOST_WAYS:
        return []
    found = []
    for combination in product(*(ways[row] for row in rows)):
        values = dict(fixed)
        for row, numbers in zip(rows, combination, strict=True):
            values.update(zip(columns[row], numbers, strict=True))
        if all(_balances(place, values) for place in places):
            found.append(dict(zip(rows, combination, strict=True)))
    return found


def agreed_numbers(solutions: Sequence[Mapping[int, Numbers]], row: int) -> tuple[int | None, ...]:
    """Per column of a row, the number that all solutions agree on, None where they differ."""
    return tuple(
        numbers[0] if len(set(numbers)) == 1 else None
        for numbers in zip(*(solution[row] for solution in solutions), strict=True)
    )


def _balances(place: Place, values: Mapping[str, int]) -> bool:
    return sum(values[code] for code in place.left) == sum(values[code] for code in place.right)


def _cut_groups(
    text: str, borders: set[int], widths: tuple[int, ...], start: int, ends_in_sum: bool
) -> Iterator[Numbers]:
    if not widths:
        if start == len(text):
            yield ()
        return
    for numbers, position in _cut_group(text, borders, widths[0], start, ends_in_sum):
        for rest in _cut_groups(text, borders, widths[1:], position, ends_in_sum):
            yield numbers + rest


def _cut_group(
    text: str, borders: set[int], width: int, start: int, ends_in_sum: bool
) -> Iterator[tuple[Numbers, int]]:
    """Each way to read `width` numbers from `start` on, with the position after them."""

    def extend(numbers: Numbers, position: int) -> Iterator[tuple[Numbers, int]]:
        if len(numbers) == width:
            yield numbers, position
            return
        if ends_in_sum and len(numbers) == width - 1:
            total = str(sum(numbers))
            end = position + len(total)
            if text.startswith(total, position) and not borders & set(range(position + 1, end)):
                yield (*numbers, sum(numbers)), end
            return
        for end in range(position + 1, len(text) + 1):
            yield from extend((*numbers, int(text[position:end])), end)
            if text[position] == "0" or end in borders:
                break

    yield from extend((), start)
