"""The registry of settled agencies, and which agency a printed name stands for.

Belongs here: exact look-up of a printed name in contract/vocab/agencies.csv, and provisional identities for names
nobody has settled. Does not belong here: guessing an agency from a similar name, a site or a place.
"""

from __future__ import annotations

import csv
import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.contract.load import CONTRACT_ROOT

METHOD_REGISTRY = "registry"
METHOD_PROVISIONAL = "provisional"
_PROVISIONAL_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Agency:
    """One settled agency: an identifier assigned once, its canonical name, its kind and its division."""

    agency_id: str
    agency_name: str
    organ_kind_code: str
    region_code: str
    region_path_text: str


@dataclass(frozen=True, slots=True)
class Registry:
    """Settled agencies by every name they are known to print, names normalised."""

    by_name: Mapping[str, tuple[Agency, ...]]


@dataclass(frozen=True, slots=True)
class AgencyMatch:
    """Which agency a printed name stands for.

    A provisional match has no kind and no region; candidates are the settled agencies that print this very name, empty
    unless there are several.
    """

    agency_id: str
    agency_name: str
    organ_kind_code: str | None
    region_code: str | None
    region_path_text: str | None
    method: str
    candidates: tuple[Agency, ...] = ()


@cache
def load_registry() -> Registry:
    """The settled agencies of contract/vocab/agencies.csv; ValueError when an identifier is given twice."""
    path = CONTRACT_ROOT / "vocab" / "agencies.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return make_registry(csv.DictReader(line for line in stream if not line.startswith("#")))


def make_registry(rows: Iterable[Mapping[str, str]]) -> Registry:
    """A registry from rows with the columns of agencies.csv; ValueError when an identifier is given twice."""
    by_name: dict[str, tuple[Agency, ...]] = {}
    seen: set[str] = set()
    for row in rows:
        agency = Agency(
            row["agency_id"], row["agency_name"], row["organ_kind_code"], row["region_code"], row["region_path_text"]
        )
        if agency.agency_id in seen:
            raise ValueError(f"agencies.csv gives {agency.agency_id} twice; an identifier belongs to one agency")
        seen.add(agency.agency_id)
        printed = [row["agency_name"], *row["alias_names"].split("|")]
        for name in dict.fromkeys(normalise_name(text) for text in printed if text.strip()):
            by_name[name] = (*by_name.get(name, ()), agency)
    return Registry(by_name)


def normalise_name(name: str) -> str:
    """A printed name made comparable: compatibility forms folded (NFKC) and all white space removed."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def resolve_agency(name: str, registry: Registry, document_id: str) -> AgencyMatch:
    """The agency a printed name stands for: the only settled one that prints it, else a provisional identity.

    Provisional identities are derived from the name; a report without a name gets one from its document_id, so that
    two nameless reports never become one agency.
    """
    normalised = normalise_name(name)
    settled = registry.by_name.get(normalised, ())
    if len(settled) == 1:
        (agency,) = settled
        return AgencyMatch(
            agency.agency_id,
            agency.agency_name,
            agency.organ_kind_code,
            agency.region_code,
            agency.region_path_text,
            METHOD_REGISTRY,
        )
    # The prefix keeps a nameless document apart from an agency whose name happens to be that identifier
    key = normalised or f"document:{document_id}"
    agency_id = "p-" + hashlib.sha256(key.encode()).hexdigest()[:_PROVISIONAL_DIGITS]
    return AgencyMatch(agency_id, normalised, None, None, None, METHOD_PROVISIONAL, settled)
