"""What counts as nothing printed.

Belongs here: blanks and characters of no width, which pages are full of. Does not belong here: marks that a person
typed to say "none" (they are values, see reports/), or widths and variants of characters that do print.
"""

from __future__ import annotations

import re

# Zero-width space, non-joiner and joiner, word joiner, byte order mark: on paper they leave no trace
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
_ZERO_WIDTH = re.compile(f"[{ZERO_WIDTH}]")


def collapse_whitespace(text: str) -> str:
    """The text with zero-width characters gone, each run of whitespace one space, and none at either end."""
    return " ".join(_ZERO_WIDTH.sub("", text).split())


def trim_span(text: str, start: int, end: int) -> tuple[int, int]:
    """The part of text[start:end] without blanks at its ends, as (start, end); start == end when all of it is blank."""
    while start < end and ((first := text[start]).isspace() or first in ZERO_WIDTH):
        start += 1
    while end > start and ((last := text[end - 1]).isspace() or last in ZERO_WIDTH):
        end -= 1
    return start, end
