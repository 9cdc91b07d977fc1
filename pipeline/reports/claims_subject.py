"""Whose number a sentence states: the reporting organ's own, another organ's, or that of a whole region.

Belongs here: the subject at the beginning of a clause, and comparing its name with the organ's. Does not belong here:
which number is which fact (claims.py), or which organ of the country a name means (agencies/).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.contract.claims import load_claims_file
from pipeline.reports.normalise import squeeze

# An organ's name and the word that says what it is: of a longer one the end tells it from others
_TOLD_BY = 3


@dataclass(frozen=True, slots=True)
class _Subjects:
    """own: words for the organ itself; region: a region as a whole; part: some of its organs; organ: a named one."""

    own: re.Pattern[str]
    region: re.Pattern[str]
    part: re.Pattern[str]
    organ: re.Pattern[str]
    government: str
    levels: str


def is_of_organ(clauses: Sequence[str], agency: str) -> bool:
    """Whether the nearest subject is the organ itself, or none is named.

    clauses are those of a sentence up to the number, the last one ending right before it; agency is the reporting
    organ's name, '' for an unknown one, which no name is taken for.
    """
    subjects = load_subjects()
    for clause in reversed(clauses):
        if subjects.own.match(clause):
            return subjects.part.match(clause) is None
        region, part = subjects.region.match(clause), subjects.part.match(clause)
        if region and not part:
            return _is_government_of(region["level"], agency, subjects)
        if region or part:
            return False
        organ = subjects.organ.match(clause)
        if organ:
            return _is_same_organ(organ["name"], agency, subjects)
    return True


def _is_government_of(level: str | None, agency: str, subjects: _Subjects) -> bool:
    """Whether the organ is the government of a region of that kind, whose numbers are those of the whole region."""
    return bool(level) and re.search(subjects.government.replace("{level}", level or ""), agency) is not None


def _is_same_organ(name: str, agency: str, subjects: _Subjects) -> bool:
    """Whether a name can be the agency's, in full or shortened: its end is made of the agency's characters, in order.

    Of two organs that differ in nothing but their level (the city's and the county's) the level must be the agency's.
    """
    official = squeeze(agency)
    end = name[-_TOLD_BY:]
    before = name[: -len(end)]
    return _is_spread_in(end, official) and all(level in official for level in before[-1:] if level in subjects.levels)


def _is_spread_in(text: str, official: str) -> bool:
    place = -1
    for character in text:
        place = official.find(character, place + 1)
        if place < 0:
            return False
    return True


@cache
def load_subjects() -> _Subjects:
    """Who a clause may speak of, compiled."""
    raw = load_claims_file()["subjects"]
    lead = f"^(?:{raw['lead']})*"
    return _Subjects(
        own=re.compile(f"{lead}(?:{raw['own']})"),
        region=re.compile(f"{lead}(?:{raw['region']})"),
        part=re.compile(f"{lead}(?:{raw['part']})"),
        organ=re.compile(f"{lead}(?P<name>{raw['organ']})(?={raw['behind_organ']}|$)"),
        government=raw["government"],
        levels=raw["levels"],
    )
