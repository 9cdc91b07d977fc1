"""Report: what the form says, read from a Document. Values as printed, each with its state and its place.

Belongs here: the records that reading the form produces. Does not belong here: whether the numbers agree (facts/).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from pipeline.documents.model import Link
from pipeline.issues import Issue


class CellState(StrEnum):
    """What was printed where a number belongs. Only `reported` carries a value; no other state ever counts as 0."""

    REPORTED = "reported"
    BLANK = "blank"
    SLASH = "slash"
    DASH = "dash"
    TEXT = "text"
    AMBIGUOUS = "ambiguous"
    ILLEGIBLE = "illegible"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class CellReading:
    """One cell of the form. value is the printed number in the printed unit, None unless state is `reported`."""

    code: str
    value: Decimal | None
    unit: str
    state: CellState
    raw: str
    locator: str
    method: str
    label: str = ""
    label_distance: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the report: its code (S1…S6), the heading as printed, the narrative below it, where it begins."""

    code: str
    heading: str
    body: str
    locator: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One fact that a sentence states. Places count characters of the section's body from 0, end exclusive.

    start and end hold the number as printed, or the words that say none. value is in unit, multipliers applied; None
    where a number is printed that cannot be read as exactly one. fact_code is one of contract/claims.yml.
    """

    fact_code: str
    value: Decimal | None
    unit: str
    is_approximate: bool
    section_code: str
    sentence: str
    sentence_start: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Report:
    """One document read as a report, or refused: then reject_reason is an issue code and cells is empty.

    publisher: who a printed line says published it; opening: the text right behind the title. '' where there is none.
    printed_number_count counts the numbers that stand in the form's tables, read_number_count those of them that the
    cells account for; None for a document whose tables were not read.
    """

    is_report: bool
    reject_reason: str = ""
    title: str = ""
    agency_name: str = ""
    report_year: int | None = None
    title_year: int | None = None
    period_start: dt.date | None = None
    period_end: dt.date | None = None
    published: dt.date | None = None
    edition: str = ""
    cells: tuple[CellReading, ...] = ()
    sections: tuple[Section, ...] = ()
    claims: tuple[Claim, ...] = ()
    claimed_section_count: int | None = None
    printed_number_count: int | None = None
    read_number_count: int | None = None
    issues: tuple[Issue, ...] = ()
    publisher: str = ""
    opening: str = ""
    reader: str = ""
    reader_version: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
