"""The softer rules within one report: amounts, stocks, powers, outliers, and what none of them may do to a grade."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pipeline.contract.editions import edition_by_code
from pipeline.contract.identities import IDENTITIES_FILE, rules_of
from pipeline.contract.load import load_yaml
from pipeline.facts.identities import evaluate_rules, grade_report
from pipeline.facts.model import Finding, Grade, Verdict
from pipeline.reports.model import CellState, Report

BLANK, DOUBT, ABSENT = CellState.BLANK, CellState.AMBIGUOUS, CellState.ABSENT
ISSUED, REPEALED, IN_FORCE = (f"proactive.regulations.{c}" for c in ("issued", "repealed", "in_force"))


def find(report: Report, rule: str, place: str) -> Finding:
    (found,) = [f for f in evaluate_rules(report) if (f.rule, f.place) == (rule, place)]
    return found


@pytest.mark.parametrize(
    ("amount", "verdict"),
    [
        ("0", "pass"),
        ("12.3456", "pass"),
        ("12.340000", "pass"),
        ("12.34567", "fail"),
        ("-1", "fail"),
        (BLANK, "not_assessable"),
        (DOUBT, "unresolved"),
    ],
)
def test_an_amount_of_fees_is_not_negative_and_has_four_decimals(make_report, amount, verdict):
    finding = find(make_report({"proactive.admin_fees.amount": amount}), "R07", "admin_fees.amount")
    assert (finding.verdict, finding.severity) == (verdict, "soft")
    assert finding.cells == (("proactive.admin_fees.amount",) if verdict == "fail" else ())


@pytest.mark.parametrize(
    ("issued", "repealed", "in_force", "verdict"),
    [
        (3, 1, 2, "pass"),
        (3, 0, 9, "pass"),
        (3, 0, 2, "fail"),
        (0, 0, 0, "pass"),
        (3, 0, BLANK, "not_assessable"),
        (3, DOUBT, 2, "unresolved"),
    ],
)
def test_what_was_issued_and_not_repealed_is_in_force(make_report, issued, repealed, in_force, verdict):
    report = make_report({ISSUED: issued, REPEALED: repealed, IN_FORCE: in_force})
    assert find(report, "R08", "regulations").verdict == verdict
    assert find(report, "R08", "normative_docs").verdict is Verdict.PASS


def test_what_was_newly_disclosed_was_newly_made_and_is_public(make_report):
    cells = {"newly_made": 4, "newly_disclosed": 5, "total_public": 5}
    report = make_report({f"proactive.normative_docs.{c}": n for c, n in cells.items()}, edition="ED_2019")
    made = find(report, "R09", "normative_docs.newly_made")
    assert (made.verdict, made.left, made.right) == (Verdict.FAIL, 5, 4)
    assert find(report, "R09", "normative_docs.total_public").verdict is Verdict.PASS
    # A row that only one province prints is not asked for where it is not printed
    assert not [f for f in evaluate_rules(report) if f.place.startswith("other_active_docs")]


def test_a_change_of_items_may_be_negative_and_a_number_of_decisions_may_not(make_report):
    cells = {"proactive.licensing.items_change": -8, "proactive.penalty.decisions": -1}
    finding = find(make_report(cells, edition="ED_2019"), "R04", "proactive")
    assert (finding.verdict, finding.cells) == (Verdict.FAIL, ("proactive.penalty.decisions",))


@pytest.mark.parametrize(
    ("disposed", "reviews", "lawsuits", "verdict"),
    [(3, 2, 1, "pass"), (2, 2, 1, "fail"), (BLANK, 2, 1, "not_assessable")],
)
def test_more_disputes_than_decisions_are_an_outlier(make_report, disposed, reviews, lawsuits, verdict):
    report = make_report(
        {
            "requests.total_disposed.total": disposed,
            "disputes.review.total": reviews,
            "disputes.lit_direct.total": lawsuits,
        }
    )
    assert find(report, "R13", "disputes").verdict == verdict


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("浙江省人民政府办公厅", "pass"),
        ("新疆维吾尔自治区人民政府", "pass"),
        ("上海市人民政府办公厅", "pass"),
        ("大理白族自治州人民政府", "pass"),
        ("中华人民共和国交通运输部", "pass"),
        ("会盟镇人民政府", "fail"),
        ("新乡市红旗区人民政府办公室", "fail"),
        ("桓仁满族自治县人民政府", "fail"),
        ("金水路街道办事处", "fail"),
        ("固镇县住房和城乡建设局", "fail"),
        ("浙江省教育厅", "fail"),
        # Only the list of divisions could tell whether these have districts, or a law of their own the power
        ("萍乡市人民政府", "not_assessable"),
        ("杭州市人民政府办公厅", "not_assessable"),
        ("上海市浦东新区人民政府", "not_assessable"),
        ("平潭综合实验区管理委员会", "not_assessable"),
        ("湛江海关", "not_assessable"),
        ("国家税务总局", "pass"),
        ("", "not_assessable"),
    ],
)
def test_only_some_organs_make_rules(make_report, name, verdict):
    report = make_report({IN_FORCE: 6}, agency_name=name)
    finding = find(report, "R17", "regulations")
    assert (finding.verdict, finding.cells, finding.left) == (verdict, (IN_FORCE,), 6)


@pytest.mark.parametrize(("value", "verdict"), [(0, "pass"), (BLANK, "not_assessable"), (DOUBT, "unresolved")])
def test_who_reports_no_rules_needs_no_power(make_report, value, verdict):
    assert (
        find(make_report(dict.fromkeys((ISSUED, REPEALED, IN_FORCE), value)), "R17", "regulations").verdict == verdict
    )


@pytest.mark.parametrize(
    ("cells", "strict", "lenient"),
    [
        ({}, "pass", "pass"),
        ({"disputes.review.total": 2}, "fail", "fail"),
        ({"disputes.review.total": 2, "requests.carried_in.total": 1}, "pass", "pass"),
        ({"disputes.review.total": 2, "requests.carried_in.total": DOUBT}, "unresolved", "unresolved"),
        ({"disputes.review.total": 2, "requests.carried_in.total": BLANK}, "not_assessable", "fail"),
        ({"disputes.review.total": BLANK}, "not_assessable", "pass"),
    ],
)
def test_disputes_without_any_request_are_worth_a_look(make_report, cells, strict, lenient):
    finding = find(make_report(cells), "R24", "disputes")
    assert (finding.verdict, finding.lenient_verdict, finding.severity) == (strict, lenient, "warn")
    assert finding.cells == (("disputes.review.total",) if "fail" in (strict, lenient) else ())


def test_a_table_that_is_not_printed_is_no_table_of_zeros(make_report):
    missing = {c.code: ABSENT for c in _cells("requests")} | {"disputes.review.total": 2}
    finding = find(make_report(missing), "R24", "disputes")
    assert (finding.verdict, finding.lenient_verdict) == (Verdict.NOT_ASSESSABLE, Verdict.NOT_ASSESSABLE)


def test_a_table_that_is_not_printed_is_one_row_a_rule(make_report):
    findings = evaluate_rules(make_report({c.code: ABSENT for c in _cells("requests")}))
    for rule in ("R01", "R02", "R03"):
        assert [(f.place, f.verdict) for f in findings if f.rule == rule] == [("requests", Verdict.NOT_ASSESSABLE)]
    assert len([f for f in findings if f.rule == "R06"]) == 3


def test_no_soft_or_warning_rule_changes_the_grade(make_report):
    """Every rule fails that is neither hard nor a gate; where all hard ones pass, the report holds all the same."""
    report = make_report(
        {
            "proactive.admin_fees.amount": "1.23456",
            ISSUED: 3,
            "requests.granted.natural_person": 1,
            "requests.granted.total": 1,
            "requests.total_disposed.natural_person": 1,
            "requests.total_disposed.total": 1,
            "requests.new_received.natural_person": 1,
            "requests.new_received.total": 1,
            "disputes.review.upheld": 2,
            "disputes.review.total": 2,
        },
        report_year=2019,
        title_year=2022,
    )
    report = replace(report, sections=report.sections[:3])
    findings = evaluate_rules(report)
    failed = {(f.rule, f.severity) for f in findings if f.verdict is Verdict.FAIL}
    assert failed == {
        ("R07", "soft"),
        ("R08", "soft"),
        ("R13", "soft"),
        ("R17", "soft"),
        ("R19", "warn"),
        ("R20", "warn"),
    }
    assert grade_report(report, findings) is Grade.HOLDS


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.PASS])
@pytest.mark.parametrize("severity", ["soft", "warn"])
def test_the_grade_is_the_same_whatever_a_soft_rule_says(make_report, severity, verdict):
    report = make_report()
    findings = evaluate_rules(report)
    changed = tuple(
        replace(f, verdict=verdict, lenient_verdict=verdict) if f.severity == severity else f for f in findings
    )
    assert changed != findings
    assert grade_report(report, changed) is grade_report(report, findings) is Grade.HOLDS


def _cells(table: str):
    return edition_by_code("ED_2021").table(table).cells()


def test_no_place_of_a_rule_is_named_twice():
    for edition in ("ED_2021", "ED_2019", "ED_2014"):
        for rule in rules_of(edition):
            names = [place.name for place in rule.places]
            assert len(names) == len(set(names)), (edition, rule.code)


def test_every_cell_that_a_rule_names_is_one_of_its_editions():
    """A cell that no edition of the rule has would be left out without a word."""
    for raw in load_yaml(IDENTITIES_FILE):
        known = {
            cell.code
            for edition in map(edition_by_code, raw["editions"])
            for table in edition.tables
            for row in table.rows
            for cell in table.row_cells(row)
        }
        named = {text for text in _texts(raw) if re.fullmatch(r"(?:proactive|requests|disputes|stats)\.\w+\.\w+", text)}
        rows = raw.get("over", {}).get("rows", {})
        named |= {f"stats.{part}.year" for parts in rows.values() for part in parts}
        named |= {f"{row}.year" for row in rows}
        assert named <= known, (raw["code"], named - known)


def _texts(raw: object) -> Iterator[str]:
    if isinstance(raw, str):
        yield raw
    for part in raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else ():
        yield from _texts(part)
