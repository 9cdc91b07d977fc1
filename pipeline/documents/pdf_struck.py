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
    heights = [height for height, _, _ in lines]
    for character in characters:
        first = bisect_left(heights, character.baseline + _LOWEST * character.size)
        last = bisect_right(heights, character.baseline + _HIGHEST * character.size)
        middle = character.middle[0]
        if character.text != " " and any(left <= middle <= right for _, left, right in lines[first:last]):
            yield character._replace(text=REPLACEMENT)
        else:
            yield character
