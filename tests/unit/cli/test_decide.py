"""`touming decide`: a finding that exists, a reason, one line in the file."""

from __future__ import annotations

import duckdb
import pytest

from pipeline.facts.decisions import decision_rows

FINGERPRINT = "0123456789abcdef"


@pytest.fixture
def warehouse(data):
    data.published.parent.mkdir(parents=True)
    with duckdb.connect(str(data.published)) as con:
        con.execute("CREATE SCHEMA mart")
        con.execute("CREATE SCHEMA core")
        con.execute("CREATE TABLE core.agency AS SELECT 'cn-1' AS agency_id, '青石镇人民政府' AS agency_name")
        con.execute(
            "CREATE TABLE mart.flagged_finding AS SELECT ? AS fingerprint, 'R02' AS rule_code, 'cn-1' AS agency_id, "
            "2023 AS report_year, 'total' AS place_text, '0 contradicts 1' AS message_text",
            [FINGERPRINT],
        )
    return data


def test_a_decision_is_one_line_of_the_file(run, warehouse) -> None:
    result = run("decide", FINGERPRINT, "--dismissed", "--reason", "原件确为0", "--by", "desk 2")
    assert result.exit_code == 0
    assert result.stdout == "dismissed  青石镇人民政府 2023 total 0 contradicts 1\n"
    (row,), problems = decision_rows(warehouse.decisions.read_bytes())
    assert problems == []
    assert (row["fingerprint"], row["rule_code"], row["decision_code"]) == (FINGERPRINT, "R02", "dismissed")
    assert row["about_text"] == "青石镇人民政府 2023 total 0 contradicts 1"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((FINGERPRINT, "--reason", "x"), "decision_missing"),
        (("f" * 16, "--confirmed", "--reason", "x"), "fingerprint_unknown"),
        ((FINGERPRINT, "--confirmed", "--reason", " "), "decision_wrong"),
        ((FINGERPRINT, "--confirmed", "--reason", "x" * 501), "decision_wrong"),
    ],
)
def test_what_is_no_decision_writes_nothing(run, warehouse, arguments, code) -> None:
    result = run("decide", *arguments)
    assert result.exit_code == 2
    assert f"error [{code}]" in result.stderr
    assert not warehouse.decisions.exists()


def test_without_a_warehouse_nothing_can_be_decided(run) -> None:
    assert run("decide", FINGERPRINT, "--confirmed", "--reason", "x").exit_code == 5
