"""Every check passes on sound rows, and each finds the fault it is there for."""

from __future__ import annotations

import pytest

from pipeline.paths import SQL_ROOT
from pipeline.warehouse.checks import Check, load_checks, run_checks
from pipeline.warehouse.errors import WarehouseError

# Faults that the database itself would let pass: the check that must find each, and how to make it
FAULTS = {
    "reported_cell_has_source": "UPDATE core.cell SET locator_text = '' WHERE cell_code = 'requests.granted.total'",
    "value_only_where_reported": (
        "UPDATE core.request SET state_code = 'blank' WHERE outcome_code = 'granted' AND applicant_code = 'total'"
    ),
    "facts_agree_with_cells": (
        "UPDATE core.request SET request_count = 99 WHERE outcome_code = 'granted' AND applicant_code = 'total'"
    ),
    "one_latest_version": "UPDATE core.report SET is_latest = true",
    "latest_version_is_no_less_complete": "UPDATE core.report SET reported_cell_count = 10 WHERE is_latest",
    "reading_outcome_is_explained": "UPDATE core.reading SET reject_reason_code = 'blank_form'",
    "reported_cell_count_agrees": "UPDATE core.report SET reported_cell_count = 1",
    "unread_number_has_issue": "UPDATE core.report SET read_number_count = printed_number_count - 1",
    "agency_year_is_complete": "DELETE FROM mart.agency_year WHERE report_year = 2022",
    "report_year_in_range": "UPDATE core.report SET report_year = 2007 WHERE report_year = 2022",
    "count_is_not_negative": "UPDATE core.request SET request_count = -1 WHERE outcome_code = 'carried_in'",
    "rate_between_zero_and_one": "UPDATE mart.agency_year SET denied_over_disposed_rate = 1.01",
    "agency_is_settled": "UPDATE core.agency SET identity_basis_code = 'provisional'",
    "decision_line_is_right": "INSERT INTO core.decision_problem VALUES (4, 'decided_by is empty')",
    "decision_meets_a_finding": (
        "INSERT INTO core.decision VALUES ('ffffffffffffffff', 'R01', 'confirmed', 'so', DATE '2026-01-02', '', 4)"
    ),
    "amount_is_in_its_unit": (
        "UPDATE mart.agency_year SET admin_fee_wan_yuan = admin_fee_wan_yuan * 10000 WHERE report_year = 2023"
    ),
    "year_is_not_copied": (
        "UPDATE mart.cross_finding SET verdict_code = 'fail' WHERE rule_code = 'R21' AND place_text = 'figures'"
    ),
    "count_is_plausible": "UPDATE core.cell SET value = 1000001 WHERE cell_code = 'requests.carried_out.total'",
    "published_date_in_range": "UPDATE core.report SET published_date = DATE '2062-01-31'",
    "core_cell_has_the_cells_of_the_form": "DELETE FROM core.cell WHERE cell_code = 'requests.granted.total'",
    "mart_agency_year_has_one_row_per_key": "INSERT INTO mart.agency_year FROM mart.agency_year",
    "core_section_report_id_is_in_core_report": "UPDATE core.section SET report_id = report_id || 'x'",
}


def test_sound_rows_pass_every_check(con) -> None:
    results = run_checks(con)
    assert [result for result in results if not result.passed] == []
    assert len({result.name for result in results}) == len(results) == len(load_checks())


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_with_its_rows(con, name: str) -> None:
    con.execute(FAULTS[name])
    result = next(result for result in run_checks(con) if result.name == name)
    assert not result.passed
    assert result.error == ""
    assert result.violation_count >= len(result.sample) >= 1
    assert all(isinstance(row, dict) and row for row in result.sample)


def test_every_check_file_has_a_fault_that_proves_it() -> None:
    assert {path.stem for path in (SQL_ROOT / "checks").glob("*.sql")} <= set(FAULTS)


def test_an_optional_row_may_be_there_but_no_other(con) -> None:
    name = "core_cell_has_the_cells_of_the_form"
    copied = "INSERT INTO core.cell SELECT * REPLACE ('{}' AS cell_code) FROM core.cell WHERE cell_code = '{}'"
    con.execute(copied.format("requests.other_total.total", "requests.other_misc.total"))
    assert next(result for result in run_checks(con) if result.name == name).passed
    con.execute(copied.format("requests.other_nothing.total", "requests.other_misc.total"))
    result = next(result for result in run_checks(con) if result.name == name)
    assert {row["difference"] for row in result.sample} == {"not on the form"}


def test_a_printed_fraction_stays_in_its_cell_and_is_no_disagreement(con) -> None:
    con.execute("UPDATE core.cell SET value = 1.5 WHERE cell_code = 'requests.granted.total'")
    con.execute(
        "UPDATE core.request SET request_count = NULL, state_code = 'illegible' "
        "WHERE outcome_code = 'granted' AND applicant_code = 'total'"
    )
    assert next(result for result in run_checks(con) if result.name == "facts_agree_with_cells").passed


def test_many_violations_are_counted_and_sampled(con) -> None:
    check = Check("many", "warn", "core.cell", "many", "SELECT range AS n FROM range(1000)")
    (result,) = run_checks(con, (check,))
    assert (result.violation_count, len(result.sample), result.sample[0]) == (1000, 20, {"n": 0})


def test_a_check_that_cannot_run_has_failed(con) -> None:
    con.execute("DROP TABLE mart.agency_year")
    results = {result.name: result for result in run_checks(con)}
    assert not results["agency_year_is_complete"].passed
    assert "agency_year" in results["agency_year_is_complete"].error
    assert results["one_latest_version"].passed


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("-- severity: loud\n-- table: core.cell\n-- message: m\nSELECT 1", "'loud' is not one of error, warn"),
        ("-- severity: warn\n-- message: m\nSELECT 1", "has no header '-- table: …'"),
    ],
)
def test_a_check_file_with_a_wrong_header_is_named(tmp_path, text: str, complaint: str) -> None:
    (tmp_path / "odd.sql").write_text(text, encoding="utf-8")
    with pytest.raises(WarehouseError, match=rf"odd\.sql.*{complaint}"):
        load_checks(tmp_path)


AMOUNTS = {
    "tenfold growth": ([3, 30, 300], []),
    "yuan in one year": ([3, 30123, 3], [2022]),
    "yuan from a year on": ([3, 30123, 29000], [2022]),
    "a year without fees between": ([3, 0, 29000], [2023]),
    "a year that does not say": ([3, None, 29000], [2023]),
    "fees for the first time": ([0, 0, 29000], []),
}


@pytest.mark.parametrize("case", AMOUNTS)
def test_yuan_for_ten_thousands_of_them_are_told_from_growth(con, case: str) -> None:
    amounts, expected = AMOUNTS[case]
    con.execute("DELETE FROM mart.agency_year WHERE report_year <> 2022")
    for year, amount in zip((2021, 2022, 2023), amounts, strict=True):
        con.execute(
            "INSERT INTO mart.agency_year SELECT * REPLACE ('a' AS agency_id, ? AS report_year, "
            "? AS admin_fee_wan_yuan) FROM mart.agency_year WHERE agency_id <> 'a' LIMIT 1",
            [year, amount],
        )
    result = next(result for result in run_checks(con) if result.name == "amount_is_in_its_unit")
    assert [row["report_year"] for row in result.sample] == expected


def test_an_amount_without_other_years_is_held_against_its_peers(con) -> None:
    con.execute("DELETE FROM mart.agency_year WHERE report_year <> 2022")
    con.execute(
        "INSERT INTO mart.agency_year SELECT row.* REPLACE (concat('peer ', n) AS agency_id, "
        "CASE n WHEN 7 THEN 120000 ELSE n END AS admin_fee_wan_yuan) FROM mart.agency_year AS row, range(1, 31) AS t(n)"
    )
    result = next(result for result in run_checks(con) if result.name == "amount_is_in_its_unit")
    assert [row["agency_id"] for row in result.sample] == []
    con.execute("UPDATE mart.agency_year SET admin_fee_wan_yuan = 200000 WHERE agency_id = 'peer 7'")
    result = next(result for result in run_checks(con) if result.name == "amount_is_in_its_unit")
    assert [row["agency_id"] for row in result.sample] == ["peer 7"]
