"""A build against the published one: losses block, unless a person accepts them; growth and emptier cells are named."""

from __future__ import annotations

import duckdb
import pytest

from pipeline.contract.gate import load_gate_limits
from pipeline.contract.marts import load_marts
from pipeline.contract.schema import load_tables
from pipeline.warehouse.build import reopen_build
from pipeline.warehouse.errors import WarehouseRejected
from pipeline.warehouse.gate import gate_checks
from pipeline.warehouse.last_build import (
    COMPARISONS,
    BuildFigures,
    compare_builds,
    read_build_figures,
    read_published_figures,
)
from pipeline.warehouse.publish import publish

CELL = ("ED_2021", 2023, "requests.granted.total")


def failed(before: BuildFigures, now: BuildFigures, **how) -> list[str]:
    return [result.name for result in compare_builds(before, now, **how) if not result.passed]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (1000, 800, []),
        (1000, 799, ["rows_are_not_lost"]),
        (1000, 0, ["rows_are_not_lost"]),
        # Few rows of a small table: a share says nothing
        (20, 11, []),
        (20, 10, ["rows_are_not_lost"]),
        (20_000, 40_000, []),
        (20_000, 40_001, ["rows_do_not_multiply"]),
        (10, 9000, []),
        (0, 50_000, []),
    ],
)
def test_rows_lost_and_gained(before, now, expected) -> None:
    assert failed(BuildFigures({"core.cell": before}), BuildFigures({"core.cell": now})) == expected


def test_a_table_that_is_gone_has_lost_all_its_rows() -> None:
    results = {r.name: r for r in compare_builds(BuildFigures({"core.cell": 100}), BuildFigures())}
    assert results["rows_are_not_lost"].sample == (
        {"table_name": "core.cell", "row_count_before": 100, "row_count": 0},
    )
    assert "--accept-shrinkage" in results["rows_are_not_lost"].message


def test_fewer_issues_are_no_loss() -> None:
    assert failed(BuildFigures({"core.issue": 1000}), BuildFigures({"core.issue": 3})) == []


@pytest.mark.parametrize(
    ("now", "is_lost"), [({2022: 100, 2023: 81}, False), ({2022: 100, 2023: 79}, True), ({}, True)]
)
def test_a_year_that_lost_reports(now, is_lost) -> None:
    before = BuildFigures(year_reports={2022: 100, 2023: 100})
    assert failed(before, BuildFigures(year_reports=now)) == ["reports_are_not_lost"] * is_lost


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ((100, 90), (100, 71), []),
        ((100, 90), (100, 69), ["cells_are_filled_as_before"]),
        # Twice the reports, the same share
        ((100, 90), (200, 180), []),
        ((29, 29), (100, 0), []),
        ((100, 90), (29, 0), []),
    ],
)
def test_a_cell_that_is_filled_less_often(before, now, expected) -> None:
    assert failed(BuildFigures(cell_fill={CELL: before}), BuildFigures(cell_fill={CELL: now})) == expected


def test_what_is_accepted_is_still_listed_but_blocks_nothing() -> None:
    results = compare_builds(BuildFigures({"core.cell": 100}), BuildFigures({"core.cell": 1}), accept_shrinkage=True)
    lost = next(result for result in results if not result.passed)
    assert (lost.name, lost.severity, lost.violation_count) == ("rows_are_not_lost", "warn", 1)


def test_the_published_file_and_the_build_it_came_from_have_the_same_figures(paths, published) -> None:
    with reopen_build(paths) as con:
        now = read_build_figures(con)
    before = read_published_figures(paths.published)
    assert before == now
    assert now.year_reports == {2022: 1, 2023: 3}
    assert now.cell_fill["ED_2021", 2023, "proactive.penalty.decisions"] == (2, 1)
    assert set(now.table_rows) >= {"core.cell", "mart.agency_year"}


def test_without_a_published_file_there_is_nothing_to_lose(paths) -> None:
    assert read_published_figures(paths.published) == BuildFigures()
    assert [result.passed for result in compare_builds(BuildFigures(), BuildFigures())] == [True] * len(COMPARISONS)


def test_a_file_of_an_older_version_tells_what_it_can(paths) -> None:
    paths.published.parent.mkdir(parents=True)
    with duckdb.connect(str(paths.published)) as con:
        con.execute("CREATE SCHEMA core")
        con.execute("CREATE TABLE core.report AS SELECT 2023 AS report_year FROM range(3)")
    assert read_published_figures(paths.published) == BuildFigures(year_reports={2023: 3})


def test_a_damaged_published_file_is_said_and_replaced(paths, published) -> None:
    paths.published.write_bytes(b"no database")
    again = publish(paths.build, paths)
    assert [check.name for check in again.checks if not check.passed] == ["published_build_can_be_compared"]
    assert read_published_figures(paths.published).error == ""


def test_a_build_that_lost_rows_is_refused_until_a_person_accepts_it(paths, published) -> None:
    with reopen_build(paths) as con:
        con.execute("DELETE FROM core.section")
    with duckdb.connect(str(paths.published)) as con:
        con.execute("UPDATE meta.table_hash SET row_count = 500 WHERE table_name = 'core.section'")
    before = paths.published.read_bytes()
    with pytest.raises(WarehouseRejected, match=r"rows_are_not_lost .*--accept-shrinkage") as refused:
        publish(paths.build, paths)
    assert paths.published.read_bytes() == before
    assert {check.name for check in refused.value.checks} == {check.name for check in gate_checks()}
    accepted = publish(paths.build, paths, accept_shrinkage=True)
    assert [check.name for check in accepted.checks if not check.passed] == ["rows_are_not_lost"]
    # The smaller build is now what the next one is compared with
    assert all(check.passed for check in publish(paths.build, paths).checks)


def test_the_limits_name_tables_that_there_are() -> None:
    assert load_gate_limits().may_shrink <= {*load_tables(), *load_marts()}


def test_every_check_of_the_gate_has_a_name_of_its_own() -> None:
    names = [check.name for check in gate_checks()]
    assert len(names) == len(set(names))
