from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal

import duckdb
import pytest

from pipeline.cli.query import _json_value, _plain_text


@pytest.fixture
def warehouse(data):
    """A published file with one table of every kind of value."""
    data.published.parent.mkdir(parents=True)
    with duckdb.connect(str(data.published)) as con:
        con.execute("CREATE SCHEMA mart")
        con.execute(
            "CREATE TABLE mart.sample AS SELECT * FROM (VALUES "
            "('甲', 3::BIGINT, 0.1::DECIMAL(24,8), DATE '2024-01-31', ['a', 'b']), "
            "('乙', NULL, 12::DECIMAL(24,8), NULL, NULL)) AS t(name, request_count, fee, published_date, codes)"
        )
    return data


def test_json_keeps_missing_apart_from_zero(run, warehouse):
    result = run("query", "SELECT * FROM mart.sample ORDER BY fee", "--format", "json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == [
        {"name": "甲", "request_count": 3, "fee": 0.1, "published_date": "2024-01-31", "codes": ["a", "b"]},
        {"name": "乙", "request_count": None, "fee": 12, "published_date": None, "codes": None},
    ]


def test_csv_is_csv(run, warehouse):
    result = run("query", "SELECT name, request_count, fee FROM mart.sample ORDER BY fee", "--format", "csv")
    assert list(csv.reader(io.StringIO(result.stdout))) == [
        ["name", "request_count", "fee"],
        ["甲", "3", "0.1"],
        ["乙", "", "12"],
    ]


def test_table_says_null(run, warehouse):
    result = run("query", "SELECT name, request_count FROM mart.sample")
    assert "NULL" in result.stdout
    assert "\x1b" not in result.stdout


def test_limit_is_kept_and_said_on_stderr(run, warehouse):
    result = run("query", "SELECT name FROM mart.sample", "--format", "json", "--limit", "1")
    assert len(json.loads(result.stdout)) == 1
    assert "only the first 1 rows" in result.stderr


def test_question_from_stdin(run, warehouse):
    assert json.loads(run("query", "-", "--format", "json", stdin=b"SELECT 1 AS one").stdout) == [{"one": 1}]


def test_question_that_begins_with_a_comment(run, warehouse):
    result = run("query", "-- one = one\nSELECT 1 AS one WHERE 1 = 1", "--format", "json")
    assert json.loads(result.stdout) == [{"one": 1}]


def test_question_from_a_file(run, warehouse, tmp_path):
    question = tmp_path / "question.sql"
    question.write_text("-- zh: 多少？\nSELECT count(*) AS rows FROM mart.sample", encoding="utf-8")
    assert json.loads(run("query", "--file", str(question), "--format", "json").stdout) == [{"rows": 2}]


@pytest.mark.parametrize("given", [[], ["SELECT 1", "--file", "pyproject.toml"]])
def test_one_question_is_needed(run, given):
    assert run("query", *given).exit_code == 2


def test_missing_warehouse_is_five(run):
    result = run("query", "SELECT 1")
    assert result.exit_code == 5
    assert "error [warehouse_missing]" in result.stderr


@pytest.mark.parametrize("sql", ["DROP TABLE mart.sample", "SELECT * FROM read_text('/etc/hostname')", "SELEC 1"])
def test_bad_question_is_two_and_prints_no_data(run, warehouse, sql):
    result = run("query", sql)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "next:" in result.stderr


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("12.50000000"), "12.5"),
        (Decimal("1200.00000000"), "1200"),
        (Decimal("100"), "100"),
        (Decimal("0E-8"), "0"),
        (dt.datetime(2024, 1, 2, 3, 4), "2024-01-02T03:04:00"),
        (["甲"], '["甲"]'),
        (True, "True"),
    ],
)
def test_values_as_text(value, text):
    assert _plain_text(value) == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("3.00"), 3),
        (Decimal("0.1"), 0.1),
        (Decimal("1234567890123456.12345678"), "1234567890123456.12345678"),
        (None, None),
        ({"a": [Decimal(1)]}, {"a": [1]}),
    ],
)
def test_values_as_json_are_the_very_same_number(value, shown):
    assert _json_value(value) == shown
