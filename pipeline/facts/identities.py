"""Evaluating the form's rules (contract/identities.yml) on one report.

Belongs here: which verdict a rule comes to, and the sentence that explains it. Does not belong here: which cells a rule
compares (contract/), rules about the report as a whole (report_rules.py) or its sentences (claim_rules.py), or any
correction of a number.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pipeline.contract.identities import Place, Rule, rules_of
from pipeline.facts.cells import (
    IN_DOUBT,
    LENIENT_ZERO,
    Columns,
    ReportCells,
    column_of,
    complete_cells,
    find_printed_columns,
)
from pipeline.facts.claim_rules import CLAIM_RULES, evaluate_claims
from pipeline.facts.model import Finding, Grade, Verdict
from pipeline.facts.report_rules import REPORT_RULES
from pipeline.facts.table_rules import evaluate_organ_power, evaluate_zero_with
from pipeline.issues import IssueCode
from pipeline.reports.model import CellReading, CellState, Report

Readings = Mapping[str, CellReading]

_NAMED_IN_MESSAGE = 3
_CELL_RULES = frozenset({"balance", "at_most", "non_negative", "row_width", "zero_with", "organ_power"})


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a balance: its sum when every operand is a number, its sum with blank addends as 0, its terms."""

    total: Decimal | None
    lenient_total: Decimal | None
    terms: str


def evaluate_rules(report: Report) -> tuple[Finding, ...]:
    """Every rule of the report's edition at every place, passes included; () for a document that is no report.

    Nothing is rounded and nothing repaired: two sides agree when they are equal to the last digit.
    """
    if not report.is_report:
        return ()
    cells = complete_cells(report)
    printed = find_printed_columns(cells.readings)
    addends = frozenset(cells.readings) - cells.not_addends
    findings: list[Finding] = []
    for rule in rules_of(report.edition):
        if rule.kind in _CELL_RULES:
            findings += _evaluate_cells(rule, cells, printed, addends, report)
        elif rule.kind in CLAIM_RULES:
            findings += evaluate_claims(rule, report.claims, cells, printed)
        else:
            findings += REPORT_RULES[rule.kind](rule, report)
    return tuple(findings)


def grade_report(report: Report, findings: Iterable[Finding]) -> Grade:
    """The grade of a report from its strict verdicts: a contradiction outweighs a doubt, a doubt outweighs a pass.

    `holds` needs at least one hard balance that passes: a form of blanks proves nothing.
    """
    known = tuple(findings)
    balances = {rule.code for rule in rules_of(report.edition) if rule.kind == "balance"}
    if any(f.severity == "hard" and f.verdict is Verdict.FAIL for f in known):
        return Grade.CONTRADICTORY
    if any(f.severity in ("hard", "gate") and f.verdict is Verdict.UNRESOLVED for f in known):
        return Grade.UNRESOLVED
    if any(f.severity == "hard" and f.verdict is Verdict.PASS and f.rule in balances for f in known):
        return Grade.HOLDS
    return Grade.NOT_ASSESSABLE


def _evaluate_cells(
    rule: Rule, cells: ReportCells, printed: Columns, addends: frozenset[str], report: Report
) -> Iterator[Finding]:
    readings = cells.readings
    if rule.kind in ("balance", "at_most"):
        assessed, unprinted = _split_off_unprinted(rule.places, printed)
        places = [_drop_unprinted_operands(place, addends) for place in assessed]
        yield from (_evaluate_sums(rule, place, readings) for place in places if place.left or place.right)
        yield from (_not_printed(rule, table, columns) for table, columns in unprinted.items())
        return
    for place in (_drop_unprinted_operands(place, addends) for place in rule.places):
        if rule.kind == "non_negative":
            yield _evaluate_non_negative(rule, place, readings)
        elif rule.kind == "row_width":
            yield _evaluate_row_width(rule, place, readings, report)
        elif rule.kind == "zero_with":
            yield evaluate_zero_with(rule, place, readings)
        else:
            yield evaluate_organ_power(rule, place, readings, report.agency_name)


def _split_off_unprinted(places: Iterable[Place], printed: Columns) -> tuple[list[Place], Mapping[str, Sequence[str]]]:
    """The places with printed columns on both sides; and table → the columns that the others lack.

    What a document's form does not have is said once a table, not once a row. Places over two tables are kept.
    """
    kept: list[Place] = []
    unprinted: dict[str, dict[str, None]] = {}
    for place in places:
        both = (place.left, place.right)
        missing = [column_of(code) for side in both if not _is_any_printed(side, printed) for code in side]
        tables = {column_of(code)[0] for side in both for code in side} if missing else ()
        if len(tables) == 1:
            unprinted.setdefault(missing[0][0], {}).update(dict.fromkeys(column for _, column in missing))
        else:
            kept.append(place)
    return kept, {table: tuple(columns) for table, columns in unprinted.items()}


def _is_any_printed(codes: Iterable[str], printed: Columns) -> bool:
    return any(column_of(code) in printed for code in codes)


def _not_printed(rule: Rule, table: str, columns: Sequence[str]) -> Finding:
    verdict = Verdict.NOT_ASSESSABLE
    message = f"{rule.en}: this report prints no numbers of {table} under {', '.join(columns)}"
    return Finding(rule.code, table, rule.severity, verdict, verdict, None, None, (), message)


def _drop_unprinted_operands(place: Place, addends: frozenset[str]) -> Place:
    """The place without rows that this report does not print because its form need not, or that another row repeats."""
    if addends.issuperset(place.left) and addends.issuperset(place.right):
        return place
    left, right = (tuple(code for code in codes if code in addends) for codes in (place.left, place.right))
    return Place(place.name, left, right)


def _evaluate_sums(rule: Rule, place: Place, readings: Readings) -> Finding:
    codes = place.left + place.right
    left, right = _sum_side(place.left, readings), _sum_side(place.right, readings)
    agree = operator.le if rule.kind == "at_most" else operator.eq
    strict = _compare(left.total, right.total, agree)
    lenient = _compare(left.lenient_total, right.lenient_total, agree)
    # A side without a total is all that can hold a cell in doubt or without a number
    others = codes if left.total is None or right.total is None else ()
    doubtful = [code for code in others if readings[code].state in IN_DOUBT]
    missing = [code for code in others if readings[code].state is not CellState.REPORTED]
    if not place.left or not place.right:
        strict = lenient = Verdict.NOT_ASSESSABLE
        message = f"{rule.en}: this variant of the form prints one side only"
    elif doubtful:
        strict = lenient = Verdict.UNRESOLVED
        message = f"{rule.en}: our reading is in doubt at {_name_cells(doubtful, readings)}"
    elif missing:
        message = f"{rule.en}: no number printed at {_name_cells(missing, readings)}"
        if lenient is not Verdict.NOT_ASSESSABLE:
            message += f"; with blank addends as 0: {_explain(left, right, lenient)}"
    else:
        message = f"{rule.en}: {_explain(left, right, strict)}"
    return Finding(rule.code, place.name, rule.severity, strict, lenient, left.total, right.total, codes, message)


def _sum_side(codes: tuple[str, ...], readings: Readings) -> _Side:
    cells = [readings[code] for code in codes]
    numbers = [cell.value for cell in cells if cell.value is not None]
    total = sum(numbers, Decimal(0)) if numbers else None
    shown = [number for number in numbers if number] or numbers[:1]
    terms = " + ".join([f"{number:f}" for number in shown])
    if len(shown) > 1:
        terms += f" = {total:f}"
    if len(numbers) == len(cells):
        return _Side(total, total, terms)
    # A side of one operand that is missing, or of addends that are all missing, has no numbers: it is never a 0
    is_lenient = all(cell.value is not None or cell.state in LENIENT_ZERO for cell in cells)
    return _Side(None, total if is_lenient else None, terms)


def _compare(left: Decimal | None, right: Decimal | None, agree: Callable[[Decimal, Decimal], bool]) -> Verdict:
    if left is None or right is None:
        return Verdict.NOT_ASSESSABLE
    return Verdict.PASS if agree(left, right) else Verdict.FAIL


def _explain(left: _Side, right: _Side, verdict: Verdict) -> str:
    return f"{left.terms} {'agrees with' if verdict is Verdict.PASS else 'contradicts'} {right.terms}"


def _name_cells(codes: Sequence[str], readings: Readings) -> str:
    named = ", ".join(f"{code} ({readings[code].state})" for code in codes[:_NAMED_IN_MESSAGE])
    rest = len(codes) - _NAMED_IN_MESSAGE
    return f"{named} and {rest} more" if rest > 0 else named


def _evaluate_non_negative(rule: Rule, place: Place, readings: Readings) -> Finding:
    cells = [readings[code] for code in place.left]
    numbers = [(cell.code, cell.value) for cell in cells if cell.value is not None]
    offending = [(code, value) for code, value in numbers if value < 0 or not _has_decimals(value, rule.decimals)]
    doubtful = [cell.code for cell in cells if cell.state in IN_DOUBT]
    if offending:
        verdict = Verdict.FAIL
        message = f"{rule.en}: " + ", ".join(f"{code} is {value:f}" for code, value in offending)
    elif doubtful:
        verdict = Verdict.UNRESOLVED
        message = f"{rule.en}: our reading is in doubt at {_name_cells(doubtful, readings)}"
    elif numbers:
        verdict = Verdict.PASS
        message = f"{rule.en}: so are all {len(numbers)} numbers printed here"
    else:
        verdict = Verdict.NOT_ASSESSABLE
        message = f"{rule.en}: no number is printed here"
    codes = tuple(code for code, _ in offending)
    return Finding(rule.code, place.name, rule.severity, verdict, verdict, None, None, codes, message)


@lru_cache(maxsize=4096)
def _has_decimals(value: Decimal, decimals: int) -> bool:
    """Whether a number has at most so many decimals; zeros at its end are none."""
    shifted = value.scaleb(decimals)
    return shifted == shifted.to_integral_value()


def _evaluate_row_width(rule: Rule, place: Place, readings: Readings, report: Report) -> Finding:
    cells = [readings[code] for code in place.left]
    doubtful = tuple(cell.code for cell in cells if cell.state in IN_DOUBT)
    has_width_issue = any(issue.code is IssueCode.ROW_WIDTH for issue in report.issues)
    codes: tuple[str, ...] = ()
    if all(cell.state is CellState.ABSENT for cell in cells):
        verdict, message = Verdict.NOT_ASSESSABLE, "this table is not printed"
    elif has_width_issue and doubtful:
        verdict, codes = Verdict.UNRESOLVED, doubtful
        message = f"a row was read with another width, in doubt: {_name_cells(doubtful, readings)}"
    else:
        verdict, message = Verdict.PASS, "no row of this table was left in doubt"
    return Finding(rule.code, place.name, rule.severity, verdict, verdict, None, None, codes, f"{rule.en}: {message}")
