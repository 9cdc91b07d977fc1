"""A build that goes on from the last one ends where a fresh one ends, and looks only at what changed."""

from __future__ import annotations

import shutil
from dataclasses import replace

import duckdb
import pytest

from pipeline.facts.batches import write_index
from pipeline.paths import DataPaths
from pipeline.warehouse import increment, layout
from pipeline.warehouse.build import load_core, open_build, reopen_build
from pipeline.warehouse.checks import Check, run_checks
from pipeline.warehouse.content import Fingerprint, fingerprint_rows, logical_hash
from pipeline.warehouse.models import load_models, run_models
from pipeline.warehouse.publish import publish


def touched(con) -> set[str]:
    return {row[0] for row in con.execute("SELECT document_id FROM build.touched").fetchall()}


def document_of(rows) -> str:
    return str(rows["core.report"][0]["report_id"])


def update(paths: DataPaths, *, accept_shrinkage: bool = False) -> set[str]:
    """Bring the build up to date, publish it, and say which documents it found changed."""
    with open_build(paths) as con:
        load_core(con, paths)
        found = touched(con)
        assert {result.status for result in run_models(con, load_models())} == {"ok"}
    publish(paths.build, paths, accept_shrinkage=accept_shrinkage)
    return found


def fresh_hash(paths: DataPaths, tmp_path) -> str:
    """The build_id of the same stages, built from nothing."""
    other = DataPaths(tmp_path / "fresh")
    shutil.rmtree(other.root, ignore_errors=True)
    shutil.copytree(paths.stage, other.stage)
    shutil.copytree(paths.shards, other.shards)
    update(other)
    return read_build_id(other)


def read_build_id(paths: DataPaths) -> str:
    with open_build(paths) as con:
        return str(con.execute("SELECT build_id FROM meta.build").fetchall()[0][0])


@pytest.fixture
def built(paths, reports, build_stages):
    """Three reports of two agencies, published."""
    build_stages(reports)
    publish(paths.build, paths)
    return paths


def test_nothing_new_touches_nothing(built, tmp_path) -> None:
    before = read_build_id(built)
    assert update(built) == set()
    assert read_build_id(built) == before == fresh_hash(built, tmp_path)


def test_a_new_document_alone_is_touched(built, reports, make_report, write_stages, tmp_path) -> None:
    added = make_report("丙乡人民政府", 2023, {"requests.granted.total": 3})
    write_stages(built, [*reports, added])
    assert update(built) == {document_of(added)}
    assert read_build_id(built) == fresh_hash(built, tmp_path)


def test_a_reading_in_a_newer_batch_replaces_the_rows_of_the_older(
    built, reports, make_report, write_stages, find_parts, tmp_path
) -> None:
    read_again = make_report("甲县人民政府", 2022, {"requests.granted.total": 77})
    write_stages(built, [read_again, *(rows for rows in reports if document_of(rows) != document_of(read_again))])
    assert len(find_parts(built, "core.cell", 2022)) == 2
    assert update(built, accept_shrinkage=True) == {document_of(read_again)}
    with reopen_build(built) as con:
        granted = "FROM core.request WHERE report_id = ? AND outcome_code = 'granted' AND applicant_code = 'total'"
        found = con.execute(f"SELECT request_count {granted}", [document_of(read_again)]).fetchall()
        assert found == [(77,)]
    assert read_build_id(built) == fresh_hash(built, tmp_path)


def test_a_document_that_is_gone_takes_its_rows_along(built, reports, write_stages, tmp_path) -> None:
    gone = next(rows for rows in reports if rows["core.report"][0]["report_year"] == 2022)
    for part in built.stage.glob("*/*/year=2022/part.parquet"):
        part.unlink()
    write_index(built.shards / "year=2022", {})
    write_stages(built, [rows for rows in reports if rows is not gone])
    assert update(built, accept_shrinkage=True) == {document_of(gone)}
    with reopen_build(built) as con:
        for table in increment.tables_by_document():
            column = increment.tables_by_document()[table]
            assert con.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", [document_of(gone)]).fetchall() == [
                (0,)
            ]
    assert read_build_id(built) == fresh_hash(built, tmp_path)


def test_what_merging_says_anew_of_a_report_touches_it(built, reports, write_stages) -> None:
    latest = reports[-1]
    latest["core.report"][0]["scope_code"] = "level_own"
    write_stages(built, reports)
    assert update(built) == {document_of(latest)}


def test_what_was_touched_stays_touched_until_it_is_published(built, reports, make_report, write_stages) -> None:
    added = make_report("丙乡人民政府", 2023, {})
    write_stages(built, [*reports, added])
    for _ in range(2):
        with open_build(built) as con:
            load_core(con, built)
            assert touched(con) == {document_of(added)}
    assert update(built) == {document_of(added)}
    with reopen_build(built) as con:
        assert touched(con) == set()


def test_a_model_that_was_not_built_last_time_is_built_for_every_report(built, tmp_path) -> None:
    with reopen_build(built) as con:
        con.execute("DROP TABLE mart.request_outcome")
        increment.forget_fingerprint(con, "mart.request_outcome")
    assert update(built) == set()
    assert read_build_id(built) == fresh_hash(built, tmp_path)


def test_checks_by_report_look_at_what_was_touched_alone(built, reports, make_report, write_stages) -> None:
    added = make_report("丙乡人民政府", 2023, {})
    with reopen_build(built) as con:
        con.execute(
            "UPDATE core.cell SET raw_text = '' WHERE state_code = 'reported' AND cell_code = 'requests.granted.total'"
        )
        assert not failing(con, "reported_cell_has_source")
    write_stages(built, [*reports, added])
    with open_build(built) as con:
        load_core(con, built)
        con.execute(
            "UPDATE core.cell SET raw_text = '' WHERE report_id = ? AND row_code = 'granted'", [document_of(added)]
        )
        assert failing(con, "reported_cell_has_source") == 7


def failing(con, name: str) -> int:
    (result,) = [result for result in run_checks(con) if result.name == name]
    return result.violation_count


def test_the_kept_fingerprints_are_those_of_the_rows(built, reports, make_report, write_stages) -> None:
    write_stages(built, [*reports, make_report("丙乡人民政府", 2023, {"requests.granted.total": 5})])
    update(built)
    with reopen_build(built) as con:
        kept = increment.read_fingerprints(con)
        assert set(kept) == set(increment.tables_by_document())
        assert kept == {table: fingerprint_rows(con, table) for table in kept}
        assert logical_hash(con, kept) == logical_hash(con)


def test_the_account_of_the_build_is_not_published(built) -> None:
    with duckdb.connect(str(built.published), read_only=True) as con:
        schemas = {row[0] for row in con.execute("SELECT schema_name FROM duckdb_tables()").fetchall()}
        assert "build" not in schemas
        assert not increment.has_account(con)


def test_a_failed_change_leaves_rows_and_fingerprint_as_they_were(built) -> None:
    with reopen_build(built) as con:
        before = (con.execute("SELECT count(*) FROM mart.request_outcome").fetchall(), increment.read_fingerprints(con))
        con.execute("INSERT INTO build.touched SELECT document_id, partition_year FROM build.document")
        bad = [replace(m, sql="SELECT error('no')") for m in load_models() if m.name == "mart.request_outcome"]
        for _ in increment.each_chunk(con):
            with pytest.raises(Exception, match="no"), increment.accounted_change(con, "mart.request_outcome"):
                con.execute(bad[0].sql)
        after = (con.execute("SELECT count(*) FROM mart.request_outcome").fetchall(), increment.read_fingerprints(con))
    assert before == after


def test_fingerprints_add_and_take_off() -> None:
    one, two = Fingerprint(1, 2**64 - 1, 5), Fingerprint(2, 3, 2**63)
    assert one + two - one == two
    assert Fingerprint() - one + one == Fingerprint()


def test_what_is_made_report_by_report_reads_nothing_that_spans_reports() -> None:
    by_document = increment.tables_by_document()
    narrowed = {*by_document, *increment.READ_BESIDE}
    for model in load_models():
        if model.name in by_document:
            # The form's cells are part of what a build remembers (layout.py)
            assert set(model.depends_on) <= narrowed | {"meta.form_cell"}, model.name


@pytest.mark.parametrize("part", ["form_cell_rows", "load_checks", "create_statements", "tables_by_document"])
def test_what_decides_rows_without_any_document_starts_a_build_afresh(monkeypatch, part) -> None:
    before = layout.layout_hash()
    changed = {
        "form_cell_rows": lambda: [{"cell_code": "another"}],
        "load_checks": lambda: (Check("new", "error", "core.cell", "", "SELECT 1", is_by_report=True),),
        "create_statements": lambda name: [name],
        "tables_by_document": dict,
    }
    monkeypatch.setattr(layout, part, changed[part])
    layout.layout_hash.cache_clear()
    try:
        assert layout.layout_hash() != before
    finally:
        layout.layout_hash.cache_clear()
