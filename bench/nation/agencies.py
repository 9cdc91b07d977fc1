"""The agencies of the nation: every division of the gazetteer that stands, with the organs that publish at its level.

Belongs here: who publishes, and under which name. Does not belong here: how and what (plan.py).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipeline.contract.divisions import Division, Gazetteer, load_gazetteer

_OFFICE_OF_GOVERNMENT = "0001"


@dataclass(frozen=True, slots=True)
class Agency:
    """One organ of one division.

    printed_name is what its reports say, full_name tells it from every other. place: the division that runs its site,
    site_code the code of that site.
    """

    printed_name: str
    full_name: str
    region_code: str
    level: str
    place: str
    site_code: str


@cache
def load_nation() -> Mapping[str, Any]:
    """The parsed nation.yml."""
    nation: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("nation.yml").read_text(encoding="utf-8"))
    return nation


@cache
def draw_agencies(seed: int) -> Sequence[Agency]:
    """All agencies, so mixed that any number of the first are spread over the nation as all of them are."""
    rng = random.Random(f"{seed}/agencies")
    agencies = list(_list_agencies(load_gazetteer(), rng))
    rng.shuffle(agencies)
    return agencies


def _list_agencies(gazetteer: Gazetteer, rng: random.Random) -> Iterator[Agency]:
    nation = load_nation()
    standing = [each for each in gazetteer if each.valid_to is None]
    by_code = {each.code: each for each in standing}
    for division in standing:
        if division.code[:2] in nation["other_provinces"]:
            continue
        above = _list_above(division, by_code)
        if division.level != "township":
            for organ in nation["organs"][division.level]:
                yield _describe(division, above, organ, rng)
        elif above and (ending := nation["towns"].get(division.name[-1])):
            yield _describe(division, above, ending, rng)


def _describe(division: Division, above: Sequence[Division], organ: str, rng: random.Random) -> Agency:
    shares = load_nation()["printed_path"][division.level]
    drawn = rng.randrange(100)
    below_province = [each.name for each in above if each.level != "province"]
    path: Sequence[str] = ()
    if drawn < shares["one"]:
        path = [each.name for each in above[-1:]]
    elif drawn < shares["one"] + shares["all"]:
        path = below_province
    owner = above[-1] if division.level == "township" else division
    return Agency(
        printed_name="".join((*path, division.name, organ)),
        full_name="".join((*(each.name for each in above), division.name, organ)),
        region_code=division.code,
        level=division.level,
        place=owner.name,
        site_code=owner.code + _OFFICE_OF_GOVERNMENT,
    )


def _list_above(division: Division, by_code: Mapping[str, Division]) -> list[Division]:
    """The divisions above one, province first."""
    chain: list[Division] = []
    code = division.parent_code
    while code in by_code:
        chain.insert(0, by_code[code])
        code = by_code[code].parent_code
    return chain
