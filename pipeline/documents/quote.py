"""Quoting a document: the printed row or line that a stored locator points to.

Belongs here: finding a place again in a Document. Does not belong here: how it is shown, or what was read there.
"""

from __future__ import annotations

import re

from pipeline.documents.model import Cell, Document, Grid, Text

_AROUND = 60
_LOCATOR = re.compile(
    r"(?:P(?P<page>\d+) ?)?(?:T(?P<table>\d+) ?)?(?:R(?P<row>\d+) ?)?(?:C(?P<column>\d+) ?)?"
    r"(?:L(?P<line>\d+)(?::(?P<start>\d+)-(?P<end>\d+))?)?"
)
_CELL_BORDER = " | "


def quote_place(document: Document, locator: str) -> str:
    """The row of the table, or the line, that a locator in its stored form names; '' when the document has none there.

    Of a long line only the characters around the place are given.
    """
    match = _LOCATOR.fullmatch(locator)
    if not locator or match is None:
        return ""
    place = {name: int(number) for name, number in match.groupdict().items() if number}
    for block in document.blocks:
        quoted = _quote_grid(block, place) if isinstance(block, Grid) else _quote_text(block, place)
        if quoted:
            return quoted
    return ""


def _quote_grid(grid: Grid, place: dict[str, int]) -> str:
    """All printed cells of the row; in text a row is what stands in one line."""
    names = ("page", "line") if "line" in place else ("page", "table", "row")
    found = [cell.text for cell in grid.cells if all(_part(cell, name) == place.get(name, 0) for name in names)]
    return _CELL_BORDER.join(text for text in found if text)


def _part(cell: Cell, name: str) -> int:
    return int(getattr(cell.locator, name))


def _quote_text(text: Text, place: dict[str, int]) -> str:
    locator = text.locator
    if "line" not in place or (locator.page, locator.line) != (place.get("page", 0), place["line"]):
        return ""
    start, end = place.get("start", 0) - max(locator.start, 1), place.get("end", 0) - max(locator.start, 1) + 1
    if start < 0:
        return text.text[: 2 * _AROUND]
    before, after = max(start - _AROUND, 0), min(end + _AROUND, len(text.text))
    return ("…" if before else "") + text.text[before:after] + ("…" if after < len(text.text) else "")
