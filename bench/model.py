"""What the generator passes along: a report before it is laid out, and a document after.

Belongs here: the records and what a printed cell is worth.
Does not belong here: where figures come from, how they are laid out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

EDITION = "ED_2021"


@dataclass(frozen=True, slots=True)
class SimulatedReport:
    """One report to print.

    cells: cell code -> the characters to print ('' leaves the cell blank); a row that has none is not printed.
    narrative: section code -> paragraphs in order ('preface' comes before the first heading).
    labels: row code -> the label to print in place of the official one.
    """

    agency_name: str
    report_year: int
    title: str
    cells: Mapping[str, str]
    narrative: Mapping[str, tuple[str, ...]]
    published: dt.date
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a document. row is '<table>.<row>' for a data row, '<table>.header' for a header row, else ''."""

    text: str
    row: str = ""


@dataclass(frozen=True, slots=True)
class Rendering:
    """One laid-out document: its pieces in order, and the file name suffix and encoding it is stored with."""

    pieces: tuple[Piece, ...]
    suffix: str
    encoding: str = "utf-8"

    @property
    def text(self) -> str:
        """The whole document as text."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def content(self) -> bytes:
        """The whole document as stored bytes."""
        return self.text.encode(self.encoding)


def parse_printed(printed: str) -> Decimal | None:
    """The number a printed cell states, full-width digits and separators allowed; None for a blank or a mark."""
    try:
        return Decimal(printed.replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None


def list_values(cells: Mapping[str, str]) -> dict[str, str]:
    """Cell code -> decimal string, '' where no number is printed: the truth a reading is compared with."""
    values = {code: parse_printed(printed) for code, printed in cells.items()}
    return {code: "" if value is None else str(value) for code, value in values.items()}
