"""The sandbox: what it answers, and everything it must not do."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import duckdb
import pytest

from pipeline.warehouse import query, query_process
from pipeline.warehouse.query import run_query
from pipeline.warehouse.query_errors import (
    QueryError,
    QueryRefused,
    QueryTimeout,
    QueryTooLarge,
    WarehouseMissingError,
)
from pipeline.warehouse.query_guard import TEXT_LIMIT
from pipeline.warehouse.query_process import run_query_apart


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
    "DEALLOCATE p",
    "SET VARIABLE a = 1",
    "COPY FROM DATABASE touming TO other",
    "CREATE TABLE core.mine AS FROM read_text('{secret}')",
    "EXPLAIN ANALYZE DELETE FROM core.sample",
    "EXPLAIN SELECT * FROM read_text('{secret}')",
    "MERGE INTO core.sample AS a USING (SELECT 1 AS n) AS b ON a.n = b.n WHEN MATCHED THEN DELETE",
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
    "SELECT content FROM '{secret}' WHERE 1 = 1 -- FROM core.sample",
    "SELECT /* FROM core.sample */ * FROM read_text('{secret}')",
    "SELECT * FROM core.sample /* */; /* */ DROP TABLE core.sample --",
    "WITH sample AS (FROM read_text('{secret}')) FROM sample",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r, glob('{folder}/*')) FROM r",
    "DESCRIBE SELECT * FROM read_csv('{secret}')",
    "SUMMARIZE FROM read_csv('{secret}')",
    "FROM core.sample, LATERAL (SELECT * FROM read_text('{secret}'))",
    "FROM read_duckdb('{folder}/other.duckdb')",
    "FROM parquet_kv_metadata('{secret}')",
    "FROM query('FROM core.sample')",
    "FROM query_table('core.sample')",
    "FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''{secret}'')'))",
    "FROM enable_logging('QueryLog', storage = 'file', storage_config = {{'path': '{out}'}})",
    "FROM ENABLE_LOGGING()",
    "FROM system.main.disable_logging()",
    "FROM truncate_duckdb_logs()",
    "FROM enable_profiling(format = 'json', save_location = '{out}.json')",
    "FROM register_external_resource('a', 'b')",
    "FROM pandas_scan(1)",
    "FROM arrow_scan(1, 2, 3)",
    "FROM seq_scan()",
    "FROM checkpoint()",
    "FROM force_checkpoint()",
    "FROM duckdb_secrets()",
    "FROM which_secret('s3://bucket', 's3')",
    "FROM duckdb_settings()",
    "FROM duckdb_extensions()",
    "SELECT getenv('HOME')",
    "SELECT current_setting('s3_secret_access_key')",
    "PRAGMA table_info('core.sample')",
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


@pytest.mark.parametrize("form", FORBIDDEN[: FORBIDDEN.index("")])
def test_other_statements_are_refused_as_such(warehouse, secret, tmp_path, form: str) -> None:
    with pytest.raises(QueryError) as refusal:
        run_query(warehouse, form.format(out=tmp_path / "out", secret=secret, folder=tmp_path))
    assert refusal.value.code in {"query_refused", "query_failed"}
    if refusal.value.code == "query_failed":
        # Only what is not even a statement of this DuckDB, or needs an extension to be one
        assert form.startswith(("PRAGMA", "IMPORT", "CREATE SECRET", "COPY FROM", "MERGE"))


def test_a_long_query_is_interrupted(warehouse) -> None:
    with pytest.raises(QueryTimeout, match=r"0\.2 seconds") as timeout:
        run_query(warehouse, "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b", seconds=0.2)
    assert timeout.value.code == "query_timeout"
    assert run_query(warehouse, "SELECT 1").rows == ((1,),)


def test_a_query_that_needs_too_much_memory_fails_and_spills_nothing(warehouse, monkeypatch) -> None:
    monkeypatch.setattr(query, "SANDBOX_CONFIG", {**query.SANDBOX_CONFIG, "memory_limit": "50MB"})
    with pytest.raises(QueryError, match="50MB"):
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


def test_a_question_as_long_as_a_book_is_not_even_parsed(warehouse) -> None:
    with pytest.raises(QueryRefused, match="characters"):
        run_query(warehouse, "SELECT 1" + " " * TEXT_LIMIT)


def test_functions_that_only_compute_or_list_stay_allowed(warehouse) -> None:
    for sql in (
        "SELECT sum(range) FROM range(4)",
        "FROM duckdb_tables()",
        "SELECT unnest([1, 2])",
        "FROM core.sample, LATERAL (FROM unnest([n]))",
        "FROM json_each('[1]')",
    ):
        assert run_query(warehouse, sql).rows


def test_macros_of_the_warehouse_are_functions_that_may_be_called(tmp_path) -> None:
    path = tmp_path / "touming.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE SCHEMA mart")
        con.execute("CREATE MACRO mart.twice(n) AS TABLE SELECT 2 * n AS doubled")
    assert run_query(path, "FROM mart.twice(21)").rows == ((42,),)
    assert run_query(path, "FROM MART.Twice($n)", {"n": 21}).rows == ((42,),)


def test_in_a_process_of_its_own_the_answer_is_the_same(warehouse) -> None:
    sql = "SELECT n, unit, 1.5::DECIMAL(4, 2) AS d, [n] AS l FROM core.sample WHERE n <> $n ORDER BY n"
    assert run_query_apart(warehouse, sql, {"n": 3}, row_limit=2) == run_query(warehouse, sql, {"n": 3}, row_limit=2)


def test_errors_come_out_of_the_process_as_they_are(warehouse, secret, tmp_path) -> None:
    with pytest.raises(QueryRefused, match="read_text") as refusal:
        run_query_apart(warehouse, f"FROM read_text('{secret}')")
    assert (refusal.value.code, "hidden" in str(refusal.value)) == ("query_refused", False)
    with pytest.raises(WarehouseMissingError, match="touming run"):
        run_query_apart(tmp_path / "none.duckdb", "SELECT 1")


# Each ran for minutes or took more than 5 GB where only DuckDB looked at the clock and at the memory
BOMBS = [
    "SELECT length(repeat('x', 3000000000))",
    "SELECT len(generate_series(1, 1000000000))",
    "SELECT repeat('xxxxxxxxxx', 1000000) FROM range(1000000)",
    "SELECT levenshtein(repeat('ab', 100000), repeat('ba', 100000))",
    "SELECT string_agg(repeat('x', 10000000), '') FROM range(100000)",
    "SELECT lpad('x', 2000000000, 'y')",
    "SELECT count(*) FROM generate_series(1, 100000000000000)",
    "SELECT sum(a.n * b.range) FROM core.sample a, range(100000000000) b",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
    "SELECT sleep_ms(100000)",
]


@pytest.mark.parametrize("sql", BOMBS)
def test_what_would_never_end_or_fit_is_ended(warehouse, monkeypatch, sql: str) -> None:
    monkeypatch.setattr(query_process, "GRACE_SECONDS", 0.3)
    with pytest.raises(QueryError) as end:
        run_query_apart(warehouse, sql, seconds=0.3)
    # A DuckDB without the function says so instead
    assert isinstance(end.value, QueryTimeout | QueryTooLarge) or "does not exist" in end.value.message


def test_a_process_that_dies_is_an_error_with_a_next_step(warehouse, monkeypatch) -> None:
    monkeypatch.setattr(query_process, "_START", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(QueryTooLarge, match="memory") as end:
        run_query_apart(warehouse, "SELECT 1")
    assert end.value.next_step


def test_an_answer_of_a_size_that_nobody_reads_is_refused(warehouse) -> None:
    with pytest.raises(QueryTooLarge, match="bytes"):
        run_query_apart(warehouse, "SELECT repeat('x', 1000000) || range FROM range(300)")


def test_settings_are_locked_and_no_progress_is_drawn_where_data_goes(warehouse) -> None:
    sql = "SELECT current_setting('lock_configuration'), current_setting('enable_progress_bar')"
    assert run_query(warehouse, sql).rows == ((True, False),)
