"""Macros and Chinese views of a published warehouse: what they find, and that they say what the contract says."""

from __future__ import annotations

import re
import shutil

import duckdb
import pytest

from pipeline.contract.ddl import SQL_TYPES
from pipeline.contract.macros import load_macros
from pipeline.contract.marts import load_marts
from pipeline.contract.views import load_views
from pipeline.paths import SQL_ROOT
from pipeline.warehouse.analyst_layer import create_analyst_layer
from pipeline.warehouse.content import logical_hash
from pipeline.warehouse.errors import WarehouseError
from pipeline.warehouse.publish import publish
from pipeline.warehouse.query import run_query
from pipeline.warehouse.source import find_source


@pytest.fixture(scope="module")
def opened(tmp_path_factory, published_once):
    # A copy: one process cannot open a file with two sets of settings, and the sandbox has its own
    path = tmp_path_factory.mktemp("opened") / "touming.duckdb"
    shutil.copyfile(published_once.path, path)
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


def ask(published, sql: str, **params) -> list[dict[str, object]]:
    result = run_query(published.path, sql, params)
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


@pytest.mark.parametrize("macro", load_macros().values(), ids=lambda macro: macro.name)
def test_a_macro_gives_the_columns_of_the_contract_and_explains_itself(opened, macro) -> None:
    nulls = ", ".join("NULL" for _ in macro.parameters)
    found = [(name, kind) for name, kind, *_ in opened.execute(f"DESCRIBE FROM {macro.name}({nulls})").fetchall()]
    assert found == [(column.name, SQL_TYPES[column.type]) for column in macro.columns]
    assert opened.execute(f"FROM {macro.name}({nulls})").fetchall() == []
    (comment,) = opened.execute(
        "SELECT DISTINCT comment FROM duckdb_functions() WHERE schema_name || '.' || function_name = ?", [macro.name]
    ).fetchone()
    assert comment.startswith(f"{macro.zh} / {macro.en}")
    assert all(f"{parameter.name}: {parameter.zh} / {parameter.en}" in comment for parameter in macro.parameters)


@pytest.mark.parametrize("view", load_views().values(), ids=lambda view: view.name)
def test_a_view_shows_its_table_under_other_names(opened, view) -> None:
    described = opened.execute(
        "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE schema_name || '.' || table_name = ? "
        "ORDER BY column_index",
        [view.name],
    ).fetchall()
    original = opened.execute(f"DESCRIBE {view.table}").fetchall()
    assert [(name, kind, text) for name, kind, text in described] == [
        (column.name, kind, column.comment) for column, (_, kind, *_) in zip(view.columns, original, strict=True)
    ]
    assert [column.shows for column in view.columns] == [name for name, *_ in original]
    (comment,) = opened.execute(
        "SELECT comment FROM duckdb_views() WHERE schema_name || '.' || view_name = ?", [view.name]
    ).fetchone()
    assert comment.endswith(f"({view.table})")
    assert opened.execute(f"FROM {view.name} EXCEPT ALL FROM {view.table}").fetchall() == []


def test_names_of_views_and_their_columns_are_chinese_unique_and_need_no_quotes() -> None:
    for view in load_views().values():
        names = [column.name for column in view.columns]
        assert len(set(names)) == len(names), view.name
        for name in [view.name.removeprefix("zh."), *names]:
            assert re.fullmatch(r"[\u4e00-\u9fff]\w*", name) or name == "SHA256", (view.name, name)
    assert len({view.table for view in load_views().values()}) == len(load_views())


def test_every_mart_has_a_chinese_view() -> None:
    shown = {view.table for view in load_views().values()}
    assert {name for name in load_marts() if name.startswith("mart.")} <= shown


def test_unquoted_chinese_sql_runs(published_once) -> None:
    rows = ask(
        published_once, "SELECT 机关规范名称, 本年新收申请 FROM zh.机关年度 WHERE 报告年度 = 2022 AND 是否已有年报"
    )
    assert rows == [{"机关规范名称": "甲县人民政府", "本年新收申请": 10}]


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("410308", ["410308"]),
        ("孟津区", ["410308"]),
        ("洛阳市孟津区", ["410308"]),
        ("河南省 洛阳市 孟津区", ["410308"]),
        ("河南省孟津区", ["410308"]),
        ("  河南省，洛阳市  ", ["410300"]),
        ("全国", ["000000"]),
        ("000000", ["000000"]),
        ("阜南县", ["341225", "342127"]),
        # Only a whole name counts: neither a part of one nor a name with something before it
        ("孟津", []),
        ("阳市孟津区", []),
        ("", []),
        ("'; DROP TABLE core.cell; --", []),
        ("(((", []),
    ],
)
def test_a_place_goes_by_code_name_or_path(published_once, asked: str, codes: list[str]) -> None:
    assert [row["division_code"] for row in ask(published_once, "FROM mart.find_place($place)", place=asked)] == codes


def test_a_name_of_several_places_gives_each(published_once) -> None:
    rows = ask(published_once, "FROM mart.find_place('鼓楼区') ORDER BY division_code")
    assert len({row["division_code"] for row in rows}) == len(rows) > 2
    assert {row["region_path_text"] for row in rows} >= {"江苏省 南京市 鼓楼区", "福建省 福州市 鼓楼区"}


def test_an_agency_goes_by_identifier_name_or_part_and_a_whole_name_wins(published_once) -> None:
    def find(asked: str) -> list[tuple[object, object]]:
        sql = "FROM mart.find_agency($agency) ORDER BY agency_id"
        return [(row["agency_id"], row["is_exact"]) for row in ask(published_once, sql, agency=asked)]

    assert find("甲县人民政府") == find(" id-甲县人民政府 ") == [("id-甲县人民政府", True)]
    assert find("甲县") == [("id-甲县人民政府", False)]
    both = dict(find("人民政府"))
    assert {"id-甲县人民政府", "id-乙镇人民政府"} <= set(both)
    assert set(both.values()) == {False}
    assert find("") == find("丙") == []


@pytest.fixture(scope="module")
def county(tmp_path_factory, published_once):
    """The published file with its agencies put into places that exist, and the marts filled by hand."""
    path = tmp_path_factory.mktemp("county") / "touming.duckdb"
    shutil.copyfile(published_once.path, path)
    rows = [
        # agency, name, code, level, kind, department, received
        ("a", "孟津区人民政府", "410308", "county", "government", None, 10),
        ("b", "涧西区人民政府", "410305", "county", "government", None, 20),
        ("c", "嵩县人民政府", "410325", "county", "government", None, None),
        ("d", "孟津区财政局", "410308", "county", "department", "finance", 1),
        ("e", "孟津区会盟镇人民政府", "410308101", "township", "township_government", None, 0),
        ("f", "孟州市财政局", "410883", "county", "department", "finance", 2),
        ("g", "孟州市教育局", "410883", "county", "department", "education", 3),
        ("h", "河南省人民政府", "410000", "province", "government", None, 100),
        ("i", "上海市人民政府", "310000", "province", "government", None, 200),
    ]
    with duckdb.connect(str(path)) as con:
        con.execute("DELETE FROM mart.agency_year; DELETE FROM mart.region_year; DELETE FROM core.agency")
        for agency, name, code, level, kind, department, received in rows:
            con.execute(
                "INSERT INTO core.agency BY NAME SELECT ? AS agency_id, ? AS agency_name, 'registry' AS "
                "identity_basis_code, ? AS region_code, ? AS division_level",
                [agency, name, code, level],
            )
            for year in (2021, 2022):
                con.execute(
                    "INSERT INTO mart.agency_year BY NAME SELECT ? AS agency_id, ? AS agency_name, ? AS region_code, "
                    "? AS division_level, ? AS organ_kind_code, ? AS department_code, ?::INT AS report_year, "
                    "?::BIGINT AS request_received_count",
                    [agency, name, code, level, kind, department, year, received],
                )
        for year, received in ((2021, 30), (2022, None)):
            con.execute(
                "INSERT INTO mart.region_year BY NAME SELECT ?::INT AS report_year, '410300' AS region_code, "
                "'level_own' AS scope_code, ?::BIGINT AS request_received_count, 7::BIGINT AS report_count, "
                "0.5 AS disclosed_over_disposed_rate",
                [year, received],
            )
    return path


def names(path, sql: str) -> list[object]:
    return [row[0] for row in run_query(path, sql).rows]


def test_metrics_of_a_place_are_those_of_all_within_it_in_that_year(county) -> None:
    ids = "SELECT agency_id FROM mart.metrics({}) ORDER BY 1"
    assert names(county, ids.format("'孟津区', 2022")) == ["a", "d", "e"]
    assert names(county, ids.format("'410300', 2022")) == ["a", "b", "c", "d", "e"]
    assert names(county, ids.format("'河南省', 2022")) == list("abcdefgh")
    assert names(county, ids.format("'全国', 2021")) == list("abcdefghi")
    assert names(county, ids.format("'孟津区', 2020")) == []
    assert names(county, "SELECT report_year FROM mart.metrics('孟津区', '2022')") == [2022] * 3


def test_a_profile_is_every_year_of_one_agency(county) -> None:
    assert names(county, "SELECT report_year FROM mart.profile('孟津区人民政府')") == [2021, 2022]
    assert set(names(county, "SELECT agency_id FROM mart.profile('孟津区')")) == {"a", "d", "e"}


@pytest.mark.parametrize(
    ("agency", "group", "peers"),
    [
        # Other counties of the same prefecture
        ("孟津区人民政府", "parent_division", ["a", "b", "c"]),
        # Alone of its field in the prefecture: the province; another field is no peer
        ("孟津区财政局", "province", ["d", "f"]),
        ("孟津区会盟镇人民政府", "province", ["e"]),
        ("河南省人民政府", "parent_division", ["h", "i"]),
    ],
)
def test_peers_are_of_the_same_level_kind_and_field(county, agency, group, peers) -> None:
    sql = f"FROM mart.peers('{agency}', 2022) SELECT agency_id, peer_group_code, is_self ORDER BY 1"
    rows = run_query(county, sql).rows
    assert [row[0] for row in rows] == peers
    assert {row[1] for row in rows} == {group}
    assert sum(bool(row[2]) for row in rows) == 1


def test_peers_of_a_name_with_several_meanings_are_kept_apart(county) -> None:
    sql = "FROM mart.peers('财政局', 2022) SELECT peer_of_agency_id, agency_id ORDER BY ALL"
    assert run_query(county, sql).rows == (("d", "d"), ("d", "f"), ("f", "d"), ("f", "f"))


def test_a_trend_keeps_the_year_whose_number_is_missing(county) -> None:
    sql = "FROM mart.trend('{}', '洛阳市') SELECT report_year, value, report_count"
    assert run_query(county, sql.format("request_received_count")).rows == ((2021, 30.0, 7), (2022, None, 7))
    assert [row[1] for row in run_query(county, sql.format("disclosed_over_disposed_rate")).rows] == [0.5, 0.5]
    assert [row[1] for row in run_query(county, sql.format("report_count")).rows] == [7.0, 7.0]
    assert run_query(county, sql.format("no_such_count")).rows == ()


@pytest.mark.parametrize(
    ("agency", "year", "cell"),
    [
        ("甲县人民政府", 2022, "requests.new_received.natural_person"),
        ("id-甲县人民政府", 2023, "requests.total_disposed"),
        ("甲县", 2022, "total_disposed"),
        ("甲县人民政府", 2022, "（七）总计"),
        ("甲县人民政府", 2022, "总计"),
        ("甲县人民政府", 2022, "Total disposed"),
        ("甲县人民政府", 2022, " 1.属于国家秘密 "),
        ("人民政府", 2023, "行政许可"),
        ("甲县人民政府", 2022, "一、本年新收政府信息公开申请数量 / 自然人"),
        ("乙镇人民政府", 2023, "proactive.penalty.decisions"),
        ("丙市", 2022, "行政许可"),
        ("甲县人民政府", 1999, "行政许可"),
        ("", 2022, "行政许可"),
    ],
)
def test_the_macro_source_and_the_command_agree(published_once, agency: str, year: int, cell: str) -> None:
    sql = "FROM mart.source($agency, $year, $cell)"
    of_macro = run_query(published_once.path, sql, {"agency": agency, "year": year, "cell": cell}).rows
    of_command = find_source(published_once.path, agency, year, cell)
    assert [row[:13] for row in of_macro] == [
        (
            r.agency_id,
            r.agency_name,
            r.report_year,
            r.cell_code,
            r.label_zh,
            r.label_en,
            r.value,
            r.unit,
            r.state_code,
            r.raw_text,
            r.locator_text,
            r.document_id,
            r.sha256,
        )
        for r in of_command
    ]


def test_a_macro_that_does_not_fit_stops_the_publication(paths, published, tmp_path) -> None:
    folder = tmp_path / "macros"
    shutil.copytree(SQL_ROOT / "macros", folder)
    (folder / "metrics.sql").write_text("SELECT * FROM mart.no_such_table WHERE place = year")
    with duckdb.connect(str(paths.build)) as con, pytest.raises(WarehouseError, match=r"metrics\.sql"):
        create_analyst_layer(con, folder)
    (folder / "metrics.sql").unlink()
    with duckdb.connect(str(paths.build)) as con, pytest.raises(WarehouseError, match=r"differ in mart\.metrics"):
        create_analyst_layer(con, folder)


def test_macros_and_views_are_no_part_of_the_content(paths, published) -> None:
    with duckdb.connect(str(paths.build)) as con:
        before = logical_hash(con)[0]
        con.execute("DROP SCHEMA zh CASCADE; DROP MACRO TABLE mart.metrics")
        assert logical_hash(con)[0] == before
    assert publish(paths.build, paths).build_id == before
    assert run_query(paths.published, "SELECT count(*) FROM zh.机关年度").rows[0][0] > 0
