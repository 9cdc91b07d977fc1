"""The facts that a report's sentences may state, as immutable objects, read from claims.yml.

Belongs here: the closed list of fact codes with units, meanings and words. Does not belong here: finding them in a text
(reports/claims.py) or comparing them with the tables (facts/claim_rules.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.contract.load import CONTRACT_ROOT, load_yaml

CLAIMS_FILE = CONTRACT_ROOT / "claims.yml"

# Quantifiers hold digits, so a name in braces is never one
_PART = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """One fact: units[0] is the usual unit; patterns and conditions are spelled out except for {number}.

    share_of is '' unless the fact is the share, in per cent, of another fact among all requests handled.
    """

    code: str
    zh: str
    en: str
    units: tuple[str, ...]
    share_of: str = ""
    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    zeros: tuple[str, ...] = ()
    needs: str = ""
    needs_near: str = ""
    unless: str = ""
    unless_before: str = ""
    sections: tuple[str, ...] = ()


@cache
def load_claim_facts() -> Mapping[str, ClaimFact]:
    """Every fact by its code, in the order of claims.yml; KeyError for a part that is not defined there."""
    raw = load_claims_file()
    parts = raw["parts"]
    return {code: _fact(code, one, parts, tuple(raw["sections"])) for code, one in raw["facts"].items()}


@cache
def load_claims_file() -> Mapping[str, Any]:
    """The whole of claims.yml as parsed."""
    content: Mapping[str, Any] = load_yaml(CLAIMS_FILE)
    return content


def _fact(code: str, raw: Mapping[str, Any], parts: Mapping[str, str], sections: tuple[str, ...]) -> ClaimFact:
    return ClaimFact(
        code=code,
        zh=raw["zh"],
        en=raw["en"],
        units=tuple(raw["units"]),
        share_of=raw.get("share_of", ""),
        words=tuple(raw.get("words", ())),
        patterns=tuple(_spell_out(pattern, parts) for pattern in raw.get("patterns", ())),
        zeros=tuple(_spell_out(pattern, parts) for pattern in raw.get("zeros", ())),
        needs=_spell_out(raw.get("needs", ""), parts),
        needs_near=_spell_out(raw.get("needs_near", ""), parts),
        unless=raw.get("unless", ""),
        unless_before=raw.get("unless_before", ""),
        sections=tuple(raw.get("sections", sections)),
    )


def _spell_out(pattern: str, parts: Mapping[str, str]) -> str:
    def replace(match: re.Match[str]) -> str:
        name = match[1]
        return match[0] if name == "number" else _spell_out(parts[name], parts)

    return _PART.sub(replace, pattern)
