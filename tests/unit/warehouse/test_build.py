"""Stages into the build file: nothing lost, nothing added, nothing accepted that breaks the contract."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from pipeline.contract.schema import load_tables
from pipeline.warehouse.build import load_core, open_build, reopen_build
from pipeline.warehouse.checks import load_checks, run_checks
from pipeline.warehouse.errors import WarehouseError


@pytest.fixture
def con(paths):
    connection = open_build(paths)
    yield connection
    connection.close()


def failed_checks(con, table: str) -> list[str]:
    contract_checks = tuple(check for check in load_checks() if check.table == table and "_per_key" in check.name)
    return [result.name for result in run_checks(con, contract_checks) if not result.passed]


def test_without_any_stage_only_what_the_contract_itself_says_has_rows(con, paths) -> None:
    counts = load_core(con, paths)
    assert set(counts) == set(load_tables())
    assert {table for table, rows in counts.items() if rows} == {
        "core.division",
        "core.division_lineage",
        "meta.bridge",
        "meta.cross_rule_term",
        "meta.deadline_rule",
        "meta.form_cell",
        "meta.metric",
        "meta.metric_edition",
        "meta.rule",
        "meta.dictionary",
    }


def test_rows_arrive_from_every_partition_with_an_agency_once(con, paths, reports, write_stages) -> None:
    write_stages(paths, reports)
    counts = load_core(con, paths)
    assert counts["core.report"] == counts["raw.document"] == counts["core.section"] == 4
    assert counts["core.cell"] == sum(len(rows["core.cell"]) for rows in reports)
    assert counts["core.agency"] == 2
    years = con.execute("SELECT report_year, count(*) FROM core.report GROUP BY 1 ORDER BY 1").fetchall()
    assert years == [(2022, 1), (2023, 3)]


def test_moments_are_stored_as_utc_whatever_the_session_says(con, paths, reports, write_stages) -> None:
    write_stages(paths, reports)
    con.execute("SET TimeZone = 'Asia/Shanghai'")
    load_core(con, paths)
    assert con.execute("SELECT DISTINCT captured_at FROM raw.capture").fetchall() == [
        (dt.datetime(2026, 1, 2, 3, 4, 5),)
    ]


def test_a_document_in_two_partitions_is_found(con, paths, reports, write_stages) -> None:
    write_stages(paths, reports)
    stage = paths.stage / "core" / "report"
    (stage / "year=2024").mkdir()
    (stage / "year=2024" / "part.parquet").write_bytes((stage / "year=2022" / "part.parquet").read_bytes())
    load_core(con, paths)
    assert failed_checks(con, "core.report") == ["core_report_has_one_row_per_key"]


def test_an_agency_is_called_as_in_its_latest_year(con, paths, reports, write_stages) -> None:
    of_year = {rows["core.report"][0]["report_year"]: rows["core.agency"][0] for rows in reports[:2]}
    old, new = of_year[min(of_year)], of_year[max(of_year)]
    assert old["agency_id"] == new["agency_id"]
    old |= {"region_code": "990202", "agency_name": "旧名"}
    write_stages(paths, reports)
    load_core(con, paths)
    query = "SELECT agency_name, region_code, first_report_year, last_report_year FROM core.agency WHERE agency_id = ?"
    assert con.execute(query, [old["agency_id"]]).fetchall() == [
        (new["agency_name"], new["region_code"], min(of_year), max(of_year))
    ]
    assert failed_checks(con, "core.agency") == []


def test_names_of_an_agency_are_counted_over_all_years(con, paths, reports, write_stages) -> None:
    write_stages(paths, reports)
    load_core(con, paths)
    query = "SELECT report_count, first_report_year, last_report_year FROM core.agency_name WHERE agency_name_text = ?"
    assert con.execute(query, ["甲县人民政府"]).fetchall() == [(2, 2022, 2023)]


def test_a_value_outside_a_vocabulary_is_refused_by_table(con, paths, reports, write_stages, find_parts) -> None:
    write_stages(paths, reports)
    part = find_parts(paths, "core.cell", 2022)[0]
    pl.read_parquet(part).with_columns(state_code=pl.lit("zero")).write_parquet(part)
    with pytest.raises(WarehouseError, match=r"core\.cell.*read.* again"):
        load_core(con, paths)


def test_a_stage_without_a_column_of_the_contract_is_refused(con, paths, reports, write_stages, find_parts) -> None:
    write_stages(paths, reports)
    part = find_parts(paths, "core.section", 2022)[0]
    pl.read_parquet(part).drop("heading_text").write_parquet(part)
    with pytest.raises(WarehouseError, match=r"core\.section.*heading_text"):
        load_core(con, paths)


def test_opening_a_build_goes_on_with_it_unless_another_version_made_it(paths) -> None:
    with pytest.raises(WarehouseError, match="no build"):
        reopen_build(paths)
    open_build(paths).execute("CREATE TABLE kept (n INT)").close()
    for again in (reopen_build, open_build):
        with again(paths) as con:
            assert con.execute("SELECT count(*) FROM kept").fetchall() == [(0,)]
    with open_build(paths) as con:
        con.execute("UPDATE build.layout SET layout_hash = 'another'")
    with open_build(paths) as con:
        assert con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'kept'").fetchall() == [(0,)]


def test_a_build_that_is_no_database_any_more_is_made_again(paths, reports, write_stages) -> None:
    write_stages(paths, reports)
    paths.build.parent.mkdir(parents=True)
    paths.build.write_bytes(b"torn" * 10_000)
    with open_build(paths) as con:
        assert load_core(con, paths)["core.report"] == 4


def test_what_a_killed_build_spilled_to_the_disk_goes(con, paths) -> None:
    con.close()
    spilled = paths.build.with_name(f"{paths.build.name}.tmp")
    spilled.mkdir()
    (spilled / "duckdb_temp_storage_DEFAULT-0.tmp").write_bytes(b"rows")
    open_build(paths).close()
    assert not spilled.exists()
