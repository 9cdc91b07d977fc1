"""mart.audit: every verdict in one place, and fingerprints that a person's decision can be kept under."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest

from pipeline.contract.dictionary import rule_rows
from pipeline.contract.frames import make_frame
from pipeline.contract.marts import load_marts
from pipeline.warehouse.build import reopen_build
from pipeline.warehouse.checks import run_checks

Rows = dict[str, list[dict[str, object]]]
DOUBT = "requests.granted.total"


def finding(report: Rows, rule: str, verdict: str, left: int | None, right: int | None, cells=()) -> dict[str, object]:
    def number(value: int | None) -> Decimal | None:
        return None if value is None else Decimal(value)

    return report["core.finding"][0] | {
        "rule_code": rule,
        "place_text": "total",
        "severity_code": "hard",
        "verdict_code": verdict,
        "lenient_verdict_code": verdict,
        "left_value": number(left),
        "right_value": number(right),
        "difference": None if left is None or right is None else Decimal(left - right),
        "cell_code_list": list(cells),
        "message_text": "as found",
    }


@pytest.fixture
def flag(paths, build_stages, make_report) -> Callable[..., dict[str, str]]:
    """Build one report of an agency with given findings; {rule: fingerprint} of what is flagged."""

    def build(
        *findings: tuple, agency: str = "甲县人民政府", year: int = 2023, numbers: Mapping = {}, **report
    ) -> dict:
        rows = make_report(agency, year, numbers, **report)
        rows["core.finding"] = [finding(rows, *one) for one in findings]
        build_stages([rows])
        with reopen_build(paths) as con:
            found = con.execute("SELECT rule_code, fingerprint FROM mart.flagged_finding").fetchall()
        return dict(found)

    return build


def test_every_verdict_is_there_once(con) -> None:
    expected = con.execute(
        "SELECT (SELECT count(*) FROM core.finding) + (SELECT count(*) FROM mart.cross_finding)"
    ).fetchone()
    found = con.execute(
        f"SELECT count(*), count(DISTINCT ({', '.join(load_marts()['mart.audit'].key)})) FROM mart.audit"
    ).fetchone()
    assert found == expected * 2
    kinds = con.execute("SELECT DISTINCT verdict_code, is_across_reports FROM mart.audit").fetchall()
    assert {("pass", False), ("fail", False), ("pass", True), ("fail", True)} <= set(kinds)
    unflagged = con.execute(
        "SELECT count(*) FROM mart.audit WHERE (fingerprint IS NULL) = (verdict_code IN ('fail', 'unresolved'))"
    ).fetchone()
    assert unflagged == (0,)


def test_a_fingerprint_survives_another_document_with_the_same_numbers(flag) -> None:
    first = flag(("R02", "fail", 3, 4))
    # Another version: another document, another report_id, another explanation
    again = flag(("R02", "fail", 3, 4), ("R01", "pass", 1, 1), version=(2, True))
    assert first == again
    assert len(first["R02"]) == 16


@pytest.mark.parametrize(
    "change",
    [
        {"findings": [("R02", "fail", 3, 5)]},
        {"findings": [("R02", "fail", 2, 4)]},
        {"findings": [("R02", "unresolved", 3, 4)]},
        {"findings": [("R02", "fail", 3, 4)], "year": 2022},
        {"findings": [("R02", "fail", 3, 4)], "agency": "乙镇人民政府"},
    ],
)
def test_a_fingerprint_changes_with_what_was_found(flag, change) -> None:
    first = flag(("R02", "fail", 3, 4))
    assert flag(*change.pop("findings"), **change)["R02"] != first["R02"]


def test_where_a_side_is_no_number_the_cells_stand_for_it(flag) -> None:
    doubtful = ("R03", "unresolved", None, None, [DOUBT])
    first = flag(doubtful, numbers={DOUBT: 5})
    assert flag(doubtful, numbers={DOUBT: 5, "requests.granted_partial.total": 9}) == first
    assert flag(doubtful, numbers={DOUBT: 6}) != first


def decide(paths, fingerprint: str, decision: str) -> None:
    row = {
        "fingerprint": fingerprint,
        "rule_code": "R02",
        "decision_code": decision,
        "decision_reason_text": "原件如此",
        "decided_date": dt.date(2026, 2, 3),
        "about_text": "",
        "line_number": 5,
    }
    path = paths.stage / "core" / "decision" / "part.parquet"
    path.parent.mkdir(parents=True)
    make_frame("core.decision", [row]).write_parquet(path)


def test_a_decision_stands_beside_its_finding_in_every_later_build(paths, flag) -> None:
    decide(paths, flag(("R02", "fail", 3, 4))["R02"], "confirmed")
    for version in (1, 2):
        flag(("R02", "fail", 3, 4), version=(version, True))
        with reopen_build(paths) as con:
            shown = con.execute("SELECT decision_code, decision_reason_text FROM mart.audit WHERE rule_code = 'R02'")
            assert shown.fetchall() == [("confirmed", "原件如此")]
            counts = con.execute("SELECT fail_count, confirmed_count, dismissed_count FROM mart.rule_year")
            assert counts.fetchall() == [(1, 1, 0)]
            assert orphans(con).passed


def test_a_decision_about_numbers_that_changed_is_named(paths, flag) -> None:
    decide(paths, flag(("R02", "fail", 3, 4))["R02"], "dismissed")
    flag(("R02", "fail", 3, 5))
    with reopen_build(paths) as con:
        assert con.execute("SELECT decision_code FROM mart.flagged_finding").fetchall() == [(None,)]
        found = orphans(con)
    assert (found.severity, found.violation_count, found.sample[0]["line_number"]) == ("warn", 1, 5)


def orphans(con):
    return next(result for result in run_checks(con) if result.name == "decision_meets_a_finding")


def test_a_rule_is_counted_by_reports_and_by_places(paths, build_stages, make_report) -> None:
    reports = [make_report(name, 2023, {}) for name in ("甲县人民政府", "乙镇人民政府", "丙局")]
    for rows, verdict in zip(reports, ("fail", "pass", "not_assessable"), strict=True):
        places = [finding(rows, "R03", verdict, 1, 2) | {"place_text": place} for place in ("granted", "carried_in")]
        rows["core.finding"] = places
    build_stages(reports)
    with reopen_build(paths) as con:
        found = con.execute(
            "SELECT report_count, assessed_report_count, failed_report_count, pass_count, fail_count, "
            "not_assessable_count, failed_over_assessed_rate FROM mart.rule_year WHERE rule_code = 'R03'"
        ).fetchall()
    assert found == [(3, 2, 1, 2, 2, 2, 0.5)]


def test_the_catalogue_is_complete() -> None:
    # R05 was never given
    assert [row["rule_code"] for row in rule_rows()] == [f"R{number:02}" for number in range(1, 28) if number != 5]
    assert all(row["formula_zh"] and row["formula_en"] and row["edition_code_list"] for row in rule_rows())
