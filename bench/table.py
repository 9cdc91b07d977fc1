"""A table as Markdown.

Belongs here: that. Does not belong here: which figures a page shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def format_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Headings, a rule and the rows, each line ended by a newline."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
