"""What a release changes: rows by key, deltas that make the old table the new one, and figures one by one."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipeline.contract.marts import load_marts
from pipeline.contract.schema import load_tables
from pipeline.paths import DataPaths
from pipeline.warehouse.errors import ReleaseError
from pipeline.warehouse.publish import PublishedWarehouse, publish
from pipeline.warehouse.release import Release, make_release
from pipeline.warehouse.release_changes import TableChange
from pipeline.warehouse.release_verify import hash_files, write_manifest

DAY = dt.date(2026, 11, 21)
COUNTY, TOWN = "甲县人民政府", "乙镇人民政府"
Night = Callable[[Sequence[Any]], Release]


@pytest.fixture
def night(paths: DataPaths, build_stages: Callable[[Sequence[Any]], None]) -> Night:
    """Build from these reports, publish, and release."""

    def run(reports: Sequence[Any]) -> Release:
        build_stages(reports)
        publish(paths.build, paths)
        return make_release(paths, DAY)

    return run


@pytest.fixture
def release(paths: DataPaths, published: PublishedWarehouse) -> Callable[[], Release]:
    """Release what is published, the same every time."""
    return lambda: make_release(paths, DAY)


def change_of(release: Release, table: str) -> TableChange:
    assert release.changes is not None
    (found,) = [change for change in release.changes.tables if change.table_name == table]
    return found


def read_figures(release: Release) -> list[dict[str, str]]:
    content = (release.folder / "revised_figures.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def apply_delta(before: Path, after: Path, table: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The rows of a table of an old release with the delta applied, and those of the new one, both by key."""
    key = (load_tables() | load_marts())[table].key
    place = f"{table.replace('.', '/')}.parquet"
    old, delta = pl.read_parquet(before / "parquet" / place), pl.read_parquet(after / "delta" / place)
    kept = old.join(delta.filter(pl.col("op") != "added"), on=key, how="anti")
    new_rows = delta.filter(pl.col("op") != "removed").drop("op")
    expected = pl.read_parquet(after / "parquet" / place)
    return pl.concat([kept, new_rows]).sort(key).rows(), expected.sort(key).rows()


def test_nothing_new_changes_nothing(release):
    release()
    again = release()
    assert again.changes is not None
    assert all(
        (c.added_count, c.changed_count, c.removed_count, c.delta) == (0, 0, 0, "") for c in again.changes.tables
    )
    assert again.changes.revised_count == 0
    assert not (again.folder / "delta").exists()
    assert read_figures(again) == []
    assert "No figure" in (again.folder / "CHANGES.md").read_text(encoding="utf-8")


def test_rows_are_counted_and_the_delta_makes_the_old_table_the_new_one(night, make_report):
    numbers = {"requests.granted.total": 3}
    first = night([make_report(COUNTY, 2022, numbers), make_report(TOWN, 2022, numbers)])
    second = night(
        [make_report(COUNTY, 2022, numbers | {"requests.granted.total": 4}), make_report("丙县人民政府", 2022, numbers)]
    )
    cells = change_of(second, "core.cell")
    assert (cells.rows_before, cells.rows_after) == (400, 400)
    assert (cells.added_count, cells.changed_count, cells.removed_count) == (200, 1, 200)
    assert change_of(second, "core.agency_lineage").delta == ""
    assert second.changes is not None
    with_delta = [change.table_name for change in second.changes.tables if change.delta]
    assert {"core.cell", "core.report", "mart.agency_year", "meta.table_hash"} <= set(with_delta)
    for table in with_delta:
        applied, expected = apply_delta(first.folder, second.folder, table)
        assert applied == expected, table


def test_a_number_read_otherwise_is_a_revised_figure(night, make_report):
    night([make_report(COUNTY, 2022, {"requests.granted.total": 3, "proactive.admin_fees.amount": "1.5"})])
    second = night([make_report(COUNTY, 2022, {"requests.granted.total": 4}, blank=["proactive.admin_fees.amount"])])
    fee, granted = read_figures(second)
    assert (granted["agency_name"], granted["report_year"], granted["cell_code"]) == (
        COUNTY,
        "2022",
        "requests.granted.total",
    )
    assert (granted["previous_value"], granted["value"], granted["cause_code"]) == ("3", "4", "reading")
    assert granted["report_id"] == granted["previous_report_id"]
    assert granted["label_zh"]
    assert (fee["previous_value"], fee["value"], fee["state_code"]) == ("1.5", "", "blank")
    told = (second.folder / "CHANGES.md").read_text(encoding="utf-8")
    assert f"| {COUNTY} | 2022 | `requests.granted.total` | 3 | 4 |" in told
    assert f"| {COUNTY} | 2022 | `proactive.admin_fees.amount` | 1.5 | (blank) |" in told


def test_a_later_version_revises_figures_and_earlier_versions_do_not_count(night, make_report):
    numbers = {"requests.granted.total": 3}
    night([make_report(COUNTY, 2022, numbers)])
    later = make_report(COUNTY, 2022, {"requests.granted.total": 5}, version=(2, True))
    second = night([make_report(COUNTY, 2022, numbers, version=(1, False)), later])
    (figure,) = read_figures(second)
    assert (figure["previous_value"], figure["value"], figure["cause_code"]) == ("3", "5", "document")
    assert figure["report_id"] != figure["previous_report_id"]


def test_a_new_report_is_no_revision(night, make_report):
    night([make_report(COUNTY, 2022, {})])
    second = night([make_report(COUNTY, 2022, {}), make_report(COUNTY, 2023, {"requests.granted.total": 9})])
    assert second.changes is not None
    assert second.changes.revised_count == 0
    assert change_of(second, "core.report").added_count == 1


def rewrite(release: Release, table: str, select: str) -> None:
    """Make an earlier release one of another schema: its table is what a SELECT makes of it."""
    path = release.folder / "parquet" / f"{table.replace('.', '/')}.parquet"
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t AS " + select.format(t=f"read_parquet('{path}')"))
        con.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    write_manifest(release.folder, hash_files(release.folder))


def test_a_table_whose_columns_changed_is_compared_and_taken_whole(release):
    rewrite(release(), "core.section", "SELECT * EXCLUDE (locator_text), 1 AS gone FROM {t}")
    second = release()
    change = change_of(second, "core.section")
    assert (change.changed_columns, change.delta) == (("gone", "locator_text"), "")
    assert (change.added_count, change.changed_count, change.removed_count) == (0, 0, 0)
    assert "columns changed (gone, locator_text): take whole" in (second.folder / "CHANGES.md").read_text(
        encoding="utf-8"
    )
    assert not (second.folder / "delta").exists()


def test_a_table_with_another_key_is_not_compared_row_by_row(release):
    rewrite(release(), "core.section", "SELECT * EXCLUDE (section_code) FROM {t}")
    change = change_of(release(), "core.section")
    assert (change.is_compared, change.changed_columns) == (False, ("section_code",))


def test_tables_come_and_go(release):
    first = release()
    (first.folder / "parquet/core/claim.parquet").rename(first.folder / "parquet/core/bygone.parquet")
    write_manifest(first.folder, hash_files(first.folder))
    second = release()
    claims, bygone = change_of(second, "core.claim"), change_of(second, "core.bygone")
    assert (claims.rows_before, claims.added_count) == (None, claims.rows_after)
    assert bygone.rows_after is None
    assert "the table is gone" in (second.folder / "CHANGES.md").read_text(encoding="utf-8")


def test_figures_that_cannot_be_compared_are_not_called_unchanged(release):
    rewrite(release(), "core.cell", "SELECT * EXCLUDE (value) FROM {t}")
    second = release()
    assert second.changes is not None
    assert second.changes.revised_count is None
    assert "figures were not compared" in (second.folder / "CHANGES.md").read_text(encoding="utf-8")


def test_a_damaged_release_is_not_compared_with(release):
    first = release()
    (first.folder / "parquet/core/cell.parquet").write_bytes(b"x")
    with pytest.raises(ReleaseError) as refused:
        release()
    assert refused.value.code == "release_damaged"


def test_values_are_compared_as_numbers(night, make_report):
    night([make_report(COUNTY, 2022, {"proactive.admin_fees.amount": Decimal("1.50")})])
    second = night([make_report(COUNTY, 2022, {"proactive.admin_fees.amount": Decimal("1.5")})])
    assert second.changes is not None
    assert second.changes.revised_count == 0
