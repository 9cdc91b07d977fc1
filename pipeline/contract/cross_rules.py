"""Rules across reports as rows of meta.cross_rule_term, read from cross_rules.yml.

Belongs here: which cells of which report stand on which side of a rule. Does not belong here: evaluating it
(sql/mart/cross_finding.sql), and rules within one report (identities.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.contract.load import CONTRACT_ROOT, load_yaml

_SIGNS = {"now": 1, "before": 1, "less": -1}


@dataclass(frozen=True, slots=True)
class CrossRule:
    """One rule across reports; places are the names that its rows carry as place_text."""

    code: str
    severity: str
    editions: tuple[str, ...]
    zh: str
    en: str
    places: tuple[str, ...]


@cache
def load_cross_rules() -> tuple[CrossRule, ...]:
    """Every rule across reports, in the order of the file."""
    return tuple(
        CrossRule(r["code"], r["severity"], tuple(r["editions"]), r["zh"], r["en"], tuple(r["each"])) for r in _load()
    )


def cross_rule_term_rows() -> list[dict[str, object]]:
    """Rows of meta.cross_rule_term: one per rule, place and cell that takes part."""
    return [row for raw in _load() for place in raw["each"] for row in _place_rows(raw, place)]


def _load() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = load_yaml(CONTRACT_ROOT / "cross_rules.yml")
    return loaded


def _place_rows(raw: Mapping[str, Any], place: str) -> Iterator[dict[str, object]]:
    for side in ("left", "right"):
        for moment, patterns in raw.get(side, {}).items():
            for pattern in patterns:
                yield {
                    "rule_code": raw["code"],
                    "place_text": place,
                    "severity_code": raw.get("severity_of", {}).get(place, raw["severity"]),
                    "relation_code": raw["relation"],
                    "side_code": side,
                    "is_of_year_before": moment == "before",
                    "cell_code": pattern.replace("{}", place),
                    "sign": _SIGNS[moment],
                }
