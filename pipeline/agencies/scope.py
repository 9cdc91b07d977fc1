"""What a report covers: one organ, an office, a level of government, a region, a central system.

Belongs here: the scope that a title, the text or else the kind of organ shows, with the words that show it. Does not
belong here: whose report it is (resolve.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.agencies.evidence import load_evidence_rules
from pipeline.agencies.names import normalise_name

SCOPE = "scope"


@dataclass(frozen=True, slots=True)
class Scope:
    """code: organ_own, office_own, level_own, region_aggregate or system_aggregate; evidence: words that show it."""

    code: str
    evidence: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    code: str
    kinds: frozenset[str]
    pattern: re.Pattern[str]


def find_scope_words(text: str) -> str:
    """The words of a running text that say from what the report was compiled; '' for none."""
    plain = normalise_name(text)
    found = (phrase.pattern.search(plain) for phrase in _phrases("scope_phrases"))
    return next((match[0] for match in found if match), "")


def decide_scope(kind: str | None, is_place_alone: bool, name: str, title: str, words: str) -> Scope | None:
    """The scope of a report; None when neither words nor the kind of organ show one.

    kind: of the organ; name: as printed; words: what find_scope_words found. The title outranks the text, the text the
    kind.
    """
    for group, text in (("scope_titles", normalise_name(title)), ("scope_phrases", words)):
        for phrase in _phrases(group):
            match = phrase.pattern.search(text) if kind in phrase.kinds else None
            if match:
                return Scope(phrase.code, match[0])
    rules = load_evidence_rules()
    if kind is None:
        return None
    if kind == "government" and is_place_alone:
        return Scope(rules["scope_of_place_alone"], name)
    code: Mapping[str, str] = rules["scope_of_kind"]
    return Scope(code[kind], name) if kind in code else None


@cache
def _phrases(group: str) -> tuple[_Phrase, ...]:
    entries = load_evidence_rules()[group]
    return tuple(_Phrase(e["code"], frozenset(e["kinds"]), re.compile(e["pattern"])) for e in entries)
