"""What two documents must share to be copies of one version of a report: the figures they print, and their sentences.

Belongs here: fingerprints of one report that do not depend on its format, file or layout. Does not belong here:
comparing reports with each other, which is merging (versions.py).
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from pipeline.reports.model import CellReading, CellState, Section

_DIGITS = 16


def fingerprint_figures(cells: Iterable[CellReading]) -> str:
    """16 hex digits over every printed cell's code, state and number; how a number is written does not count."""
    printed = sorted(
        (cell.code, cell.state.value, "" if cell.value is None else _write_number(cell.value))
        for cell in cells
        if cell.state is not CellState.ABSENT
    )
    return _digest("\n".join("\t".join(cell) for cell in printed))


def fingerprint_text(sections: Iterable[Section]) -> str:
    """16 hex digits over the narrative in printed order; white space and the width of characters do not count."""
    return _digest("\n".join("".join(unicodedata.normalize("NFKC", section.body).split()) for section in sections))


def _write_number(value: Decimal) -> str:
    """The shortest way to write it; that of a whole number is usually the one it has."""
    text = str(value)
    return text if text.isdigit() else f"{value.normalize():f}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
