"""What people have settled: agencies with their names, and decisions about single documents.

Belongs here: reading contract/vocab/agencies.csv and contract/corrections.yml. Does not belong here: anything derived.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from pipeline.agencies.names import normalise_name
from pipeline.agencies.organs import read_rows
from pipeline.contract.load import CONTRACT_ROOT, load_yaml

AGENCIES_FILE = CONTRACT_ROOT / "vocab" / "agencies.csv"
CORRECTIONS_FILE = CONTRACT_ROOT / "corrections.yml"


@dataclass(frozen=True, slots=True)
class Agency:
    """One settled agency: an identifier assigned once, its canonical name, its kind and its division."""

    agency_id: str
    agency_name: str
    organ_kind_code: str
    department_code: str
    region_code: str
    region_path_text: str


@dataclass(frozen=True, slots=True)
class Registry:
    """Settled agencies by id and by every (normalised) name they are known to print; corrections by document_id."""

    by_id: Mapping[str, Agency]
    by_name: Mapping[str, tuple[Agency, ...]]
    corrections: Mapping[str, Agency] = field(default_factory=dict)


@cache
def load_registry() -> Registry:
    """The settled agencies and corrections; ValueError when an id is given twice or a correction can't be followed."""
    return make_registry(read_rows(AGENCIES_FILE), load_yaml(CORRECTIONS_FILE)["agency"])


def make_registry(rows: Iterable[Mapping[str, str]], corrections: Iterable[Mapping[str, str]] = ()) -> Registry:
    """A registry from rows with the columns of agencies.csv and entries of corrections.yml; ValueError as above."""
    by_id: dict[str, Agency] = {}
    by_name: dict[str, tuple[Agency, ...]] = {}
    for row in rows:
        agency = Agency(
            agency_id=row["agency_id"],
            agency_name=row["agency_name"],
            organ_kind_code=row["organ_kind_code"],
            department_code=row["department_code"],
            region_code=row["region_code"],
            region_path_text=row["region_path_text"],
        )
        if agency.agency_id in by_id:
            raise ValueError(f"agencies.csv gives {agency.agency_id} twice; an identifier belongs to one agency")
        by_id[agency.agency_id] = agency
        printed = [row["agency_name"], *row["alias_names"].split("|")]
        for name in dict.fromkeys(normalise_name(text) for text in printed if text.strip()):
            by_name[name] = (*by_name.get(name, ()), agency)
    return Registry(by_id, by_name, _settle_documents(corrections, by_id))


def _settle_documents(corrections: Iterable[Mapping[str, str]], by_id: Mapping[str, Agency]) -> dict[str, Agency]:
    settled: dict[str, Agency] = {}
    for entry in corrections:
        document_id, agency_id = entry["document_id"], entry["agency_id"]
        if agency_id not in by_id:
            raise ValueError(
                f"corrections.yml: {document_id}: no agency {agency_id} in agencies.csv; add it there first"
            )
        if document_id in settled:
            raise ValueError(f"corrections.yml decides twice about {document_id}; keep one entry")
        if not str(entry.get("reason", "")).strip():
            raise ValueError(f"corrections.yml: {document_id} has no reason; say what settles it")
        settled[document_id] = by_id[agency_id]
    return settled
