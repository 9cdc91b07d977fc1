from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contract.editions import edition_by_code
from pipeline.contract.identities import rules_of
from pipeline.facts.identities import evaluate_rules, grade_report
from pipeline.facts.model import Finding, Grade, Verdict
from pipeline.issues import Issue, IssueCode
from pipeline.reports.model import CellState, Report

FORM = edition_by_code("ED_2021")
KINDS = tuple(code for code in FORM.table("requests").columns if code != "total")
LEAVES = tuple(
    row.code
    for row in FORM.table("requests").rows
    if "outcome" in row.groups and row.code != "total_disposed" and not row.is_optional
)
BALANCES = tuple(rule for rule in rules_of("ED_2021") if rule.kind == "balance")
COUNTED = sorted({code for rule in BALANCES for place in rule.places for code in place.left + place.right})
COUNTED = [code for code in COUNTED if ".other_total." not in code]
MISSING = (CellState.BLANK, CellState.SLASH, CellState.DASH, CellState.TEXT, CellState.ABSENT)


@st.composite
def balanced_cells(draw: st.DrawFn) -> dict[str, int]:
    """Numbers for tables 3 and 4 that keep every identity, built from the leaves upwards."""
    small = st.integers(0, 300)
    cells: dict[str, int] = {}
    for kind in KINDS:
        for leaf in LEAVES:
            cells[f"requests.{leaf}.{kind}"] = draw(small)
        disposed = sum(cells[f"requests.{leaf}.{kind}"] for leaf in LEAVES)
        carried_out = draw(small)
        carried_in = draw(st.integers(0, disposed + carried_out))
        cells[f"requests.total_disposed.{kind}"] = disposed
        cells[f"requests.carried_out.{kind}"] = carried_out
        cells[f"requests.carried_in.{kind}"] = carried_in
        cells[f"requests.new_received.{kind}"] = disposed + carried_out - carried_in
    for row in (*LEAVES, "total_disposed", "carried_out", "carried_in", "new_received"):
        cells[f"requests.{row}.total"] = sum(cells[f"requests.{row}.{kind}"] for kind in KINDS)
    for channel in ("review", "lit_direct", "lit_after_review"):
        parts = {outcome: draw(small) for outcome in ("upheld", "corrected", "other", "pending")}
        cells |= {f"disputes.{channel}.{outcome}": count for outcome, count in parts.items()}
        cells[f"disputes.{channel}.total"] = sum(parts.values())
    return cells


def verdicts(findings: tuple[Finding, ...]) -> dict[tuple[str, str], Verdict]:
    return {(finding.rule, finding.place): finding.verdict for finding in findings}


def find(report: Report, rule: str, place: str = "") -> Finding:
    return next(f for f in evaluate_rules(report) if (f.rule, f.place) == (rule, place))


def places_with(code: str) -> set[tuple[str, str]]:
    return {(rule.code, place.name) for rule in BALANCES for place in rule.places if code in place.left + place.right}


@settings(deadline=None, max_examples=30)
@given(cells=balanced_cells())
def test_a_balanced_report_passes_every_hard_rule_and_holds(make_report, cells):
    report = make_report(cells)
    findings = evaluate_rules(report)
    assert {finding.verdict for finding in findings if finding.severity in ("hard", "gate")} == {Verdict.PASS}
    assert grade_report(report, findings) is Grade.HOLDS


@settings(deadline=None, max_examples=60)
@given(cells=balanced_cells(), code=st.sampled_from(COUNTED), error=st.integers(1, 50))
def test_one_wrong_cell_fails_exactly_the_rules_that_use_it(make_report, cells, code, error):
    report = make_report(cells | {code: cells[code] + error})
    findings = evaluate_rules(report)
    failed = {(f.rule, f.place) for f in findings if f.verdict is Verdict.FAIL and f.severity == "hard"}
    assert failed == places_with(code)
    assert failed
    assert grade_report(report, findings) is Grade.CONTRADICTORY


@settings(deadline=None, max_examples=60)
@given(cells=balanced_cells(), code=st.sampled_from(COUNTED), state=st.sampled_from(MISSING))
def test_a_cell_without_a_number_never_passes_a_strict_balance(make_report, cells, code, state):
    found = verdicts(evaluate_rules(make_report(cells | {code: state})))
    assert {found[place] for place in places_with(code)} == {Verdict.NOT_ASSESSABLE}


@settings(deadline=None, max_examples=30)
@given(code=st.sampled_from(COUNTED), state=st.sampled_from([CellState.AMBIGUOUS, CellState.ILLEGIBLE]))
def test_a_doubtful_cell_is_our_doubt_strictly_and_leniently(make_report, code, state):
    report = make_report({code: state})
    findings = evaluate_rules(report)
    doubtful = [f for f in findings if (f.rule, f.place) in places_with(code)]
    assert {(f.verdict, f.lenient_verdict) for f in doubtful} == {(Verdict.UNRESOLVED, Verdict.UNRESOLVED)}
    assert grade_report(report, findings) is Grade.UNRESOLVED


def test_a_failed_balance_explains_itself_with_both_numbers(make_report):
    cells = {"disputes.review.upheld": 12, "disputes.review.corrected": 2, "disputes.review.total": 15}
    finding = find(make_report(cells), "R06", "review")
    assert finding.verdict is Verdict.FAIL
    assert (finding.left, finding.right) == (15, 14)
    assert finding.message.endswith("15 contradicts 12 + 2 = 14")
    assert finding.cells[0] == "disputes.review.total"


def test_sums_are_exact_to_the_last_decimal(make_report):
    cells = {"disputes.review.upheld": "0.1", "disputes.review.corrected": "0.2", "disputes.review.total": "0.3"}
    assert find(make_report(cells), "R06", "review").verdict is Verdict.PASS


@pytest.mark.parametrize("state", [CellState.BLANK, CellState.SLASH, CellState.DASH, CellState.ABSENT])
def test_a_missing_addend_counts_as_zero_for_the_lenient_verdict_only(make_report, state):
    cells = {"disputes.review.upheld": 3, "disputes.review.corrected": state, "disputes.review.total": 3}
    finding = find(make_report(cells), "R06", "review")
    assert (finding.verdict, finding.lenient_verdict) == (Verdict.NOT_ASSESSABLE, Verdict.PASS)
    assert (finding.left, finding.right) == (3, None)


def test_a_word_in_a_cell_is_no_zero_even_leniently(make_report):
    finding = find(make_report({"disputes.review.corrected": CellState.TEXT}), "R06", "review")
    assert finding.lenient_verdict is Verdict.NOT_ASSESSABLE


def test_a_missing_total_is_not_assessable_even_leniently(make_report):
    finding = find(make_report({"disputes.review.total": CellState.BLANK}), "R06", "review")
    assert finding.lenient_verdict is Verdict.NOT_ASSESSABLE


def test_a_side_of_blanks_only_is_not_assessable_even_leniently(make_report):
    blank = {f"disputes.review.{outcome}": CellState.BLANK for outcome in ("upheld", "corrected", "other", "pending")}
    assert find(make_report(blank), "R06", "review").lenient_verdict is Verdict.NOT_ASSESSABLE


def test_lenient_finds_a_contradiction_that_no_blank_can_explain(make_report):
    cells = {"disputes.review.upheld": 3, "disputes.review.corrected": CellState.BLANK, "disputes.review.total": 2}
    finding = find(make_report(cells), "R06", "review")
    assert (finding.verdict, finding.lenient_verdict) == (Verdict.NOT_ASSESSABLE, Verdict.FAIL)


def test_a_cell_the_reader_left_out_is_missing_not_zero(make_report):
    report = make_report()
    kept = tuple(cell for cell in report.cells if cell.code != "disputes.review.other")
    assert find(replace(report, cells=kept), "R06", "review").verdict is Verdict.NOT_ASSESSABLE


def test_one_row_of_the_older_form_takes_the_place_of_the_rows_it_stands_for(make_report):
    leaves = [f"requests.{row}" for row in ("other_correction_overdue", "other_fee_unpaid", "other_misc")]
    merged = {f"{leaf}.{kind}": CellState.ABSENT for leaf in leaves for kind in (*KINDS, "total")}
    merged |= {f"requests.other_total.{kind}": 0 for kind in (*KINDS, "total")}
    merged |= {"requests.other_total.natural_person": 4, "requests.other_total.total": 4}
    for row in ("new_received", "total_disposed"):
        merged |= {f"requests.{row}.natural_person": 4, f"requests.{row}.total": 4}
    report = make_report(merged)
    findings = evaluate_rules(report)
    assert grade_report(report, findings) is Grade.HOLDS
    found = verdicts(findings)
    assert found["R02", "natural_person"] is Verdict.PASS
    assert found["R03", "other_total"] is Verdict.PASS


def test_a_group_total_printed_beside_its_rows_is_not_added_twice(make_report):
    cells = {f"requests.other_total.{kind}": 0 for kind in (*KINDS, "total")}
    for row in ("other_misc", "other_total", "new_received", "total_disposed"):
        cells |= {f"requests.{row}.natural_person": 4, f"requests.{row}.total": 4}
    assert verdicts(evaluate_rules(make_report(cells)))["R02", "natural_person"] is Verdict.PASS


@pytest.mark.parametrize("number", ["-1", "2.5"])
def test_a_count_that_is_none_fails_and_only_it_is_listed(make_report, number):
    finding = find(make_report({"proactive.licensing.decisions": number}), "R04", "proactive")
    assert (finding.verdict, finding.cells) == (Verdict.FAIL, ("proactive.licensing.decisions",))
    assert number in finding.message


def test_fees_may_have_decimals(make_report):
    report = make_report({"proactive.admin_fees.amount": "4166.241619"})
    assert find(report, "R04", "proactive").verdict is Verdict.PASS


def test_a_table_without_numbers_has_no_counts_to_assess(make_report):
    blank = {cell.code: CellState.BLANK for cell in FORM.table("disputes").cells()}
    assert find(make_report(blank), "R04", "disputes").verdict is Verdict.NOT_ASSESSABLE


def test_a_form_of_blanks_proves_nothing(make_report):
    report = make_report({cell.code: CellState.BLANK for cell in FORM.cells()})
    assert grade_report(report, evaluate_rules(report)) is Grade.NOT_ASSESSABLE


@pytest.mark.parametrize(
    ("fields", "place", "verdict"),
    [
        ({}, "title_period", Verdict.PASS),
        ({"title_year": 2021}, "title_period", Verdict.FAIL),
        ({"period_end": dt.date(2023, 1, 31)}, "title_period", Verdict.FAIL),
        ({"period_end": dt.date(2022, 12, 30)}, "title_period", Verdict.PASS),
        ({"period_start": None}, "title_period", Verdict.PASS),
        ({"period_start": None, "period_end": None}, "title_period", Verdict.NOT_ASSESSABLE),
        ({"title_year": None}, "title_period", Verdict.NOT_ASSESSABLE),
        ({}, "published", Verdict.PASS),
        ({"published": dt.date(2022, 12, 31)}, "published", Verdict.FAIL),
        ({"published": dt.date(2023, 1, 1)}, "published", Verdict.PASS),
        ({"published": None}, "published", Verdict.NOT_ASSESSABLE),
        ({"report_year": None}, "published", Verdict.NOT_ASSESSABLE),
    ],
)
def test_dates(make_report, fields, place, verdict):
    assert find(make_report(**fields), "R18", place).verdict is verdict


@pytest.mark.parametrize(
    ("year", "verdict"),
    [(2022, Verdict.PASS), (2020, Verdict.FAIL), (None, Verdict.NOT_ASSESSABLE), (2001, Verdict.NOT_ASSESSABLE)],
)
def test_the_form_is_the_one_in_force(make_report, year, verdict):
    assert find(make_report(report_year=year), "R19").verdict is verdict


def test_sections(make_report):
    whole = make_report()
    assert find(whole, "R20").verdict is Verdict.PASS
    assert find(make_report(claimed_section_count=6), "R20").verdict is Verdict.PASS
    said = find(make_report(claimed_section_count=7), "R20")
    assert (said.verdict, said.left, said.right) == (Verdict.FAIL, 7, 6)
    short = find(make_report(sections=whole.sections[:4]), "R20")
    assert short.verdict is Verdict.FAIL
    assert "S5, S6" in short.message
    assert find(make_report(sections=()), "R20").verdict is Verdict.NOT_ASSESSABLE


def test_a_row_of_another_width_leaves_only_its_own_table_in_doubt(make_report):
    issue = Issue(IssueCode.ROW_WIDTH, "8 cells instead of 7", "L9")
    report = make_report({"requests.granted.total": CellState.AMBIGUOUS}, issues=(issue,))
    finding = find(report, "R23", "requests")
    assert (finding.verdict, finding.cells) == (Verdict.UNRESOLVED, ("requests.granted.total",))
    assert find(report, "R23", "disputes").verdict is Verdict.PASS


def test_the_width_of_a_table_that_is_not_printed_is_not_assessable(make_report):
    absent = {cell.code: CellState.ABSENT for cell in FORM.table("disputes").cells()}
    assert find(make_report(absent), "R23", "disputes").verdict is Verdict.NOT_ASSESSABLE


def test_a_number_too_fine_to_store_is_doubted_not_rounded(make_report):
    finding = find(make_report({"disputes.review.total": "0.000000001"}), "R06", "review")
    assert finding.verdict is Verdict.UNRESOLVED
    assert finding.left is None


def test_numbers_as_large_as_the_columns_hold_still_add_up_exactly(make_report):
    large = Decimal("99999999999999.99999999")
    parts = {f"disputes.review.{o}": large for o in ("upheld", "corrected", "other")}
    finding = find(make_report(parts), "R06", "review")
    assert (finding.verdict, finding.right) == (Verdict.FAIL, Decimal("299999999999999.99999997"))


def test_a_document_that_is_no_report_has_no_findings():
    assert evaluate_rules(Report(is_report=False, reject_reason="not_a_report")) == ()


def test_a_cell_read_twice_is_refused_loudly(make_report):
    report = make_report()
    with pytest.raises(ValueError, match="read twice"):
        evaluate_rules(replace(report, cells=(*report.cells, report.cells[0])))
