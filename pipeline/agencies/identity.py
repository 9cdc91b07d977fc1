"""What an agency is: an organ of a division. Its identifier, its canonical name, and what it was before.

Belongs here: identifiers that outlive typing errors, addresses and editions of the gazetteer (docs/adr/0007), and the
agencies that came before one. Does not belong here: finding out which agency is meant (resolve.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from pipeline.agencies.organs import NATIONAL, Organ, list_department_names, read_rows
from pipeline.agencies.regions import Places
from pipeline.contract.divisions import Division
from pipeline.contract.load import CONTRACT_ROOT

DEPARTMENT_CHANGES_FILE = CONTRACT_ROOT / "vocab" / "department_changes.csv"
PROVISIONAL_PREFIX = "p-"
_PROVISIONAL_DIGITS = 12
_WORDS_DIGITS = 8
_NATION = "000000"
# A town keeps its identifier when it becomes a street
_SUFFIX_OF_KIND = {
    "government": "gov",
    "township_government": "gov",
    "street_office": "gov",
    "government_office": "gov-office",
    "zone_committee": "committee",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """An organ of a division; division is None for organs of the State Council."""

    organ: Organ
    division: Division | None

    @property
    def level(self) -> str:
        """The division's level, 'national' without one."""
        return self.division.level if self.division else NATIONAL


@dataclass(frozen=True, slots=True)
class Predecessor:
    """An agency that another came from. kind: rename, merge or split; basis: division or department; year of change."""

    identity: Identity
    kind: str
    basis: str
    year: int


def name_agency(identity: Identity, printed: str, places: Places) -> str:
    """The canonical name: the place from the prefecture (or province) down, and the organ's words.

    Organs of central systems stay as printed: their names have the place between two parts (国家统计局洛阳调查队).
    """
    if identity.organ.kind == "vertical_organ" and printed:
        return printed
    place = places.place_text(identity.division) if identity.division else ""
    return place + identity.organ.words


def identify_agency(identity: Identity, places: Places) -> str:
    """The identifier: the division, then what organ of it. Unlisted organs are told apart by a hash of their words."""
    organ = identity.organ
    place = places.anchor(identity.division) if identity.division else _NATION
    suffix = _SUFFIX_OF_KIND.get(organ.kind) or organ.department_code.replace("_", "-")
    if not organ.is_listed or not suffix:
        suffix = f"x-{hashlib.sha256(organ.words.encode()).hexdigest()[:_WORDS_DIGITS]}"
    return f"cn-{place}-{suffix}"


def make_provisional_id(key: str) -> str:
    """The identifier of what is not settled; equal keys mean one agency."""
    return PROVISIONAL_PREFIX + hashlib.sha256(key.encode()).hexdigest()[:_PROVISIONAL_DIGITS]


def list_predecessors(identity: Identity, places: Places) -> Iterator[Predecessor]:
    """What an agency came from: the same organ of the divisions before its own, and the departments before it."""
    if identity.division is None:
        return
    yield from _before_by_division(identity, identity.division, places)
    yield from _before_by_department(identity, identity.division)


def _before_by_division(identity: Identity, division: Division, places: Places) -> Iterator[Predecessor]:
    earlier = [p for p in places.predecessors(division) if places.anchor(p) != places.anchor(division)]
    for one in earlier:
        if one.valid_to is None:
            continue
        is_joined = len(earlier) > 1 or _existed_before(division, one.valid_to + 1, places)
        kind = "split" if len(one.successor_codes) > 1 else "merge" if is_joined else "rename"
        yield Predecessor(replace(identity, division=one), kind, "division", one.valid_to + 1)


def _existed_before(division: Division, year: int, places: Places) -> bool:
    """Whether a division, or one of which it is the continuation, was there before a year."""
    anchor = places.anchor(division)
    same = [division, *(p for p in places.predecessors(division) if places.anchor(p) == anchor)]
    return any(one.valid_from is None or one.valid_from < year for one in same)


def _before_by_department(identity: Identity, division: Division) -> Iterator[Predecessor]:
    changes = _department_changes()
    earlier = [(old, year) for old, new, year in changes if new == identity.organ.department_code]
    for old, year in earlier:
        if division.valid_from is not None and division.valid_from > year:
            continue
        # Counting reforms up to then: what one made before takes in what a later one ends
        kind = "merge" if sum(y <= year for _, y in earlier) > 1 else "rename"
        organ = replace(identity.organ, department_code=old, words=list_department_names()[old])
        yield Predecessor(replace(identity, organ=organ), kind, "department", year)


@cache
def _department_changes() -> tuple[tuple[str, str, int], ...]:
    return tuple((row["old_code"], row["new_code"], int(row["year"])) for row in read_rows(DEPARTMENT_CHANGES_FILE))
