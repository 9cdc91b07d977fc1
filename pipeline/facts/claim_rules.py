"""Rules about numbers that sentences state: do they agree with the tables?

Belongs here: comparing each claim with what contract/identities.yml says it may stand for. Does not belong here:
finding claims (reports/claims.py), or a report's grade: a sentence may speak of another scope than the table does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.contract.claims import load_claim_facts, load_claims_file
from pipeline.contract.identities import Derivation, Place, Rule
from pipeline.facts.cells import DECIMAL_PLACES, IN_DOUBT, LENIENT_ZERO, Columns, ReportCells, column_of
from pipeline.facts.model import Finding, Verdict
from pipeline.reports.model import CellReading, CellState, Claim

# Of a computed percentage, beyond the decimals of the stated one
_SPARE_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class _Operands:
    """What derivations are made of: the cells of one report and the numbers its sentences state.

    stated: fact → the one number that all exact claims of it state, None where they differ or it cannot be read.
    numerators: the claims of a fact in the sentence that begins at a place of a section, in order.
    printed: the columns that the report's form has.
    """

    cells: ReportCells
    stated: Mapping[str, Decimal | None]
    numerators: Mapping[tuple[str, str, int], Sequence[Claim]]
    printed: Columns

    def codes(self, derivation: Derivation) -> tuple[str, ...]:
        """The cells of a derivation that the report's form prints, each said once."""
        terms = (*derivation.plus, *derivation.minus)
        return tuple(t for t in terms if t in self.cells.readings and t not in self.cells.not_addends)

    def is_printed(self, derivation: Derivation) -> bool:
        """Whether the report's form has what the derivation adds up, so that it might be what was meant."""
        facts = [term for term in derivation.plus if term in load_claim_facts()]
        return bool(facts) or not self.printed.isdisjoint(column_of(code) for code in self.codes(derivation))

    def is_stated(self, derivation: Derivation) -> bool:
        """Whether sentences state, exactly and with one number, every fact that the derivation is made of."""
        facts = [t for t in (*derivation.plus, *derivation.minus) if t in load_claim_facts()]
        return all(self.stated.get(fact) is not None for fact in facts)

    def total(self, derivation: Derivation, *, lenient: bool) -> Decimal | None:
        """What the derivation comes to, None where an operand is no number; lenient takes blank addends as 0."""
        plus = self._sum(derivation.plus, lenient)
        minus = self._sum(derivation.minus, lenient) if derivation.minus else Decimal(0)
        return None if plus is None or minus is None else plus - minus

    def _sum(self, terms: Sequence[str], lenient: bool) -> Decimal | None:
        facts = [self.stated.get(term) for term in terms if term in load_claim_facts()]
        cells = [self.cells.readings[code] for code in self.codes(Derivation(tuple(terms)))]
        numbers = [*facts, *(_in_yuan(cell) for cell in cells if cell.state is CellState.REPORTED)]
        others = [cell.state for cell in cells if cell.state is not CellState.REPORTED]
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers) or not known or (others and not lenient):
            return None
        return sum(known, Decimal(0)) if all(state in LENIENT_ZERO for state in others) else None


# What a derivation makes of the claim: the number it ought to be, None where that cannot be said
_Expect = Callable[[Claim, Derivation, _Operands, bool], Decimal | None]


def evaluate_claims(rule: Rule, claims: Sequence[Claim], cells: ReportCells, printed: Columns) -> tuple[Finding, ...]:
    """One finding per claim that the rule is about; none for a report whose sentences state nothing.

    place is the fact's code, numbered from the second claim of a fact on. left is the stated number, right what the
    tables make of it, a percentage rounded. An approximate number is not assessable, one we could not read unresolved.
    printed are the columns that the report's form has (find_printed_columns).
    """
    operands = _find_operands(claims, cells, printed)
    concerns, expect = CLAIM_RULES[rule.kind]
    findings = []
    for place in rule.places:
        concerned = [claim for claim in claims if claim.fact_code == place.name and concerns(claim)]
        for number, claim in enumerate(concerned, start=1):
            name = place.name if number == 1 else f"{place.name} {number}"
            findings.append(_evaluate(rule, place, name, claim, operands, expect))
    return tuple(findings)


def _find_operands(claims: Sequence[Claim], cells: ReportCells, printed: Columns) -> _Operands:
    exact: dict[str, set[Decimal | None]] = {}
    in_sentence: dict[tuple[str, str, int], list[Claim]] = {}
    for claim in claims:
        in_sentence.setdefault((claim.fact_code, claim.section_code, claim.sentence_start), []).append(claim)
        if not claim.is_approximate:
            exact.setdefault(claim.fact_code, set()).add(claim.value)
    stated = {fact: next(iter(values)) if len(values) == 1 else None for fact, values in exact.items()}
    return _Operands(cells, stated, in_sentence, printed)


def _evaluate(rule: Rule, place: Place, name: str, claim: Claim, operands: _Operands, expect: _Expect) -> Finding:
    plain, *others = place.derivations
    derivations = [plain, *(d for d in others if operands.is_stated(d) and operands.is_printed(d))]
    strict, found = _judge(claim, derivations, operands, expect, lenient=False)
    lenient, _ = _judge(claim, derivations, operands, expect, lenient=True)
    right = expect(claim, found, operands, False)
    message = f"{rule.en}: {_explain(claim, found, strict, right)}"
    return Finding(rule.code, name, rule.severity, strict, lenient, claim.value, right, operands.codes(found), message)


def _judge(
    claim: Claim, derivations: Sequence[Derivation], operands: _Operands, expect: _Expect, *, lenient: bool
) -> tuple[Verdict, Derivation]:
    """The verdict and the derivation it rests on: the one that matches, else the plain one."""
    plain = derivations[0]
    if claim.value is None:
        return Verdict.UNRESOLVED, plain
    if claim.is_approximate:
        return Verdict.NOT_ASSESSABLE, plain
    expected = [expect(claim, derivation, operands, lenient) for derivation in derivations]
    for derivation, number in zip(derivations, expected, strict=True):
        if number is not None and _agrees(claim, number):
            return (Verdict.PASS if derivation is plain else Verdict.EXPLAINED), derivation
    codes = [code for derivation in derivations for code in operands.codes(derivation)]
    if any(operands.cells.readings[code].state in IN_DOUBT for code in codes):
        return Verdict.UNRESOLVED, plain
    # A derivation that cannot be worked out might have explained the number
    return (Verdict.NOT_ASSESSABLE if None in expected else Verdict.FAIL), plain


def _agrees(claim: Claim, expected: Decimal) -> bool:
    if claim.value is None:
        return False
    if not load_claim_facts()[claim.fact_code].share_of:
        return claim.value == expected
    # Printed percentages are rounded or cut off: both are less than one unit of the last decimal away
    return abs(claim.value - expected) < Decimal(1).scaleb(-_decimals(claim.value))


def _expect_total(_: Claim, derivation: Derivation, operands: _Operands, lenient: bool) -> Decimal | None:
    return operands.total(derivation, lenient=lenient)


def _expect_share(claim: Claim, derivation: Derivation, operands: _Operands, lenient: bool) -> Decimal | None:
    numerator = _numerator(claim, operands)
    base = operands.total(derivation, lenient=lenient)
    if claim.value is None or numerator is None or not base:
        return None
    places = min(_decimals(claim.value) + _SPARE_DECIMALS, DECIMAL_PLACES)
    return (numerator * 100 / base).quantize(Decimal(1).scaleb(-places))


def _in_yuan(cell: CellReading) -> Decimal | None:
    """A cell's number; an amount, which tables print in other units than sentences, in the unit of the facts."""
    factor = load_claims_file()["amounts"].get(cell.unit)
    return cell.value if cell.value is None or factor is None else cell.value * factor


def _numerator(share: Claim, operands: _Operands) -> Decimal | None:
    """The number that a share stands behind: the last one of its fact before it in the same sentence."""
    fact = load_claim_facts()[share.fact_code].share_of
    stated = operands.numerators.get((fact, share.section_code, share.sentence_start), ())
    before = [claim for claim in stated if claim.end <= share.start]
    return before[-1].value if before and not before[-1].is_approximate else None


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _explain(claim: Claim, found: Derivation, verdict: Verdict, right: Decimal | None) -> str:
    fact = load_claim_facts()[claim.fact_code].en
    if claim.value is None:
        return f"{fact}: the number in the sentence has no single reading"
    stated = f"{fact}: {claim.value:f} is stated"
    if claim.is_approximate:
        return f"{stated}, but only about that"
    table = "no number to compare it with" if right is None else f"{right:f}"
    if verdict is Verdict.EXPLAINED:
        return f"{stated}, the table gives that with {found.en}"
    return f"{stated}, the table gives {table}"


def _states_some(claim: Claim) -> bool:
    return claim.value is None or claim.value != 0


def _states_none(claim: Claim) -> bool:
    return claim.value == 0


# By the `kind` of contract/identities.yml: which claims it is about, and what they are compared with
CLAIM_RULES: Mapping[str, tuple[Callable[[Claim], bool], _Expect]] = {
    "claim_number": (_states_some, _expect_total),
    "claim_zero": (_states_none, _expect_total),
    "claim_share": (lambda _: True, _expect_share),
}
