"""Rules about whole tables: one that is all zeros beside one that is not, and numbers that only some organs may print.

Belongs here: the kinds `zero_with` and `organ_power` of contract/identities.yml. Does not belong here: sums
(identities.py), or which names have a power, which is data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from pipeline.contract.identities import OrganNames, Place, Rule
from pipeline.facts.cells import IN_DOUBT, LENIENT_ZERO
from pipeline.facts.model import Finding, Verdict
from pipeline.reports.model import CellReading

Readings = Mapping[str, CellReading]

_NAMED_IN_MESSAGE = 3


def evaluate_zero_with(rule: Rule, place: Place, readings: Readings) -> Finding:
    """Whether the right is all 0 where the left is; the cells are those of the right that are not.

    A left that is blank throughout is not assessable even leniently: it says nothing.
    """
    left, right = ([readings[code] for code in side] for side in (place.left, place.right))
    offending = [cell for cell in right if cell.value]
    has_more = any(cell.value for cell in left)
    strict = _judge_zero_with(left, right, has_more=has_more, lenient=False)
    lenient = _judge_zero_with(left, right, has_more=has_more, lenient=True)
    if has_more:
        message = "not all of them are 0"
    elif Verdict.UNRESOLVED in (strict, lenient):
        message = "our reading of some of them is in doubt"
    elif Verdict.FAIL in (strict, lenient):
        blank = "" if strict is Verdict.FAIL else ", blanks taken as 0"
        message = f"all of them are 0{blank}, but {_name_values(offending)}"
    elif strict is Verdict.PASS:
        message = "so they are"
    else:
        message = "some of the numbers are not printed"
    codes = tuple(cell.code for cell in offending) if Verdict.FAIL in (strict, lenient) else ()
    return Finding(rule.code, place.name, rule.severity, strict, lenient, None, None, codes, f"{rule.en}: {message}")


def _judge_zero_with(
    left: Sequence[CellReading], right: Sequence[CellReading], *, has_more: bool, lenient: bool
) -> Verdict:
    if has_more or _are_zero(right, lenient=False):
        return Verdict.PASS
    if any(cell.state in IN_DOUBT for cell in (*left, *right)):
        return Verdict.UNRESOLVED
    if not _are_zero(left, lenient=lenient):
        return Verdict.NOT_ASSESSABLE
    if any(cell.value for cell in right):
        return Verdict.FAIL
    return Verdict.PASS if _are_zero(right, lenient=lenient) else Verdict.NOT_ASSESSABLE


def _are_zero(cells: Sequence[CellReading], *, lenient: bool) -> bool:
    numbers = [cell.value for cell in cells if cell.value is not None]
    others = [cell.state for cell in cells if cell.value is None]
    are_known = lenient and all(state in LENIENT_ZERO for state in others) if others else True
    return bool(numbers) and not any(numbers) and are_known


def evaluate_organ_power(rule: Rule, place: Place, readings: Readings, agency_name: str) -> Finding:
    """Whether an organ that prints more than 0 may do so; not assessable where its name does not tell."""
    cells = [readings[code] for code in place.left]
    offending = [cell for cell in cells if cell.value is not None and cell.value > 0]
    codes: tuple[str, ...] = ()
    if offending:
        verdict, message = _judge_power(rule.organs, agency_name)
        codes = tuple(cell.code for cell in offending)
        message = f"{_name_values(offending)}; {message}"
    elif any(cell.state in IN_DOUBT for cell in cells):
        verdict, message = Verdict.UNRESOLVED, "our reading of some of them is in doubt"
    elif any(cell.value is not None for cell in cells):
        verdict, message = Verdict.PASS, "none is reported"
    else:
        verdict, message = Verdict.NOT_ASSESSABLE, "no number is printed"
    left = sum((cell.value for cell in offending if cell.value is not None), Decimal(0)) if offending else None
    return Finding(rule.code, place.name, rule.severity, verdict, verdict, left, None, codes, f"{rule.en}: {message}")


def _judge_power(organs: OrganNames | None, agency_name: str) -> tuple[Verdict, str]:
    if organs is None:
        raise ValueError("a rule of the kind organ_power names no organs; add `organs` to it in identities.yml")
    if any(re.search(pattern, agency_name) for pattern in organs.holders):
        return Verdict.PASS, "this organ has the power"
    if any(re.search(pattern, agency_name) for pattern in organs.others):
        return Verdict.FAIL, "this organ has no such power"
    return Verdict.NOT_ASSESSABLE, "its name does not tell whether this organ has the power"


def _name_values(cells: Sequence[CellReading]) -> str:
    named = ", ".join(f"{cell.code} is {cell.value:f}" for cell in cells[:_NAMED_IN_MESSAGE])
    rest = len(cells) - _NAMED_IN_MESSAGE
    return f"{named} and {rest} more" if rest > 0 else named
