"""The families of sites, and which one a page belongs to, with the marks that say so.

Belongs here: families.toml and the weighing of its markers. Does not belong here: reading its
lists (the family's adapter).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.sources.model import Page
from pipeline.sources.opened import MAX_CHARACTERS, decode_body

FAMILIES_FILE = Path(__file__).resolve().parent / "families.toml"
GENERIC_FAMILY = "static_generic"
_EVIDENCE_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Marker:
    """One mark of a family: where it is looked for (url or body), the pattern, and how much it counts."""

    where: str
    pattern: re.Pattern[str]
    weight: int


@dataclass(frozen=True, slots=True)
class Family:
    """One family: its code, its name for people, its marks, and where its report pages hold their text."""

    code: str
    name_text: str
    markers: tuple[Marker, ...]
    body_selectors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Detection:
    """The family of a page and what was seen: (where, matched text, weight) per mark. No marks: static_generic."""

    family: str
    evidence: tuple[tuple[str, str, int], ...]


@cache
def load_families() -> Mapping[str, Family]:
    """Every family of families.toml by its code; KeyError or re.error when the file is wrong."""
    with FAMILIES_FILE.open("rb") as stream:
        tables = tomllib.load(stream)
    return {
        code: Family(
            code,
            table["name_text"],
            tuple(Marker(m["where"], re.compile(m["pattern"]), m["weight"]) for m in table["markers"]),
            tuple(table["body_selectors"]),
        )
        for code, table in tables.items()
    }


def detect_family(page: Page) -> Detection:
    """The family whose marks weigh most on a page; at the same weight the first in the file. Never raises."""
    texts = {"url": page.final_url, "body": decode_body(page.body)[0][:MAX_CHARACTERS]}
    best = Detection(GENERIC_FAMILY, ())
    best_weight = 0
    for family in load_families().values():
        found = [(m, m.pattern.search(texts[m.where])) for m in family.markers]
        evidence = tuple((m.where, hit[0][:_EVIDENCE_CHARACTERS], m.weight) for m, hit in found if hit)
        weight = sum(item[2] for item in evidence)
        if weight > best_weight:
            best, best_weight = Detection(family.code, evidence), weight
    return best
