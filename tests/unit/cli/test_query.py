from __future__ import annotations

import csv
import datetime as dt
import io
import json
from decimal import Decimal

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from pipeline.cli.values import arrow_type, json_value, plain_text, unique_names


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
    assert plain_text(value) == text


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
    assert json_value(value) == shown


def test_markdown_is_one_line_a_row_whatever_the_text(run, warehouse):
    result = run(
        "query",
        "SELECT 'a|b' || chr(10) || 'c' AS text, 1.50 AS n, NULL::VARCHAR AS none",
        "--format",
        "md",
    )
    assert result.stdout == "| text | n | none |\n| --- | ---: | --- |\n| a\\|b<br>c | 1.5 | NULL |\n"


def test_parquet_goes_to_the_named_file_with_its_types(run, warehouse, tmp_path):
    out = tmp_path / "answer.parquet"
    sql = "SELECT *, request_count::HUGEINT AS huge, {'a': 1} AS object FROM mart.sample ORDER BY fee"
    result = run("query", sql, "--format", "parquet", "--output", str(out))
    assert (result.exit_code, result.stdout) == (0, "")
    frame = pl.read_parquet(out)
    assert frame.row(0) == ("甲", 3, Decimal("0.1"), dt.date(2024, 1, 31), ["a", "b"], Decimal(3), '{"a": 1}')
    assert frame.row(1)[1:5] == (None, Decimal(12), None, None)
    assert frame.schema["request_count"] == pl.Int64
    assert list(tmp_path.glob(".*")) == []


def test_parquet_needs_a_file(run, warehouse):
    result = run("query", "SELECT 1", "--format", "parquet")
    assert result.exit_code == 2
    assert "--output" in result.stderr


@pytest.mark.parametrize("style", ["table", "csv", "json", "md"])
def test_every_format_can_go_to_a_file(run, warehouse, tmp_path, style):
    out = tmp_path / "answer"
    printed = run("query", "SELECT name FROM mart.sample ORDER BY fee", "--format", style)
    written = run("query", "SELECT name FROM mart.sample ORDER BY fee", "--format", style, "-o", str(out))
    assert (written.exit_code, written.stdout) == (0, "")
    assert out.read_text(encoding="utf-8") == printed.stdout


def test_a_file_that_cannot_be_written_is_said_and_the_old_one_stays(run, warehouse, tmp_path):
    result = run("query", "SELECT 1", "--output", str(tmp_path / "none" / "answer.txt"))
    assert result.exit_code == 2
    assert "error [output_not_written]" in result.stderr
    out = tmp_path / "answer.csv"
    out.write_text("old")
    assert run("query", "SELEC 1", "--format", "csv", "-o", str(out)).exit_code == 2
    assert out.read_text() == "old"


def test_values_are_given_by_name(run, warehouse):
    sql = "SELECT name FROM mart.sample WHERE request_count = $count AND name = $name"
    result = run("query", sql, "-p", "count=3", "-p", "name=甲", "--format", "json")
    assert json.loads(result.stdout) == [{"name": "甲"}]
    assert run("query", sql, "-p", "count=3", "-p", "name=' OR 1=1 --", "--format", "json").stdout == "[]\n"
    assert run("query", sql, "-p", "3").exit_code == 2


def test_columns_of_one_name_are_kept_apart(run, warehouse):
    assert json.loads(run("query", "SELECT 1 AS a, 2 AS a", "--format", "json").stdout) == [{"a": 1, "a_2": 2}]
    assert unique_names(["a", "a_2", "a", "a"]) == ["a", "a_2", "a_3", "a_4"]


def test_a_query_that_lasts_is_stopped(run, warehouse):
    result = run("query", "SELECT count(*) FROM range(1000000000000)", "--seconds", "0.2")
    assert result.exit_code == 2
    assert "error [query_timeout]" in result.stderr


@pytest.mark.parametrize(
    ("sql_type", "arrow"),
    [
        ("DECIMAL(24,8)", pa.decimal128(24, 8)),
        ("INTEGER[][]", pa.list_(pa.list_(pa.int32()))),
        ("STRUCT(a INTEGER)", pa.string()),
        ("TIMESTAMP WITH TIME ZONE", pa.timestamp("us", tz="UTC")),
    ],
)
def test_types_for_parquet(sql_type, arrow):
    assert arrow_type(sql_type) == arrow
