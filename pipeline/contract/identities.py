"""Identities of the form as immutable objects, read from identities.yml.

Belongs here: which cells a rule compares, for one edition. Does not belong here: evaluating it (facts/identities.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.contract.claims import load_claim_facts
from pipeline.contract.editions import Edition, edition_by_code
from pipeline.contract.load import CONTRACT_ROOT, load_yaml


@dataclass(frozen=True, slots=True)
class Derivation:
    """What a stated number may stand for: the sum of plus less the sum of minus, cell codes or fact codes.

    zh and en say how it departs from the plain meaning, '' for the plain meaning itself.
    """

    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """One place where a rule is evaluated, with the cell codes of both sides (left only for rules of one side).

    For rules about claims it is a fact code, with what the number may stand for, its plain meaning first.
    """

    name: str
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    derivations: tuple[Derivation, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule for one edition; places is () for rules about the report as a whole."""

    code: str
    kind: str
    severity: str
    zh: str
    en: str
    places: tuple[Place, ...] = ()


@cache
def rules_of(edition_code: str) -> tuple[Rule, ...]:
    """Every rule that applies to an edition, with its places spelled out; none for '', a form nobody recognised."""
    if not edition_code:
        return ()
    edition = edition_by_code(edition_code)
    raws = load_yaml(CONTRACT_ROOT / "identities.yml")
    return tuple(
        Rule(r["code"], r["kind"], r["severity"], r["zh"], r["en"], _places(r, edition))
        for r in raws
        if edition_code in r["editions"]
    )


def _places(raw: Mapping[str, Any], edition: Edition) -> tuple[Place, ...]:
    over = raw.get("over", {})
    if "tables" in over:
        printed = {table.code for table in edition.tables}
        return tuple(_whole_table(edition, code, raw.get("except", ())) for code in over["tables"] if code in printed)
    if "rows" in over:
        return tuple(
            _row_place(row, column, parts) for row, parts in over["rows"].items() for column in over["columns"]
        )
    if "claims" in over:
        return tuple(_claim_place(fact, raws, edition) for fact, raws in over["claims"].items())
    if "shares" in over:
        shares = (fact.code for fact in load_claim_facts().values() if fact.share_of)
        return tuple(_claim_place(fact, over["shares"], edition) for fact in shares)
    if "columns_of" in over:
        names = tuple(edition.table(over["columns_of"]).columns)
    elif "rows_of" in over:
        names = tuple(row.code for row in edition.table(over["rows_of"]).rows)
    else:
        return ()
    return tuple(Place(n, _side(raw["left"], n, edition), _side(raw["right"], n, edition)) for n in names)


def _whole_table(edition: Edition, table: str, exempt: list[str]) -> Place:
    return Place(table, tuple(c.code for c in edition.table(table).cells() if c.code not in exempt))


def _row_place(row: str, column: str, parts: Sequence[str]) -> Place:
    """A cell against cells of the same column: `row` is <table>.<row>, parts are rows of its table."""
    table, _, code = row.partition(".")
    return Place(f"{code}.{column}", (f"{row}.{column}",), tuple(f"{table}.{part}.{column}" for part in parts))


def _claim_place(fact: str, raws: Sequence[Mapping[str, Any]], edition: Edition) -> Place:
    derivations = tuple(
        Derivation(
            _side(raw["sum"], "", edition),
            _side(raw.get("less", []), "", edition),
            raw.get("zh", ""),
            raw.get("en", ""),
        )
        for raw in raws
    )
    return Place(load_claim_facts()[fact].code, derivations=derivations)


def _side(raw: list[str] | Mapping[str, Any], name: str, edition: Edition) -> tuple[str, ...]:
    if isinstance(raw, list):
        return tuple(code.replace("{}", name) for code in raw)
    pattern = raw["cell"].replace("{}", name)
    rows = [r.code for t in edition.tables for r in t.rows if raw["rows_in_group"] in r.groups]
    return tuple(pattern.replace("{row}", row) for row in rows if row not in raw["except"])
