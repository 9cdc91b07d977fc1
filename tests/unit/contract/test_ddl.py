"""The contract as SQL, tried out in an empty database."""

from __future__ import annotations

import duckdb
import pytest

from pipeline.contract.ddl import SQL_TYPES, create_statements, key_checks, quote_text, unique_check
from pipeline.contract.schema import load_tables


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for schema in ("raw", "core", "mart", "meta"):
        connection.execute(f"CREATE SCHEMA {schema}")
    for table in load_tables():
        for statement in create_statements(table):
            connection.execute(statement)
    return connection


def test_every_column_exists_with_its_type_and_a_comment_in_both_languages(con: duckdb.DuckDBPyConnection) -> None:
    found = con.execute(
        "SELECT schema_name || '.' || table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns() "
        "WHERE schema_name IN ('raw', 'core', 'meta') ORDER BY 1, column_index"
    ).fetchall()
    expected = [
        (name, c.name, SQL_TYPES[c.type], c.nullable, f"{c.zh} / {c.en}" + (f" [{c.unit}]" if c.unit else ""))
        for name, table in sorted(load_tables().items())
        for c in table.columns
    ]
    assert found == expected


def test_every_table_says_its_grain(con: duckdb.DuckDBPyConnection) -> None:
    comments = dict(con.execute("SELECT schema_name || '.' || table_name, comment FROM duckdb_tables()").fetchall())
    assert comments == {name: f"{t.grain_zh} / {t.grain_en}" for name, t in load_tables().items()}


@pytest.mark.parametrize(
    "values",
    ["('r', 's', 'm', 1, '件', 'zero')", "('r', 's', 'm', 1, NULL, 'reported')", "(NULL, 's', 'm', 1, '件', 'blank')"],
)
def test_the_database_refuses_what_the_contract_refuses(con: duckdb.DuckDBPyConnection, values: str) -> None:
    with pytest.raises(duckdb.ConstraintException):
        con.execute(f"INSERT INTO core.proactive VALUES {values}")


def test_every_key_and_reference_has_a_check_that_finds_its_violation(con: duckdb.DuckDBPyConnection) -> None:
    checks = dict(check for table in load_tables() for check in key_checks(table))
    assert len(checks) == sum(1 + len(table.references) for table in load_tables().values())
    for sql in checks.values():
        assert con.execute(sql).fetchall() == []
    con.execute(
        "INSERT INTO core.proactive VALUES ('r', 's', 'm', 1, '件', 'reported'), ('r', 's', 'm', 2, '件', 'reported')"
    )
    assert con.execute(checks["core_proactive_has_one_row_per_key"]).fetchall() == [("r", "s", "m", 2)]
    orphans = con.execute(checks["core_proactive_report_id_is_in_core_report"]).fetchall()
    assert orphans == [("r", "s", "m")] * 2


def test_a_unique_check_finds_repeated_and_missing_keys(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE TABLE mart.sample AS FROM (VALUES ('a', 1), ('a', 1), ('b', 1), (NULL, 2)) AS t (name, year)")
    name, sql = unique_check("mart.sample", ("name", "year"))
    assert name == "mart_sample_has_one_row_per_key"
    assert sorted(con.execute(sql).fetchall(), key=str) == [("a", 1, 2), (None, 2, 1)]


def test_a_quote_in_a_description_stays_text() -> None:
    literal = quote_text("it's")
    assert duckdb.execute(f"SELECT {literal}").fetchall() == [("it's",)]
