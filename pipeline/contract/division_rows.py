"""Rows of core.division and core.division_lineage.

Belongs here: the gazetteer as rows of the contract, and what kind of change each succession was. Does not belong here:
finding successions (divisions_lineage.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.contract.divisions import CHANGES_FILE, Division, Gazetteer, read_vocabulary


@dataclass(frozen=True, slots=True)
class Succession:
    """One division that ended and one that took its place; change_year: the first year of the new state.

    change_kind: split, merge, rename, recode or transfer, as fields.yml explains change_kind_code.
    """

    predecessor: Division
    successor: Division
    change_year: int
    change_kind: str


def division_rows(gazetteer: Gazetteer) -> list[dict[str, object]]:
    """Rows of core.division, in the order of the file."""
    numbers: Counter[str] = Counter()
    rows: list[dict[str, object]] = []
    for division, source in zip(gazetteer, gazetteer.sources(), strict=True):
        numbers[division.code] += 1
        rows.append(
            {
                "division_code": division.code,
                "holder_number": numbers[division.code],
                "division_name": division.name,
                "division_level_code": division.level,
                "parent_division_code": division.parent_code or None,
                "valid_from_year": division.valid_from,
                "valid_to_year": division.valid_to,
                "successor_code_list": list(division.successor_codes),
                "division_source_code": source,
            }
        )
    return rows


def division_lineage_rows(gazetteer: Gazetteer) -> list[dict[str, object]]:
    """Rows of core.division_lineage, in the order of the file; reason and source for what people have listed."""
    listed = {
        (row["code"], row["name"], int(row["year"]), row["successor_code"]): row
        for row in read_vocabulary(CHANGES_FILE)
    }
    rows: list[dict[str, object]] = []
    for change in list_successions(gazetteer):
        old, new = change.predecessor, change.successor
        said = listed.get((old.code, old.name, change.change_year, new.code))
        rows.append(
            {
                "division_code": old.code,
                "holder_number": gazetteer.all_of_code(old.code).index(old) + 1,
                "successor_code": new.code,
                "successor_holder_number": gazetteer.all_of_code(new.code).index(new) + 1,
                "change_year": change.change_year,
                "change_kind_code": change.change_kind,
                "change_basis_code": "listed" if said else "derived",
                "reason_text": said["reason"] if said else None,
                "source_text": said["source"] if said else None,
            }
        )
    return rows


def list_successions(gazetteer: Gazetteer) -> list[Succession]:
    """Every succession in the gazetteer, by the predecessor's code, then age, then the successor's code."""
    pairs = list(_pairs(gazetteer))
    heirs = Counter((new.code, new.valid_from, old.valid_to) for old, new in pairs)
    return [
        Succession(
            old, new, (old.valid_to or 0) + 1, _change_kind(old, new, heirs[new.code, new.valid_from, old.valid_to])
        )
        for old, new in pairs
    ]


def _pairs(gazetteer: Gazetteer) -> Iterator[tuple[Division, Division]]:
    for old in gazetteer:
        for code in old.successor_codes:
            new = gazetteer.holder_in(code, (old.valid_to or 0) + 1)
            if new:
                yield old, new


def _change_kind(old: Division, new: Division, predecessor_count: int) -> str:
    if len(old.successor_codes) > 1:
        return "split"
    existed_before = new.valid_from is None or new.valid_from <= (old.valid_to or 0)
    if predecessor_count > 1 or existed_before:
        return "merge"
    if new.name != old.name:
        return "rename"
    return "recode" if new.code != old.code else "transfer"
