"""mart.audit: every verdict in one place, and fingerprints that a person's decision can be kept under."""

from __future__ import annotations

import pytest

from pipeline.contract.dictionary import rule_rows
from pipeline.contract.marts import load_marts
from pipeline.warehouse.checks import run_checks
from pipeline.warehouse.models import load_models, run_models

AUDIT = ("mart.flagged_finding", "mart.audit", "mart.rule_year")
DOUBT = "requests.granted.total"
FOUND = ("R02", "fail", 3, 4, ())


def judge(con, *findings: tuple, where: str = "report_year = 2022") -> dict[str, str]:
    """Replace all findings by these, of each report that meets `where`, and audit anew; {rule: fingerprint}."""
    con.execute("DELETE FROM core.finding")
    for rule, verdict, left, right, cells in findings:
        con.execute(
            "INSERT INTO core.finding SELECT report_id, ?, 'total', 'hard', ?, ?, ?, ?, ?, ?, 'as found' "
            f"FROM core.report WHERE {where}",
            [rule, verdict, verdict, left, right, None if None in (left, right) else left - right, list(cells)],
        )
    assert all(result.status == "ok" for result in run_models(con, load_models(), AUDIT))
    found = con.execute("SELECT rule_code, fingerprint FROM mart.flagged_finding WHERE NOT is_across_reports")
    fingerprints: dict[str, set[str]] = {}
    for rule, fingerprint in found.fetchall():
        fingerprints.setdefault(rule, set()).add(fingerprint)
    assert all(len(found) == 1 for found in fingerprints.values())
    return {rule: found.pop() for rule, found in fingerprints.items()}


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


def test_a_fingerprint_survives_another_version_with_the_same_numbers(con) -> None:
    both = "agency_id = 'id-乙镇人民政府'"
    assert con.execute(f"SELECT count(*) FROM core.report WHERE {both}").fetchone() == (2,)
    found = judge(con, FOUND, ("R01", "pass", 1, 1, ()), where=both)
    assert list(found) == ["R02"]
    assert len(found["R02"]) == 16
    # What says the same in other words, and is read from another document
    con.execute("UPDATE core.report SET report_id = 'elsewhere', text_hash = 'x' WHERE report_year = 2022")
    assert judge(con, FOUND, where=both) == found


@pytest.mark.parametrize(
    "change",
    [
        {"found": ("R02", "fail", 3, 5, ())},
        {"found": ("R02", "fail", 2, 4, ())},
        {"found": ("R02", "unresolved", 3, 4, ())},
        {"sql": "UPDATE core.report SET report_year = 2021 WHERE report_year = 2022", "where": "report_year = 2021"},
        {"sql": "UPDATE core.report SET agency_id = 'id-another' WHERE report_year = 2022"},
    ],
    ids=str,
)
def test_a_fingerprint_changes_with_what_was_found(con, change) -> None:
    before = judge(con, FOUND)["R02"]
    con.execute(change.get("sql", "SELECT 1"))
    after = judge(con, change.get("found", FOUND), where=change.get("where", "report_year = 2022"))["R02"]
    assert after != before


def test_where_a_side_is_no_number_the_cells_stand_for_it(con) -> None:
    doubtful = ("R03", "unresolved", None, None, [DOUBT])
    first = judge(con, doubtful)
    con.execute("UPDATE core.cell SET value = 77, raw_text = '77' WHERE cell_code = 'requests.granted_partial.total'")
    assert judge(con, doubtful) == first
    con.execute("UPDATE core.cell SET value = NULL, raw_text = '1 2' WHERE cell_code = ?", [DOUBT])
    second = judge(con, doubtful)
    con.execute("UPDATE core.cell SET raw_text = '1 3' WHERE cell_code = ?", [DOUBT])
    assert len({first["R03"], second["R03"], judge(con, doubtful)["R03"]}) == 3


def test_where_nothing_is_named_all_figures_stand_for_it(con) -> None:
    form = ("R19", "fail", None, None, ())
    first = judge(con, form)
    con.execute("UPDATE core.report SET figures_hash = 'other' WHERE report_year = 2022")
    assert judge(con, form) != first


def decide(con, fingerprint: str, decision: str) -> None:
    con.execute(
        "INSERT INTO core.decision VALUES (?, 'R02', ?, '原件如此', DATE '2026-02-03', '', 5)", [fingerprint, decision]
    )


def test_a_decision_stands_beside_its_finding_in_every_later_build(con) -> None:
    decide(con, judge(con, FOUND)["R02"], "confirmed")
    judge(con, FOUND)
    shown = con.execute("SELECT decision_code, decision_reason_text FROM mart.audit WHERE rule_code = 'R02'")
    assert shown.fetchall() == [("confirmed", "原件如此")]
    counts = con.execute(
        "SELECT fail_count, confirmed_count, dismissed_count FROM mart.rule_year WHERE rule_code = 'R02'"
    )
    assert counts.fetchall() == [(1, 1, 0)]
    assert orphans(con).passed


def test_a_decision_about_numbers_that_changed_is_named(con) -> None:
    decide(con, judge(con, FOUND)["R02"], "dismissed")
    judge(con, ("R02", "fail", 3, 5, ()))
    assert con.execute("SELECT decision_code FROM mart.flagged_finding WHERE rule_code = 'R02'").fetchall() == [(None,)]
    found = orphans(con)
    assert (found.severity, found.violation_count, found.sample[0]["line_number"]) == ("warn", 1, 5)


def orphans(con):
    return next(result for result in run_checks(con) if result.name == "decision_meets_a_finding")


def test_a_rule_is_counted_by_reports_and_by_places(con) -> None:
    con.execute("UPDATE core.report SET report_year = 2020, is_latest = true")
    judge(con)
    reports = [row[0] for row in con.execute("SELECT report_id FROM core.report ORDER BY report_id").fetchall()]
    for report, verdict in zip(reports[:3], ("fail", "pass", "not_assessable"), strict=True):
        for place in ("granted", "carried_in"):
            con.execute(
                "INSERT INTO core.finding VALUES (?, 'R03', ?, 'hard', ?, ?, 1, 2, -1, [], 'as found')",
                [report, place, verdict, verdict],
            )
    run_models(con, load_models(), AUDIT)
    found = con.execute(
        "SELECT report_count, assessed_report_count, failed_report_count, pass_count, fail_count, "
        "not_assessable_count, failed_over_assessed_rate FROM mart.rule_year WHERE rule_code = 'R03'"
    ).fetchall()
    assert found == [(3, 2, 1, 2, 2, 2, 0.5)]


def test_the_catalogue_is_complete() -> None:
    # R05 was never given
    assert [row["rule_code"] for row in rule_rows()] == [f"R{number:02}" for number in range(1, 28) if number != 5]
    assert all(row["formula_zh"] and row["formula_en"] and row["edition_code_list"] for row in rule_rows())
