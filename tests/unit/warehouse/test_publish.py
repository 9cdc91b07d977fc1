"""Publishing: a fingerprint of the content alone, a gate, and a swap that readers do not notice."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import duckdb
import pytest

from pipeline.contract.schema import SCHEMA_VERSION
from pipeline.warehouse.build import load_core, open_build, reopen_build, wal_of
from pipeline.warehouse.content import logical_hash
from pipeline.warehouse.errors import WarehouseError, WarehouseRejected
from pipeline.warehouse.publish import publish
from pipeline.warehouse.query import run_query

ONE_CHANGE = {
    "a value": "UPDATE core.cell SET value = value + 1 WHERE cell_code = 'requests.granted.total'",
    "zero to missing": "UPDATE core.proactive SET value = NULL WHERE subject_code = 'coercion'",
    "missing to empty": "UPDATE core.agency SET department_code = ''",
    "a list": "UPDATE core.finding SET cell_code_list = ['requests.granted.total']",
    "a rate": "UPDATE mart.agency_year SET granted_over_disposed_rate = granted_over_disposed_rate + 1e-15",
    "a date": "UPDATE core.report SET period_end_date = period_end_date + 1",
    "a lost row": "DELETE FROM core.section WHERE report_id = (SELECT min(report_id) FROM core.section)",
    "text moved over": (
        "UPDATE core.section SET heading_text = heading_text || left(body_text, 1), body_text = body_text[2:]"
    ),
}


@pytest.mark.parametrize("change", ONE_CHANGE)
def test_any_change_of_content_changes_the_hash(con, change: str) -> None:
    before, tables = logical_hash(con)
    con.execute(ONE_CHANGE[change])
    after, changed = logical_hash(con)
    assert before != after
    assert len(set(tables) ^ set(changed)) == 2


def test_order_and_layout_do_not_change_the_hash(con) -> None:
    before, _ = logical_hash(con)
    con.execute("CREATE TEMP TABLE shuffled AS FROM mart.agency_year ORDER BY report_year DESC, title_text DESC")
    con.execute("DELETE FROM mart.agency_year")
    con.execute("INSERT INTO mart.agency_year FROM shuffled")
    assert logical_hash(con)[0] == before


def test_the_clock_does_not_change_the_hash(con) -> None:
    before, _ = logical_hash(con)
    con.execute("UPDATE raw.capture SET captured_at = captured_at + INTERVAL 1 DAY, capture_id = 'x' || capture_id")
    con.execute("UPDATE raw.document SET first_captured_at = ?", [dt.datetime(2030, 1, 1)])
    assert logical_hash(con)[0] == before


def test_the_hash_is_the_same_whatever_computes_it() -> None:
    # Fixed by hand-made rows: a new DuckDB or a change of the rendering must not move published fingerprints unseen
    con = duckdb.connect()
    con.execute("CREATE SCHEMA core")
    con.execute(
        "CREATE TABLE core.sample AS FROM (VALUES "
        "('甲', 1, 12.5::DECIMAL(24,8), 1 / 3, DATE '2023-01-31', true, ['a', 'b']), "
        "(NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('', -7, 0, 1e-7, DATE '1999-12-31', false, [])) "
        "AS t (name, n, amount, rate, day, flag, codes)"
    )
    build_id, (table,) = logical_hash(con)
    assert (table.table_name, table.row_count) == ("core.sample", 3)
    assert build_id == "9a4c992be0c9534b"


def test_the_same_stages_give_the_same_build(paths, reports, build_stages, published) -> None:
    build_stages(list(reversed(reports)))
    assert publish(paths.build, paths).build_id == published.build_id


def test_the_published_file_says_what_it_is(paths, published) -> None:
    stamped = run_query(paths.published, "SELECT build_id, schema_version FROM meta.build").rows
    assert stamped == ((published.build_id, SCHEMA_VERSION),)
    hashes = run_query(paths.published, "SELECT * FROM meta.table_hash ORDER BY table_name").rows
    assert hashes == tuple((t.table_name, t.row_count, t.content_hash) for t in published.tables)
    assert "mart.agency_year" in {table.table_name for table in published.tables}
    assert sorted(path.name for path in paths.published.parent.iterdir()) == [
        "build",
        "shards",
        "stage",
        "touming.duckdb",
    ]


def test_blocking_violations_leave_the_published_file_untouched(paths, published) -> None:
    before = paths.published.read_bytes()
    with reopen_build(paths) as con:
        con.execute("UPDATE core.report SET is_latest = false")
    with pytest.raises(WarehouseRejected, match=r"one_latest_version \(core\.report\)"):
        publish(paths.build, paths)
    assert paths.published.read_bytes() == before


def test_a_mart_that_was_not_built_blocks(paths, published) -> None:
    with reopen_build(paths) as con:
        con.execute("DROP TABLE mart.dispute_year")
    with pytest.raises(WarehouseRejected, match="dispute_year"):
        publish(paths.build, paths)


def test_warnings_do_not_block(paths, published) -> None:
    with reopen_build(paths) as con:
        con.execute("UPDATE core.agency SET identity_basis_code = 'provisional'")
    again = publish(paths.build, paths)
    assert [check.name for check in again.checks if not check.passed] == ["agency_is_settled"]


def test_a_reader_keeps_its_version_and_the_next_one_sees_the_new(paths, published) -> None:
    old = duckdb.connect(str(paths.published), read_only=True)
    with reopen_build(paths) as con:
        con.execute("UPDATE core.agency SET region_path_text = 'moved'")
    again = publish(paths.build, paths)
    assert again.build_id != published.build_id
    assert old.execute("SELECT build_id FROM meta.build").fetchall() == [(published.build_id,)]
    old.close()
    assert run_query(paths.published, "SELECT build_id FROM meta.build").rows == ((again.build_id,),)
    asked = (
        "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True).sql('FROM meta.build').fetchall()[0][0])"
    )
    other = subprocess.run(
        [sys.executable, "-c", asked, str(paths.published)], capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == again.build_id


def test_a_log_beside_the_published_file_is_refused(paths, published) -> None:
    before = paths.published.read_bytes()
    wal_of(paths.published).write_bytes(b"left behind")
    with pytest.raises(WarehouseError, match=r"touming\.duckdb\.wal"):
        publish(paths.build, paths)
    assert paths.published.read_bytes() == before


def test_a_build_that_is_still_open_is_not_published(paths, reports, build_stages) -> None:
    build_stages(reports)
    writer = reopen_build(paths)
    writer.execute("BEGIN")
    writer.execute("CREATE TABLE mart.later (n INT)")
    try:
        with pytest.raises((WarehouseError, duckdb.Error)):
            publish(paths.build, paths)
    finally:
        writer.close()
    assert not paths.published.exists()


def test_without_a_build_there_is_nothing_to_publish(paths) -> None:
    with pytest.raises(WarehouseError, match="no build to publish"):
        publish(paths.build, paths)


def test_an_empty_corpus_can_be_published(paths, build_stages) -> None:
    build_stages([])
    assert publish(paths.build, paths).build_id
    assert run_query(paths.published, "SELECT count(*) FROM mart.agency_year").rows == ((0,),)


def test_the_file_is_written_for_older_clients(paths, published) -> None:
    # Bytes 12 to 20 of a DuckDB file are its storage version: 65 is that of 1.2, which every later 1.x reads
    assert int.from_bytes(paths.published.read_bytes()[12:20], "little") <= 65
    con = open_build(paths)
    assert load_core(con, paths)["core.report"] == 4
    con.close()


def test_a_build_that_was_not_finished_is_not_published(paths, published) -> None:
    """As when another run loads anew and is killed, while this one waits to publish."""
    with open_build(paths) as con:
        load_core(con, paths)
    with pytest.raises(WarehouseError, match="did not finish it; run again"):
        publish(paths.build, paths)


def test_a_year_that_was_merged_half_is_not_built(paths, published) -> None:
    (paths.shards / "year=2022" / "half_merged").touch()
    with open_build(paths) as con, pytest.raises(WarehouseError, match="interrupted"):
        load_core(con, paths)
