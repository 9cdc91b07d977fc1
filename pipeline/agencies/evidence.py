"""Where a page says it is published, beside its title: which divisions that evidence allows.

Belongs here: the names under which the page's head says it, and places in the names of sites and in running text.
Does not belong here: weighing evidence against a name (resolve.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pipeline.agencies.names import normalise_name
from pipeline.agencies.organs import OrganVocabulary
from pipeline.agencies.readings import read_name
from pipeline.agencies.regions import Places
from pipeline.contract.divisions import Division
from pipeline.contract.load import CONTRACT_ROOT, load_yaml

EVIDENCE_FILE = CONTRACT_ROOT / "vocab" / "identity_evidence.yml"
REPORT_EVIDENCE_FILE = CONTRACT_ROOT / "vocab" / "report_evidence.yml"
SITE_CODE, SITE_NAME, PAGE_TITLE, PUBLISHER = "site_code", "site_name", "page_title", "publisher"
OPENING, ORIGIN = "opening", "origin"
# The division that a registered column is of, in which the document was found
SOURCE_COLUMN = "source_column"
_DIVISION_DIGITS = 6


@cache
def load_evidence_rules() -> Mapping[str, Any]:
    """identity_evidence.yml and report_evidence.yml, parsed."""
    return {**load_yaml(EVIDENCE_FILE), **load_yaml(REPORT_EVIDENCE_FILE)}


def read_head(metadata: Mapping[str, str]) -> dict[str, str]:
    """What a page's head says of its publisher, by kind of evidence; kinds that are not there are left out."""
    rules = load_evidence_rules()
    by_name = {name.casefold(): text for name, text in metadata.items() if text.strip()}
    found = {}
    for kind, names in rules["metadata_names"].items():
        text = next((by_name[name.casefold()] for name in names if name.casefold() in by_name), "")
        if text:
            found[kind] = text.strip()
    tail = _title_tail(metadata.get("title", ""), rules["title_separators"])
    return found | ({PAGE_TITLE: tail} if tail else {})


def find_places(kind: str, text: str, places: Places, organs: OrganVocabulary) -> list[tuple[Division, ...]]:
    """The places that one piece of evidence names, each as the divisions it can mean; [] for none.

    What should name a publisher counts only where it names a listed organ: a newspaper is named after a place too.
    """
    if kind == SITE_CODE:
        digits = re.match(rf"\d{{{_DIVISION_DIGITS}}}", text.strip())
        holders = places.by_code(digits[0]) if digits else ()
        return [holders] if holders else []
    if kind == SOURCE_COLUMN:
        holders = places.by_code(text)
        return [holders] if holders else []
    plain = normalise_name(text)
    if kind in (OPENING, ORIGIN):
        return places.find_in_text(plain)
    if kind != SITE_NAME:
        reading = read_name(plain, places, organs)
        is_organ = reading is not None and all(organ.is_listed for organ in reading.organs) and reading.is_full
        divisions = [i.division for i in reading.identities if i.division] if reading and is_organ else []
        return [tuple(divisions)] if divisions else []
    for pattern in load_evidence_rules()["site_prefixes"]:
        plain = re.sub(pattern, "", plain)
    chains = list(places.chains(plain))
    if not chains:
        return places.find_in_text(plain)
    return [max(chains, key=lambda chain: (chain.is_full, len(chain.names))).divisions]


def _title_tail(title: str, separators: Sequence[str]) -> str:
    last = max(title.rfind(separator) for separator in separators)
    return title[last + 1 :].strip() if last >= 0 else ""
