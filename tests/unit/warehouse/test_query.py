"""The sandbox: what it answers, and everything it must not do."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import duckdb
import pytest

from pipeline.warehouse import query
from pipeline.warehouse.query import QueryError, QueryRefused, QueryTimeout, WarehouseMissingError, run_query


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    path = tmp_path_factory.mktemp("warehouse") / "touming.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE SCHEMA core")
        con.execute("CREATE TABLE core.sample AS SELECT range AS n, '件' AS unit FROM range(5)")
        con.execute("CREATE SEQUENCE core.numbers")
    return path


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.csv"
    path.write_text("n\nhidden\n")
    return path


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT sum(n) FROM core.sample", ((10,),)),
        ("FROM core.sample WHERE n = 1;", ((1, "件"),)),
        ("WITH big AS (SELECT n FROM core.sample WHERE n > 3) SELECT * FROM big", ((4,),)),
        ("VALUES (1), (2)", ((1,), (2,))),
        ("-- how many\nSELECT count(*) FROM core.sample -- five", ((5,),)),
    ],
)
def test_reading_is_answered(warehouse, sql: str, rows) -> None:
    assert run_query(warehouse, sql).rows == rows


@pytest.mark.parametrize("sql", ["DESCRIBE core.sample", "SHOW ALL TABLES", "SUMMARIZE core.sample"])
def test_looking_around_is_answered(warehouse, sql: str) -> None:
    assert run_query(warehouse, sql).rows


def test_columns_types_and_values_arrive_as_they_are(warehouse) -> None:
    result = run_query(warehouse, "SELECT 1.50::DECIMAL(24,8) AS a, DATE '2023-01-31' AS a, NULL AS c, ['x'] AS d")
    assert result.columns == ("a", "a", "c", "d")
    assert result.types[:2] == ("DECIMAL(24,8)", "DATE")
    assert result.rows == ((Decimal("1.50000000"), dt.date(2023, 1, 31), None, ["x"]),)


def test_parameters_go_by_position_or_by_name(warehouse) -> None:
    assert run_query(warehouse, "SELECT n FROM core.sample WHERE n = ?", [3]).rows == ((3,),)
    assert run_query(warehouse, "SELECT n FROM core.sample WHERE n = $n", {"n": 3}).rows == ((3,),)


def test_rows_beyond_the_limit_are_cut_and_said_so(warehouse) -> None:
    cut = run_query(warehouse, "FROM core.sample ORDER BY n", row_limit=2)
    assert ([row[0] for row in cut.rows], cut.truncated) == ([0, 1], True)
    assert not run_query(warehouse, "FROM core.sample", row_limit=5).truncated
    assert len(run_query(warehouse, "SELECT * FROM range(1000000000000)", row_limit=3).rows) == 3


FORBIDDEN = [
    "COPY core.sample TO '{out}'",
    "COPY (SELECT 1) TO '{out}' (FORMAT parquet)",
    "COPY core.sample FROM '{secret}'",
    "EXPORT DATABASE '{out}'",
    "IMPORT DATABASE '{folder}'",
    "ATTACH '{out}' AS other",
    "ATTACH ':memory:' AS other",
    "DETACH touming",
    "USE core",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '{secret}'",
    "SET enable_external_access = true",
    "SET memory_limit = '100GB'",
    "RESET lock_configuration",
    "PRAGMA enable_external_access = true",
    "PRAGMA threads = 1",
    "CREATE TABLE core.mine (n INT)",
    "CREATE TEMP TABLE mine AS SELECT 1",
    "CREATE OR REPLACE VIEW core.sample AS SELECT 1",
    "CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "CREATE MACRO twice(x) AS x * 2",
    "INSERT INTO core.sample VALUES (9, 'x')",
    "UPDATE core.sample SET n = 0",
    "DELETE FROM core.sample",
    "DROP TABLE core.sample",
    "ALTER TABLE core.sample ADD COLUMN x INT",
    "TRUNCATE core.sample",
    "CHECKPOINT",
    "VACUUM",
    "BEGIN",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "CALL pragma_version()",
    "EXPLAIN ANALYZE COPY core.sample TO '{out}'",
    "COMMENT ON TABLE core.sample IS 'x'",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE core.sample",
    "",
    "-- nothing",
    "SELECT * FROM '{secret}'",
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM read_csv_auto('{secret}')",
    "SELECT * FROM sniff_csv('{secret}')",
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_blob('{secret}')",
    "SELECT * FROM read_json('{secret}')",
    "SELECT * FROM read_parquet('{secret}')",
    "SELECT * FROM parquet_metadata('{secret}')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM read_csv('https://example.invalid/a.csv')",
    "SELECT * FROM read_parquet('s3://bucket/a.parquet')",
    "SELECT * FROM query('SELECT * FROM read_text(''{secret}'')')",
    "SELECT (SELECT max(content) FROM read_text('{secret}')) FROM core.sample",
    "SELECT nextval('core.numbers')",
    "SELECT * FROM caller_rows",
    "WITH gone AS (DELETE FROM core.sample RETURNING *) SELECT * FROM gone",
]


@pytest.mark.parametrize("form", FORBIDDEN)
def test_nothing_else_gets_through(warehouse, secret, tmp_path, form: str) -> None:
    caller_rows = {"n": [1]}
    before = warehouse.read_bytes()
    out = tmp_path / "out"
    with pytest.raises(QueryError) as refusal:
        run_query(warehouse, form.format(out=out, secret=secret, folder=tmp_path))
    assert refusal.value.next_step
    assert "hidden" not in str(refusal.value)
    assert warehouse.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.csv"]
    assert caller_rows


@pytest.mark.parametrize("form", FORBIDDEN[:40])
def test_other_statements_are_refused_as_such(warehouse, secret, tmp_path, form: str) -> None:
    with pytest.raises(QueryError) as refusal:
        run_query(warehouse, form.format(out=tmp_path / "out", secret=secret, folder=tmp_path))
    assert refusal.value.code in {"query_refused", "query_failed"}
    if refusal.value.code == "query_failed":
        # Only what is not even a statement of this DuckDB, or needs an extension to be one
        assert form.startswith(("PRAGMA", "IMPORT", "CREATE SECRET"))


def test_a_long_query_is_interrupted(warehouse) -> None:
    with pytest.raises(QueryTimeout, match=r"0\.2 seconds") as timeout:
        run_query(warehouse, "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b", seconds=0.2)
    assert timeout.value.code == "query_timeout"
    assert run_query(warehouse, "SELECT 1").rows == ((1,),)


def test_a_query_that_needs_too_much_memory_fails_and_spills_nothing(warehouse, monkeypatch) -> None:
    monkeypatch.setattr(query, "SANDBOX_CONFIG", {**query.SANDBOX_CONFIG, "memory_limit": "50MB"})
    with pytest.raises(QueryError, match="Memory"):
        run_query(warehouse, "SELECT * FROM range(100000000) ORDER BY range DESC")
    assert [path.name for path in warehouse.parent.iterdir()] == ["touming.duckdb"]


def test_a_wrong_name_says_what_to_do(warehouse) -> None:
    with pytest.raises(QueryError, match="SHOW ALL TABLES") as failure:
        run_query(warehouse, "SELECT * FROM core.samples")
    assert (failure.value.code, type(failure.value)) == ("query_failed", QueryError)


def test_writing_and_outside_access_are_named_as_refused(warehouse, secret) -> None:
    for sql in (f"SELECT * FROM read_text('{secret}')", "DELETE FROM core.sample"):
        with pytest.raises(QueryRefused):
            run_query(warehouse, sql)


def test_without_a_warehouse_the_way_to_one_is_named(tmp_path) -> None:
    with pytest.raises(WarehouseMissingError, match="touming run") as missing:
        run_query(tmp_path / "touming.duckdb", "SELECT 1")
    assert missing.value.code == "warehouse_missing"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_warehouse_is_told_apart(tmp_path) -> None:
    path = tmp_path / "touming.duckdb"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(WarehouseMissingError) as unreadable:
        run_query(path, "SELECT 1")
    assert unreadable.value.code == "warehouse_unreadable"
