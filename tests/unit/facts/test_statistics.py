"""The statistics table of 2014 in the facts: its rows, and the sums of the variant that is printed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.contract.editions import edition_by_code
from pipeline.contract.frames import make_frame
from pipeline.facts.identities import evaluate_rules, grade_report
from pipeline.facts.model import Finding, Grade, Verdict
from pipeline.facts.rows import document_rows
from pipeline.reports.model import CellReading, CellState, Report

NATIONAL, FUJIAN = edition_by_code("ED_2014").table("stats").variants


def make_statistics(variant: object, columns: tuple[str, ...], printed: dict[str, int | CellState]) -> Report:
    """Every cell of the variant 0 except `printed` (row.column → a number or a state)."""
    cells = []
    for row in variant.rows:
        for column in columns:
            value = printed.get(f"{row.code}.{column}", 0)
            code = f"stats.{row.code}.{column}"
            if isinstance(value, CellState):
                cells.append(CellReading(code, None, row.unit, value, "", "L1:1-1", "grid"))
            else:
                cells.append(
                    CellReading(code, Decimal(value), row.unit, CellState.REPORTED, str(value), "L1:1-1", "grid")
                )
    return Report(is_report=True, title="甲县2016年年报", report_year=2016, edition="ED_2014", cells=tuple(cells))


def find(report: Report, rule: str, place: str) -> Finding:
    (found,) = [f for f in evaluate_rules(report) if (f.rule, f.place) == (rule, place)]
    return found


@pytest.mark.parametrize(
    ("variant", "columns", "parts"),
    [
        (NATIONAL, ("year",), ("c18_in_person", "c19_fax", "c20_network", "c21_letter")),
        (FUJIAN, ("year", "cumulative"), ("c18_in_person", "c20_network", "fj_mail_fax")),
    ],
)
def test_a_total_is_the_sum_of_the_parts_that_its_variant_prints(variant, columns, parts):
    printed = {f"{row}.{column}": 2 for row in parts for column in columns}
    total = {f"c17_req_received.{column}": 2 * len(parts) for column in columns}
    report = make_statistics(variant, columns, printed | total)
    assert find(report, "R25", "c17_req_received.year").verdict is Verdict.PASS
    assert grade_report(report, evaluate_rules(report)) is Grade.HOLDS
    broken = make_statistics(variant, columns, printed)
    finding = find(broken, "R25", "c17_req_received.year")
    assert (finding.verdict, finding.left, finding.right) == (Verdict.FAIL, 0, 2 * len(parts))
    assert grade_report(broken, evaluate_rules(broken)) is Grade.CONTRADICTORY


def test_a_total_whose_parts_the_variant_does_not_print_is_not_assessable():
    report = make_statistics(FUJIAN, ("year", "cumulative"), {"c40_review.year": 3, "c40_review.cumulative": 5})
    finding = find(report, "R25", "c40_review.year")
    assert (finding.verdict, finding.lenient_verdict) == (Verdict.NOT_ASSESSABLE, Verdict.NOT_ASSESSABLE)
    assert finding.cells == ("stats.c40_review.year",)


def test_a_row_that_the_variant_has_and_the_report_does_not_print_is_never_left_out_of_a_sum():
    report = make_statistics(NATIONAL, ("year",), {"c19_fax.year": CellState.ABSENT})
    assert find(report, "R25", "c17_req_received.year").verdict is Verdict.NOT_ASSESSABLE


@pytest.mark.parametrize(("year", "total", "verdict"), [(3, 3, "pass"), (2, 3, "pass"), (4, 3, "fail")])
def test_a_part_or_a_year_is_not_more_than_its_whole(year, total, verdict):
    report = make_statistics(FUJIAN, ("year", "cumulative"), {"c44_lit.year": year, "c44_lit.cumulative": total})
    assert str(find(report, "R27", "c44_lit").verdict) == verdict
    report = make_statistics(NATIONAL, ("year",), {"c10_press_conf.year": total, "c11_press_conf_chief.year": year})
    assert str(find(report, "R26", "c11_press_conf_chief.year").verdict) == verdict


def test_counts_are_whole_and_amounts_need_not_be():
    report = make_statistics(
        NATIONAL, ("year",), {"c55_budget.year": Decimal("12.5"), "c50_offices.year": Decimal("1.5")}
    )
    assert find(report, "R04", "stats").cells == ("stats.c50_offices.year",)


def test_rows_of_the_statistics_table_are_stored_with_unit_and_state():
    report = make_statistics(FUJIAN, ("year", "cumulative"), {"fj_fee_waived.year": CellState.BLANK})
    rows = document_rows("d1", "2016", report, evaluate_rules(report)).tables["core.cell"]
    frame = make_frame("core.cell", list(rows))
    assert frame.height == 2 * len(FUJIAN.rows)
    fee = next(r for r in rows if r["cell_code"] == "stats.fj_fee_waived.year")
    assert (fee["value"], fee["unit"], fee["state_code"]) == (None, "元", "blank")


def test_a_report_without_the_table_has_no_cells_and_nothing_to_assess():
    report = replace(make_statistics(NATIONAL, ("year",), {}), cells=())
    rows = document_rows("d1", "2016", report, evaluate_rules(report)).tables
    assert rows["core.cell"] == ()
    verdicts = {f.rule: f.verdict for f in evaluate_rules(report)}
    assert verdicts["R04"] is verdicts["R23"] is Verdict.NOT_ASSESSABLE
    sums = [(f.rule, f.place, f.verdict) for f in evaluate_rules(report) if f.rule in ("R25", "R26", "R27")]
    assert sums == [(rule, "stats", Verdict.NOT_ASSESSABLE) for rule in ("R25", "R26", "R27")]


def test_a_column_that_the_form_does_not_have_is_said_once_a_rule():
    findings = evaluate_rules(make_statistics(NATIONAL, ("year",), {}))
    assert [(f.verdict, f.cells) for f in findings if f.rule == "R27"] == [(Verdict.NOT_ASSESSABLE, ())]
    sums = [f for f in findings if f.rule == "R25"]
    assert [f.place for f in sums if f.verdict is not Verdict.PASS] == ["stats"]
    assert "cumulative" in find(make_statistics(NATIONAL, ("year",), {}), "R25", "stats").message
    both = evaluate_rules(make_statistics(NATIONAL, ("year", "cumulative"), {}))
    assert sum(f.rule == "R27" for f in both) == len(NATIONAL.rows)
