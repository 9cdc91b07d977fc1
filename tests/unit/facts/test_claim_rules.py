"""Numbers that sentences state against numbers that tables print."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.contract.claims import load_claim_facts
from pipeline.contract.editions import edition_by_code
from pipeline.contract.identities import rules_of
from pipeline.facts.claim_rules import CLAIM_RULES
from pipeline.facts.claims import mask_sentences
from pipeline.facts.identities import evaluate_rules, grade_report
from pipeline.facts.model import Finding, Grade, Verdict
from pipeline.facts.report_json import report_to_json
from pipeline.facts.rows import document_rows
from pipeline.reports.model import CellReading, CellState, Claim, Report, Section

NEW, IN = "requests.new_received", "requests.carried_in"
OUT, DONE = "requests.carried_out", "requests.total_disposed"
TABLE = {
    f"{NEW}.natural_person": 20,
    f"{NEW}.total": 20,
    f"{IN}.natural_person": 4,
    f"{IN}.total": 4,
    "requests.granted.natural_person": 12,
    "requests.granted.total": 12,
    "requests.granted_partial.natural_person": 3,
    "requests.granted_partial.total": 3,
    "requests.other_misc.natural_person": 3,
    "requests.other_misc.total": 3,
    f"{DONE}.natural_person": 18,
    f"{DONE}.total": 18,
    f"{OUT}.natural_person": 6,
    f"{OUT}.total": 6,
    "disputes.review.upheld": 2,
    "disputes.review.pending": 1,
    "disputes.review.total": 3,
    "disputes.lit_direct.upheld": 1,
    "disputes.lit_direct.total": 1,
    "disputes.lit_after_review.upheld": 2,
    "disputes.lit_after_review.total": 2,
}


def claim(fact: str, value: object, place: int = 0, *, approximate: bool = False, unit: str = "") -> Claim:
    number = None if value is None else Decimal(str(value))
    units = load_claim_facts()[fact].units
    return Claim(fact, number, unit or units[0], approximate, "S1", "一句话。", 0, place, place + 1)


def judge(make_report, *claims: Claim, **cells: object) -> list[Finding]:
    changed = {code.replace("__", "."): value for code, value in cells.items()}
    report = make_report(TABLE | changed, claims=claims)
    return [f for f in evaluate_rules(report) if f.rule in ("R14", "R15", "R16")]


@pytest.mark.parametrize(
    ("fact", "value", "verdict"),
    [
        ("n_req_received", 20, Verdict.PASS),
        ("n_req_received", 24, Verdict.EXPLAINED),
        ("n_req_received", 21, Verdict.FAIL),
        ("n_carried_in", 4, Verdict.PASS),
        ("n_carried_out", 5, Verdict.FAIL),
        ("n_req_answered", 18, Verdict.PASS),
        ("n_req_answered", 14, Verdict.EXPLAINED),
        ("n_req_answered", 15, Verdict.EXPLAINED),
        ("n_req_answered", 16, Verdict.FAIL),
        ("n_disclosed", 15, Verdict.EXPLAINED),
        ("n_disclosed_or_partial", 15, Verdict.PASS),
        ("n_partial", 12, Verdict.FAIL),
        ("n_denied", 1, Verdict.FAIL),
        ("n_other_outcome", 3, Verdict.PASS),
        ("n_review", 3, Verdict.PASS),
        ("n_review", 2, Verdict.EXPLAINED),
        ("n_review_corrected", 1, Verdict.FAIL),
        ("n_litigation", 3, Verdict.PASS),
        ("n_litigation", 1, Verdict.FAIL),
    ],
)
def test_a_stated_number_is_the_tables_or_explained_or_contradicts(make_report, fact, value, verdict):
    (finding,) = judge(make_report, claim(fact, value))
    assert (finding.rule, finding.place, finding.severity) == ("R14", fact, "soft")
    assert (finding.verdict, finding.left) == (verdict, value)
    assert (finding.right == value) is (verdict is not Verdict.FAIL)
    assert finding.cells


def test_an_explanation_names_itself_and_its_cells(make_report):
    (finding,) = judge(make_report, claim("n_req_received", 24))
    assert finding.cells == (f"{NEW}.total", f"{IN}.total")
    assert "requests carried in included" in finding.message


def test_what_a_sentence_leaves_out_explains_only_when_it_is_stated(make_report):
    (alone,) = judge(make_report, claim("n_req_answered", 16))
    assert alone.verdict is Verdict.FAIL
    (with_withdrawn,) = judge(make_report, claim("n_req_answered", 16), claim("n_withdrawn", 2, 5))
    assert with_withdrawn.verdict is Verdict.EXPLAINED
    vague = claim("n_withdrawn", 2, 5, approximate=True)
    assert judge(make_report, claim("n_req_answered", 16), vague)[0].verdict is Verdict.FAIL


@pytest.mark.parametrize("fact", ["n_req_received", "n_review", "n_litigation"])
def test_none_in_the_text_is_0_in_the_table(make_report, fact):
    (finding,) = judge(make_report, claim(fact, 0))
    assert (finding.rule, finding.verdict) == ("R15", Verdict.FAIL)
    zeros = {code.replace(".", "__"): 0 for code in TABLE if code.startswith((NEW, "disputes"))}
    assert judge(make_report, claim(fact, 0), **zeros)[0].verdict is Verdict.PASS


@pytest.mark.parametrize("state", [CellState.BLANK, CellState.SLASH, CellState.TEXT, CellState.ABSENT])
def test_a_missing_number_proves_nothing(make_report, state):
    (finding,) = judge(make_report, claim("n_req_received", 20), requests__new_received__total=state)
    assert (finding.verdict, finding.right) == (Verdict.NOT_ASSESSABLE, None)
    # 21 might be the 20 with one carried in, had that been printed
    (finding,) = judge(make_report, claim("n_req_received", 21), requests__carried_in__total=state)
    assert finding.verdict is Verdict.NOT_ASSESSABLE
    (finding,) = judge(make_report, claim("n_req_received", 0), requests__new_received__total=state)
    assert (finding.rule, finding.verdict) == ("R15", Verdict.NOT_ASSESSABLE)


def test_a_blank_addend_is_0_for_the_lenient_verdict_only(make_report):
    (finding,) = judge(make_report, claim("n_litigation", 2), disputes__lit_direct__total=CellState.BLANK)
    assert (finding.verdict, finding.lenient_verdict) == (Verdict.NOT_ASSESSABLE, Verdict.PASS)
    word = {"disputes__lit_direct__total": CellState.TEXT}
    assert judge(make_report, claim("n_litigation", 2), **word)[0].lenient_verdict is Verdict.NOT_ASSESSABLE


def test_our_own_doubt_is_unresolved(make_report):
    (finding,) = judge(make_report, claim("n_req_received", 20), requests__new_received__total=CellState.AMBIGUOUS)
    assert finding.verdict is Verdict.UNRESOLVED
    (finding,) = judge(make_report, claim("n_req_received", None))
    assert (finding.rule, finding.verdict, finding.left) == ("R14", Verdict.UNRESOLVED, None)


def test_about_that_many_is_not_assessable(make_report):
    (finding,) = judge(make_report, claim("n_req_received", 100, approximate=True))
    assert finding.verdict is Verdict.NOT_ASSESSABLE


def test_a_fact_stated_more_than_once_is_judged_each_time(make_report):
    findings = judge(make_report, claim("n_req_received", 20), claim("n_req_received", 7, 5))
    assert [(f.place, f.verdict) for f in findings] == [
        ("n_req_received", Verdict.PASS),
        ("n_req_received 2", Verdict.FAIL),
    ]


@pytest.mark.parametrize(
    ("number", "share", "verdict"),
    [
        (15, "83.3", Verdict.PASS),
        (15, "83.33", Verdict.PASS),
        (15, "83.34", Verdict.PASS),
        (15, "83.32", Verdict.FAIL),
        (15, "83", Verdict.PASS),
        (15, "75", Verdict.EXPLAINED),
        (15, "62.5", Verdict.EXPLAINED),
        (15, "33.9", Verdict.FAIL),
    ],
)
def test_a_share_is_its_number_over_a_known_base_to_its_decimals(make_report, number, share, verdict):
    pair = (claim("n_disclosed_or_partial", number, 1), claim("p_disclosed_or_partial", share, 4))
    finding = next(f for f in judge(make_report, *pair) if f.rule == "R16")
    assert (finding.place, finding.verdict) == ("p_disclosed_or_partial", verdict)
    assert finding.left == Decimal(share)


def test_a_share_without_number_or_base_is_not_assessable(make_report):
    elsewhere = replace(claim("n_denied", 1, 1), sentence_start=90, start=91, end=92)
    for claims in ((claim("p_denied", 50, 4),), (elsewhere, claim("p_denied", 50, 4))):
        assert [f.verdict for f in judge(make_report, *claims) if f.rule == "R16"] == [Verdict.NOT_ASSESSABLE]
    zero = {code.replace(".", "__"): 0 for code in TABLE}
    pair = (claim("n_denied", 1, 1), claim("p_denied", 50, 4))
    assert [f.verdict for f in judge(make_report, *pair, **zero) if f.rule == "R16"] == [Verdict.NOT_ASSESSABLE]


def test_a_contradicting_sentence_leaves_the_grade_alone(make_report):
    report = make_report(TABLE, claims=(claim("n_req_received", 99), claim("n_review", 0, 5)))
    findings = evaluate_rules(report)
    assert [f.rule for f in findings if f.verdict is Verdict.FAIL] == ["R14", "R15"]
    assert grade_report(report, findings) is Grade.HOLDS


def test_a_report_without_claims_has_no_such_finding(make_report):
    assert judge(make_report) == []


@pytest.mark.parametrize("edition", ["ED_2021", "ED_2019"])
def test_every_term_is_a_cell_of_the_form_or_a_fact(edition):
    table_codes = {table.code for table in edition_by_code(edition).tables}
    known = {c.code for t in edition_by_code(edition).tables for row in t.rows for c in t.row_cells(row)}
    rules = [rule for rule in rules_of(edition) if rule.kind in CLAIM_RULES]
    assert {rule.code for rule in rules} == {"R14", "R15", "R16"}
    for place in (place for rule in rules for place in rule.places):
        assert place.name in load_claim_facts()
        plain, *others = place.derivations
        assert not plain.en
        assert all(other.en and other.zh for other in others)
        terms = {term for d in place.derivations for term in (*d.plus, *d.minus)}
        assert terms <= known | set(load_claim_facts())
        assert all(term.split(".")[0] in table_codes for term in terms - set(load_claim_facts()))


def reported(make_report) -> tuple[Report, str]:
    body = "申请人万小青提出公开要求。全年收到政府信息公开申请20件，申请人万小青来电13800001234。"
    sentence = body.split("。")[1] + "。"
    start = body.index("20件")
    one = Claim("n_req_received", Decimal("2E+1"), "件", False, "S1", sentence, body.index(sentence), start, start + 2)
    section = Section("S1", "一、总体情况", body, "L2")
    return make_report(TABLE, sections=(section,), claims=(one,)), sentence


def test_claims_are_stored_with_masked_sentences_and_their_places(make_report):
    report, sentence = reported(make_report)
    (masked,) = mask_sentences(report)
    assert len(masked) == len(sentence)
    assert "万小青" not in masked
    assert "13800001234" not in masked
    rows = document_rows("0" * 16, "2022", report, evaluate_rules(report))
    (row,) = rows.tables["core.claim"]
    assert (row["claim_number"], row["fact_code"], row["value"], row["sentence_text"]) == (
        1,
        "n_req_received",
        20,
        masked,
    )
    (section,) = rows.tables["core.section"]
    assert str(section["body_text"])[int(str(row["start_offset"])) : int(str(row["end_offset"]))] == "20"
    written = report_to_json(report, (), None, "ab", "text/plain", 1)
    assert written["claims"] == [
        {
            "fact": "n_req_received",
            "value": "20",
            "unit": "件",
            "approximate": False,
            "section": "S1",
            "sentence": masked,
            "start": row["start_offset"],
            "end": row["end_offset"],
        }
    ]


NATIONAL, FUJIAN = edition_by_code("ED_2014").table("stats").variants


def judge_statistics(
    variant: object, printed: dict[str, object], *claims: Claim, columns: tuple[str, ...] = ("year",)
) -> dict[str, Finding]:
    """The findings about claims of a 2014-form report, by place: every cell of the variant 0 except `printed`."""
    cells = []
    for row in variant.rows:
        for column in columns:
            number = Decimal(str(printed.get(f"{row.code}.{column}", 0)))
            code = f"stats.{row.code}.{column}"
            cells.append(CellReading(code, number, row.unit, CellState.REPORTED, str(number), "L1:1-1", "grid"))
    report = Report(is_report=True, report_year=2016, edition="ED_2014", cells=tuple(cells), claims=claims)
    return {f.place: f for f in evaluate_rules(report) if f.rule in ("R14", "R15", "R16")}


@pytest.mark.parametrize(
    ("fact", "value", "row", "printed", "verdict"),
    [
        ("n_active_total", 356, "c01_active_total", 356, "pass"),
        ("n_active_total", 355, "c01_active_total", 356, "fail"),
        ("n_active_website", 300, "c05_ch_website", 300, "pass"),
        ("n_req_received", 15, "c17_req_received", 15, "pass"),
        ("n_req_received", 0, "c17_req_received", 0, "pass"),
        ("n_req_received", 0, "c17_req_received", 2, "fail"),
        ("n_req_channel_in_person", 3, "c18_in_person", 4, "fail"),
        ("n_req_answered", 12, "c22_req_closed", 12, "explained"),
        ("n_denied", 2, "c29_denied", 2, "pass"),
        ("n_review", 3, "c40_review", 3, "pass"),
        ("n_review_corrected", 1, "c42_corrected", 0, "fail"),
        ("n_litigation", 0, "c44_lit", 1, "fail"),
        # The table's amount is in 万元
        ("n_fee_received_yuan", 300, "c49_fees", "0.03", "pass"),
        ("n_fee_received_yuan", 300, "c49_fees", "300", "fail"),
        ("n_fee_received_yuan", 0, "c49_fees", "0.0000", "pass"),
    ],
)
def test_claims_are_compared_with_the_statistics_table(fact, value, row, printed, verdict):
    findings = judge_statistics(NATIONAL, {f"{row}.year": printed}, claim(fact, value))
    assert [f.verdict for f in findings.values()] == [verdict]
    assert findings[fact].rule == ("R15" if value == 0 else "R14")


def test_a_total_of_all_years_explains_a_number_only_where_such_a_column_is_printed():
    stated, numbers = claim("n_active_total", 900), {"c01_active_total.year": 40, "c01_active_total.cumulative": 900}
    both = judge_statistics(FUJIAN, numbers, stated, columns=("year", "cumulative"))["n_active_total"]
    assert both.verdict is Verdict.EXPLAINED
    assert "all years" in both.message
    assert judge_statistics(FUJIAN, numbers, stated)["n_active_total"].verdict is Verdict.FAIL


def test_a_row_that_the_variant_does_not_have_confirms_and_excuses_nothing():
    # Fujian prints no requests closed, and no requests by letter alone
    findings = judge_statistics(
        FUJIAN, {"c25_req_answered.year": 12}, claim("n_req_answered", 11), claim("n_req_channel_letter", 2, 5)
    )
    assert findings["n_req_answered"].verdict is Verdict.FAIL
    assert findings["n_req_channel_letter"].verdict is Verdict.NOT_ASSESSABLE
