"""Characters with a line through them: text that an author deleted and a word processor prints nevertheless.

Belongs here: finding them by the rulings that cross them. Does not belong here: what happens to a cell that holds one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from pipeline.documents.encoding import REPLACEMENT
from pipeline.documents.pdf_page import Character
from pipeline.documents.pdf_paths import Ruling

# Where such a line runs, in heights of the character above its baseline; underlines and borders run elsewhere
_LOWEST = 0.1
_HIGHEST = 0.5


def mark_struck(characters: Sequence[Character], rulings: Sequence[Ruling]) -> Iterator[Character]:
    """The same characters, U+FFFD for the ones struck out: what is left of their word is no longer to be relied on."""
    lines = sorted(((r.bottom + r.top) / 2, r.left, r.right) for r in rulings if r.right - r.left > r.top - r.bottom)
    if not lines:
        yield from characters
        return
    heights = [height for height, _, _ in lines]
    crossing: dict[tuple[float, float], list[tuple[float, float, float]]] = {}
    for character in characters:
        text, left, right, bottom, top, baseline = character
        place = baseline, top - bottom
        near = crossing.get(place)
        if near is None:
            first, end = (baseline + share * (top - bottom) for share in (_LOWEST, _HIGHEST))
            near = crossing[place] = lines[bisect_left(heights, first) : bisect_right(heights, end)]
        middle = (left + right) / 2
        if near and text != " " and any(start <= middle <= end for _, start, end in near):
            yield character._replace(text=REPLACEMENT)
        else:
            yield character
