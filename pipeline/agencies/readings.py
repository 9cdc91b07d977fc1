"""What a printed name can mean by itself: places at its beginning, an organ behind them.

Belongs here: every way to cut a name into places and organ, and the identities each way gives. Does not belong here:
evidence beside the name (resolve.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.agencies.identity import Identity
from pipeline.agencies.names import strip_noise
from pipeline.agencies.organs import Organ, OrganVocabulary
from pipeline.agencies.regions import Chain, Places
from pipeline.contract.divisions import Division, stem_of

_TOWNSHIP = "township"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a name. identities: what it can mean, one for each division; empty where it names no place.

    organs: what the words after the place can be; level_word: stands for a place left out (县). is_full: every place by
    its full name. place_count: places named. is_place_alone: no organ is named. names_county: a town's county is named
    too, or it is no town.
    """

    organs: tuple[Organ, ...]
    identities: tuple[Identity, ...]
    level_word: str = ""
    is_full: bool = True
    place_count: int = 0
    is_place_alone: bool = False
    names_county: bool = True

    @property
    def is_exact(self) -> bool:
        """Whether nothing in it is short, left out or guessed."""
        return self.is_full and not self.is_place_alone and all(organ.is_listed for organ in self.organs)

    @property
    def is_one_township(self) -> bool:
        """Whether a town is named without anything above it."""
        return self.place_count == 1 and any(i.level == _TOWNSHIP for i in self.identities)


def read_name(name: str, places: Places, organs: OrganVocabulary) -> Reading | None:
    """The best way to read a normalised name; None when it shows neither a place nor a listed organ.

    Listed words outrank guessed ones, full place names outrank stems, more places outrank fewer.
    """
    name = strip_noise(name)
    if name in organs.national:
        organ = organs.national[name]
        return Reading((organ,), (Identity(organ, None),))
    readings = [*_listed_readings(name, places, organs), *_bare_readings(name, organs)]
    if not readings:
        readings = list(_guessed_readings(name, places, organs))
    best = max(map(_rank, readings), default=None)
    top = [reading for reading in readings if _rank(reading) == best]
    return _unite(top) if top else None


def find_renamed_towns(name: str, places: Places, organs: OrganVocabulary) -> tuple[Identity, ...]:
    """Towns of the same stem where a town's name is in no table: 乡 may have become 镇. Candidates, never an answer."""
    name = strip_noise(name)
    found: dict[Identity, None] = {}
    for chain in places.chains(name):
        # A town has two characters at least
        for end in range(chain.end + 2, len(name) + 1):
            known = organs.by_words.get(name[end:], ())
            if any(_TOWNSHIP in organ.levels for organ in known):
                for division in places.towns_by_stem(stem_of(name[chain.end : end]), chain):
                    found.update(dict.fromkeys(_identities(known, (division,), organs)))
    return tuple(found)


def _rank(reading: Reading) -> tuple[bool, bool, int]:
    return bool(reading.identities), reading.is_full, reading.place_count


def _unite(readings: Sequence[Reading]) -> Reading:
    """Equally good ways to read a name as one that leaves them all open (新华街道, 新华街道办事处 as a place)."""
    if len(readings) == 1:
        return readings[0]
    return Reading(
        organs=tuple(dict.fromkeys(organ for reading in readings for organ in reading.organs)),
        identities=tuple(dict.fromkeys(i for reading in readings for i in reading.identities)),
        level_word=readings[0].level_word,
        is_full=readings[0].is_full,
        place_count=readings[0].place_count,
        is_place_alone=all(reading.is_place_alone for reading in readings),
        names_county=all(reading.names_county for reading in readings),
    )


def _listed_readings(name: str, places: Places, organs: OrganVocabulary) -> Iterator[Reading]:
    for chain in places.chains(name):
        known = organs.by_words.get(name[chain.end :])
        if known:
            yield from _reading(known, chain, places, organs, is_place_alone=chain.end == len(name))
    for prefix, by_words in organs.by_prefix.items():
        if not name.startswith(prefix):
            continue
        for chain in places.chains(name, len(prefix)):
            organ = by_words.get(name[chain.end :])
            if organ:
                yield from _reading((organ,), chain, places, organs)


def _reading(
    known: Iterable[Organ], chain: Chain, places: Places, organs: OrganVocabulary, is_place_alone: bool = False
) -> Iterator[Reading]:
    identities = _identities(known, chain.divisions, organs)
    if identities:
        yield Reading(
            tuple(known),
            identities,
            is_full=chain.is_full,
            place_count=len(chain.names),
            is_place_alone=is_place_alone,
            names_county=all(d.level != _TOWNSHIP or places.names_parent(d, chain) for d in chain.divisions),
        )


def _identities(known: Iterable[Organ], divisions: Iterable[Division], organs: OrganVocabulary) -> tuple[Identity, ...]:
    pairs = ((organ, d) for d in divisions for organ in known if d.level in organ.levels)
    return tuple(dict.fromkeys(Identity(organs.fit(organ, d.name), d) for organ, d in pairs))


def _bare_readings(name: str, organs: OrganVocabulary) -> Iterator[Reading]:
    """An organ without a place, with or without a word for its level (县教育局, 教育局)."""
    for word in ("", *(w for w in organs.level_words if name.startswith(w))):
        known = organs.by_words.get(name[len(word) :]) if len(name) > len(word) else None
        levels = organs.level_words.get(word)
        fitting = tuple(o for o in known or () if levels is None or levels & o.levels)
        if fitting:
            yield Reading(fitting, (), level_word=word, is_full=False)


def _guessed_readings(name: str, places: Places, organs: OrganVocabulary) -> Iterator[Reading]:
    for chain in places.chains(name):
        organ = organs.guess(name[chain.end :])
        above_towns = tuple(d for d in chain.divisions if d.level != _TOWNSHIP)
        if organ and above_towns:
            yield from _reading((organ,), replace(chain, divisions=above_towns), places, organs)
