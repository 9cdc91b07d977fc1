"""Identities of the form as immutable objects, read from identities.yml.

Belongs here: which cells a rule compares, for one edition. Does not belong here: evaluating it (facts/identities.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.contract.claims import load_claim_facts
from pipeline.contract.editions import Edition, edition_by_code
from pipeline.contract.load import CONTRACT_ROOT, load_yaml

IDENTITIES_FILE = CONTRACT_ROOT / "identities.yml"


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
class OrganNames:
    """Patterns of the names of organs that have a power, and of those that surely have not; any other may have it."""

    holders: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule for one edition; places is () for rules about the report as a whole.

    decimals: how many a number may have (kind non_negative). organs: who has the power that the rule is about.
    due: the sections that the rule demands, () for all of the edition's and no others.
    """

    code: str
    kind: str
    severity: str
    zh: str
    en: str
    places: tuple[Place, ...] = ()
    decimals: int = 0
    organs: OrganNames | None = None
    due: tuple[str, ...] = ()


@cache
def rules_of(edition_code: str) -> tuple[Rule, ...]:
    """Every rule that applies to an edition, with its places spelled out; none for '', a form nobody recognised."""
    if not edition_code:
        return ()
    edition = edition_by_code(edition_code)
    return tuple(_rule(raw, edition) for raw in load_yaml(IDENTITIES_FILE) if edition_code in raw["editions"])


def _rule(raw: Mapping[str, Any], edition: Edition) -> Rule:
    organs = raw.get("organs")
    return Rule(
        code=raw["code"],
        kind=raw["kind"],
        severity=raw["severity"],
        zh=raw["zh"],
        en=raw["en"],
        places=tuple(_places(raw, edition)),
        decimals=raw.get("decimals", 0),
        organs=OrganNames(tuple(organs["with"]), tuple(organs["without"])) if organs else None,
        due=tuple(raw.get("due", {}).get(edition.code, ())),
    )


def _places(raw: Mapping[str, Any], edition: Edition) -> Iterator[Place]:
    """The places of a rule of which the edition has any cell, without the cells that it does not have."""
    known = _cell_codes(edition)
    for place in _all_places(raw, edition):
        left, right = (tuple(code for code in side if code in known) for side in (place.left, place.right))
        derivations = tuple(d for d in place.derivations if _is_possible(d, known))
        if left or derivations:
            yield Place(place.name, left, right, derivations)


def _is_possible(derivation: Derivation, known: frozenset[str]) -> bool:
    """Whether an edition has all that a derivation is made of."""
    return bool(derivation.plus) and all(
        term in known or term in load_claim_facts() for term in derivation.plus + derivation.minus
    )


def _all_places(raw: Mapping[str, Any], edition: Edition) -> Iterator[Place]:
    over = raw.get("over", {})
    printed = {table.code for table in edition.tables}
    if "tables" in over:
        yield from (_whole_table(edition, code, raw.get("except", ())) for code in over["tables"] if code in printed)
    if "cells" in over:
        yield from (Place(code.partition(".")[2], (code,)) for code in over["cells"])
    if "places" in over:
        for name, sides in over["places"].items():
            yield Place(name, _side(sides["left"], name, edition), _side(sides["right"], name, edition))
    if "rows" in over:
        for row, parts in over["rows"].items():
            yield from (_row_place(row, column, parts) for column in over["columns"])
    for fact, sums in _claimed_sums(over).items():
        yield _claim_place(fact, sums, edition)
    for name in _names_of(over, edition):
        yield Place(name, _side(raw["left"], name, edition), _side(raw["right"], name, edition))


def _claimed_sums(over: Mapping[str, Any]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    if "shares" in over:
        return {fact.code: over["shares"] for fact in load_claim_facts().values() if fact.share_of}
    sums: Mapping[str, Sequence[Mapping[str, Any]]] = over.get("claims", {})
    return sums


def _names_of(over: Mapping[str, Any], edition: Edition) -> tuple[str, ...]:
    if "columns_of" in over:
        return tuple(edition.table(over["columns_of"]).columns)
    return tuple(row.code for row in edition.table(over["rows_of"]).rows) if "rows_of" in over else ()


def _cell_codes(edition: Edition) -> frozenset[str]:
    """Every cell that may be printed in an edition, optional rows included."""
    return frozenset(c.code for table in edition.tables for row in table.rows for c in table.row_cells(row))


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
    if "cells_of" in raw:
        return tuple(cell.code for t in edition.tables if t.code == raw["cells_of"] for cell in t.cells())
    pattern = raw["cell"].replace("{}", name)
    rows = [r.code for t in edition.tables for r in t.rows if raw["rows_in_group"] in r.groups]
    return tuple(pattern.replace("{row}", row) for row in rows if row not in raw["except"])
