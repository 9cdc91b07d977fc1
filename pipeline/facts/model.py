"""Finding: what one rule says about one place of one report, as a value that becomes a row.

Belongs here: the records that evaluating rules and making rows produce. Does not belong here: the evaluation itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Verdict(StrEnum):
    """What a rule came to. `unresolved` doubts our reading, `fail` the source; the two are never mixed up."""

    PASS = "pass"  # noqa: S105 (a verdict, not a password)
    FAIL = "fail"
    NOT_ASSESSABLE = "not_assessable"
    UNRESOLVED = "unresolved"
    EXPLAINED = "explained"


class Grade(StrEnum):
    """The quality of one report as a whole, from its hard rules and the checks of our own reading."""

    HOLDS = "holds"
    CONTRADICTORY = "contradictory"
    UNRESOLVED = "unresolved"
    NOT_ASSESSABLE = "not_assessable"


class Outcome(StrEnum):
    """What reading one document came to: a report, none (for a reason), or the reader broke on it."""

    REPORT = "report"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule at one place of one report. left and right are in the unit of the cells, None where not a number.

    cells are the codes compared, or for non_negative the offending ones. lenient_verdict is the verdict when a blank
    addend is taken as 0; only the verdict assumes that, left and right never do.
    """

    rule: str
    place: str
    severity: str
    verdict: Verdict
    lenient_verdict: Verdict
    left: Decimal | None
    right: Decimal | None
    cells: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """Everything one document adds to the tables staged by year: rows by table name, keys as in the contract.

    core.report rows lack agency_id and what its version is, raw.attachment rows the attachment's document: only merging
    can know these.
    """

    document_id: str
    reader_version: str
    outcome: Outcome
    issue_codes: tuple[str, ...]
    tables: Mapping[str, tuple[Mapping[str, object], ...]]

    @property
    def partition_year(self) -> str:
        """The partition that the rows are for."""
        return str(self.tables["core.reading"][0]["partition_year"])
