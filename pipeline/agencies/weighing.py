"""Evidence weighed against identities: what it keeps, what it contradicts, and what existed in a year.

Belongs here: the places that evidence names, strongest first, and filters over identities. Does not belong here: the
order of decisions (resolve.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.agencies.evidence import find_places, load_evidence_rules
from pipeline.agencies.identity import Identity
from pipeline.agencies.model import Method, OrganEvidence
from pipeline.agencies.organs import OrganVocabulary, load_organs
from pipeline.agencies.regions import Places, load_places
from pipeline.agencies.registry import Registry, load_registry
from pipeline.contract.divisions import LEVELS, Division


@dataclass(frozen=True, slots=True)
class Resolver:
    """What names are looked up in. One is enough for any number of documents; it remembers the places it has met."""

    places: Places
    organs: OrganVocabulary
    registry: Registry


@dataclass(frozen=True, slots=True)
class Finding:
    """Identities that are left. method: what left the only one, none while there are several; is_weak: not certain."""

    identities: tuple[Identity, ...]
    method: Method = Method.NONE
    is_weak: bool = False


@cache
def load_resolver() -> Resolver:
    """A resolver over the contract's files."""
    return Resolver(load_places(), load_organs(), load_registry())


def list_place_evidence(
    evidence: OrganEvidence, resolver: Resolver
) -> Iterator[tuple[str, Sequence[tuple[Division, ...]]]]:
    """The places that evidence names, strongest first; kinds that name none are left out."""
    for kind in load_evidence_rules()["order"]:
        text = evidence.texts.get(kind, "")
        groups = find_places(kind, text, resolver.places, resolver.organs) if text else []
        if groups:
            yield kind, groups


def narrow(
    identities: tuple[Identity, ...], groups: Sequence[tuple[Division, ...]], places: Places
) -> tuple[tuple[Identity, ...], bool]:
    """The identities in any of these places, deepest places first, and whether a place itself is unclear.

    A deeper place counts alone when it leaves one: a text names the city and the county. A name that can mean places of
    two levels (吉林) counts as the higher.
    """
    by_depth: dict[int, set[str]] = {}
    is_unclear = False
    for divisions in groups:
        is_unclear = is_unclear or len({places.anchor(d) for d in divisions}) > 1
        depth = min(LEVELS.index(division.level) for division in divisions)
        by_depth.setdefault(depth, set()).update(*(places.related(division.code) for division in divisions))
    allowed: set[str] = set()
    kept: tuple[Identity, ...] = ()
    for depth in sorted(by_depth, reverse=True):
        allowed |= by_depth[depth]
        kept = tuple(i for i in identities if i.division and allowed & places.codes_within(i.division))
        if len(kept) == 1:
            break
    return kept, is_unclear


def is_weak_kind(kind: str) -> bool:
    """Whether a kind of evidence never makes an identity certain."""
    rules = load_evidence_rules()
    order: list[str] = rules["order"]
    return order.index(kind) >= order.index(rules["weak_from"])


def exist_in_year(
    identities: tuple[Identity, ...], year: int | None, resolver: Resolver
) -> tuple[tuple[Identity, ...], bool]:
    """The identities whose division existed in the report year, one for each division through all its codes.

    Where none did, what their divisions became; the second value says so. A report is written in the year after, so
    a name may be a year older than the division. Without a year every division counts, its newest code first.
    """
    existing = [i for i in identities if year is None or _exists_in(i.division, year)]
    existing = existing or [i for i in identities if year is not None and _exists_in(i.division, year + 1)]
    is_renamed = False
    if not existing:
        moved = ((i, d) for i in identities if i.division for d in resolver.places.successors(i.division))
        existing = [Identity(resolver.organs.fit(i.organ, d.name), d) for i, d in moved] or list(identities)
        is_renamed = True
    newest: dict[tuple[str, str, str], Identity] = {}
    for identity in sorted(existing, key=_newest_last):
        if identity.division:
            key = resolver.places.anchor(identity.division), identity.organ.kind, identity.organ.words
            newest[key] = identity
    return tuple(newest.values()), is_renamed


def _exists_in(division: Division | None, year: int) -> bool:
    if division is None:
        return True
    return (division.valid_from or year) <= year <= (division.valid_to or year)


def _newest_last(identity: Identity) -> tuple[bool, int]:
    division = identity.division
    return (True, 0) if division is None or division.valid_to is None else (False, division.valid_to)
