"""SQL models: their order, their isolation, and agreement with marts.yml."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from pipeline.contract.marts import MartColumn, MartSchema, load_marts
from pipeline.contract.schema import load_tables
from pipeline.warehouse.errors import WarehouseError
from pipeline.warehouse.models import load_models, run_models


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "mart"
    path.mkdir()
    return path


@pytest.fixture
def con():
    connection = duckdb.connect()
    for schema in ("core", "mart"):
        connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute("CREATE TABLE core.report AS SELECT range AS n FROM range(3)")
    return connection


def one_column_mart(name: str) -> MartSchema:
    return MartSchema(name, "格", "grain", ("n",), (MartColumn("n", "bigint", "数", "number"),))


def write_models(folder, **selects: str):
    for name, select in selects.items():
        (folder / f"{name}.sql").write_text(select, encoding="utf-8")
    models = load_models(folder.parent)
    return models, {model.name: one_column_mart(model.name) for model in models}


def test_models_come_after_what_they_read(folder) -> None:
    models, _ = write_models(
        folder,
        alpha="WITH part AS (FROM mart.middle) SELECT * FROM part, range(3) AS r (i), unnest([1]) AS u (j)",
        middle="SELECT * FROM mart.zeta",
        zeta="SELECT * FROM core.report",
    )
    assert [model.name for model in models] == ["mart.zeta", "mart.middle", "mart.alpha"]
    assert models[2].depends_on == ("mart.middle",)


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("SELECT * FROM core.nothing", r"broken\.sql: reads core\.nothing"),
        ("SELECT * FROM report", r"broken\.sql: reads report"),
        ("SELECT * FROM (", r"broken\.sql: cannot be parsed"),
        ("SELECT 1; SELECT 2", r"broken\.sql: must be one SELECT"),
        ("DROP TABLE core.report", r"broken\.sql: must be one SELECT"),
        ("SELECT * FROM mart.broken", "circle"),
    ],
)
def test_a_wrong_file_is_named(folder, sql: str, complaint: str) -> None:
    with pytest.raises(WarehouseError, match=complaint):
        write_models(folder, broken=sql)


def test_an_empty_folder_is_an_error(folder) -> None:
    with pytest.raises(WarehouseError, match=r"no \.sql files"):
        load_models(folder.parent)


def test_the_folder_is_the_schema(folder) -> None:
    (folder.parent / "meta").mkdir()
    (folder.parent / "meta" / "late.sql").write_text("SELECT * FROM mart.early", encoding="utf-8")
    models, _ = write_models(folder, early="SELECT * FROM core.report")
    assert [model.name for model in models] == ["mart.early", "meta.late"]


def test_a_model_cannot_take_the_name_of_a_contract_table(folder) -> None:
    (folder.parent / "core").mkdir()
    (folder.parent / "core" / "report.sql").write_text("SELECT 1 AS n", encoding="utf-8")
    with pytest.raises(WarehouseError, match=r"report\.sql: contract/tables\.yml fills a table"):
        write_models(folder, early="SELECT * FROM core.report")


def test_a_failing_model_skips_its_descendants_only(folder, con) -> None:
    models, marts = write_models(
        folder,
        a_good="SELECT n FROM core.report",
        b_bad="SELECT CAST('x' || n AS BIGINT) AS n FROM core.report",
        c_child="SELECT n FROM mart.b_bad",
        d_grandchild="SELECT n FROM mart.c_child",
        e_good="SELECT n FROM mart.a_good",
    )
    con.execute("CREATE TABLE mart.c_child (n BIGINT)")
    results = {result.name: result for result in run_models(con, models, marts=marts)}
    assert {name: result.status for name, result in results.items()} == {
        "mart.a_good": "ok",
        "mart.b_bad": "failed",
        "mart.c_child": "skipped",
        "mart.d_grandchild": "skipped",
        "mart.e_good": "ok",
    }
    assert results["mart.e_good"].rows == 3
    assert results["mart.e_good"].columns == (("n", "BIGINT"),)
    assert "b_bad.sql" in results["mart.b_bad"].error
    assert "mart.b_bad" in results["mart.c_child"].error
    left = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'mart' ORDER BY 1").fetchall()
    assert left == [("a_good",), ("e_good",)]


def test_only_selected_models_run(folder, con) -> None:
    models, marts = write_models(folder, first="SELECT n FROM core.report", second="SELECT n FROM mart.first")
    run_models(con, models, marts=marts)
    con.execute("DELETE FROM core.report WHERE n = 0")
    assert [result.name for result in run_models(con, models, {"mart.second"}, marts)] == ["mart.second"]
    assert con.execute("SELECT count(*) FROM mart.second").fetchall() == [(3,)]


@pytest.mark.parametrize(
    "select",
    [
        "SELECT n::VARCHAR AS n FROM core.report",
        "SELECT n AS m, n FROM core.report",
        "SELECT n, n AS m FROM core.report",
    ],
)
def test_a_table_that_is_not_the_described_one_fails(folder, con, select: str) -> None:
    models, marts = write_models(folder, odd=select)
    (result,) = run_models(con, models, marts=marts)
    assert result.status == "failed"
    assert "marts.yml" in result.error
    assert con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'odd'").fetchall() == [(0,)]


def test_an_undescribed_model_fails(folder, con) -> None:
    models, _ = write_models(folder, lonely="SELECT n FROM core.report")
    (result,) = run_models(con, models, marts={})
    assert (result.status, result.error) == ("failed", "mart.lonely is not described in contract/marts.yml")


def test_every_model_of_the_project_is_described_and_nothing_else_is() -> None:
    of_contract = {name for name, table in load_tables().items() if table.stage == "sql"}
    assert {model.name for model in load_models()} == set(load_marts()) | of_contract


def test_rows_lie_by_key_or_by_the_order_that_is_described(folder, con) -> None:
    models, marts = write_models(folder, plain="SELECT n FROM core.report", turned="SELECT n, -n AS m FROM core.report")
    columns = (*marts["mart.turned"].columns, MartColumn("m", "bigint", "负数", "negative"))
    marts["mart.turned"] = replace(marts["mart.turned"], columns=columns, order=("m", "n"))
    assert [result.status for result in run_models(con, models, marts=marts)] == ["ok", "ok"]
    assert con.execute("SELECT n FROM mart.plain ORDER BY rowid").fetchall() == [(0,), (1,), (2,)]
    assert con.execute("SELECT n FROM mart.turned ORDER BY rowid").fetchall() == [(2,), (1,), (0,)]


def test_every_order_is_one_of_the_table_s_own_columns_and_holds_its_key() -> None:
    ordered = {name: mart for name, mart in load_marts().items() if mart.order}
    assert "mart.flagged_finding" in ordered
    for name, mart in ordered.items():
        assert set(mart.key) <= set(mart.order) <= {column.name for column in mart.columns}, name
