"""A build against the one that is published: what was lost, what was gained, which cells are filled less often.

Belongs here: the figures of a build that are compared, and the verdicts of comparing them. Does not belong here: the
limits (contract/gate.yml), checks of a build by itself (checks.py), and stopping a publication (gate.py).

The published file itself is what a build is compared with: it cannot get lost, be newer or older than what stands, or
disagree with it, as a file of figures beside it could.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from pipeline.contract.gate import GateLimits, load_gate_limits
from pipeline.contract.marts import load_marts
from pipeline.contract.schema import load_tables
from pipeline.warehouse.checks import SAMPLE_ROWS, Check, CheckResult
from pipeline.warehouse.content import count_rows
from pipeline.warehouse.opening import connect_read_only

ACCEPT_OPTION = "--accept-shrinkage"
_REPORTS_SQL = "SELECT report_year, count(*) FROM core.report WHERE report_year IS NOT NULL GROUP BY report_year"
_FILL_SQL = "SELECT edition_code, report_year, cell_code, report_count, reported_count FROM meta.cell_fill"
_LOST = (
    f"than the published build has; look for what was lost, and if it is meant, run once with touming run "
    f"{ACCEPT_OPTION}"
)
ROWS_LOST = Check("rows_are_not_lost", "error", "meta.table_hash", f"a table has far fewer rows {_LOST}", "")
REPORTS_LOST = Check("reports_are_not_lost", "error", "core.report", f"a year has far fewer reports {_LOST}", "")
ROWS_GAINED = Check(
    "rows_do_not_multiply", "warn", "meta.table_hash", "a table has more than twice the rows of the published build", ""
)
FILL_LOST = Check(
    "cells_are_filled_as_before",
    "warn",
    "meta.cell_fill",
    "a cell is read far less often than in the published build",
    "",
)
COMPARABLE = Check(
    "published_build_can_be_compared",
    "warn",
    "meta.build",
    "the published file cannot be read, so nothing was compared",
    "",
)
COMPARISONS = (ROWS_LOST, REPORTS_LOST, ROWS_GAINED, FILL_LOST, COMPARABLE)

Rows = Sequence[tuple[object, ...]]
FillKey = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class BuildFigures:
    """What of a build is compared: rows by table, reports by year, and by edition, year and cell how it is filled.

    cell_fill has (reports whose form has the cell, those of them with a number). Empty where there is no build, or none
    that tells; error says why one that is there could not be read.
    """

    table_rows: Mapping[str, int] = field(default_factory=dict)
    year_reports: Mapping[int, int] = field(default_factory=dict)
    cell_fill: Mapping[FillKey, tuple[int, int]] = field(default_factory=dict)
    error: str = ""


def read_published_figures(published: Path) -> BuildFigures:
    """The figures of the published file; what an older version's file lacks is empty."""
    if not published.exists():
        return BuildFigures()
    try:
        with connect_read_only(published) as con:
            return _read_figures(con, _ask(con, "SELECT table_name, row_count FROM meta.table_hash"))
    except (duckdb.Error, OSError) as error:
        return BuildFigures(error=str(error))


def read_build_figures(con: duckdb.DuckDBPyConnection) -> BuildFigures:
    """The figures of an open build; a table that it lacks has no rows, which its own checks name."""
    found = _ask(con, "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal")
    return _read_figures(con, [(name, count_rows(con, str(name))) for (name,) in found])


def compare_builds(before: BuildFigures, now: BuildFigures, *, accept_shrinkage: bool = False) -> list[CheckResult]:
    """One result for each of COMPARISONS; all pass where there was no build before.

    accept_shrinkage: what was lost is still listed, as a warning instead of an error.
    """
    limits = load_gate_limits()
    results = [
        _result(ROWS_LOST, _list_lost_rows(before, now, limits)),
        _result(REPORTS_LOST, _list_lost_reports(before, now, limits)),
        _result(ROWS_GAINED, _list_gained_rows(before, now, limits)),
        _result(FILL_LOST, _list_lost_fill(before, now, limits)),
        _result(COMPARABLE, [{"error": before.error}] if before.error else []),
    ]
    return [replace(result, severity="warn") for result in results] if accept_shrinkage else results


def _known_tables() -> set[str]:
    # A table that the contract no longer has was dropped by its makers, not lost; what publishing writes comes later
    written = {"meta.build", "meta.table_hash"}
    return {*load_tables(), *(name for name, mart in load_marts().items() if not mart.is_view)} - written


def _read_figures(con: duckdb.DuckDBPyConnection, table_rows: Rows) -> BuildFigures:
    known = _known_tables()
    return BuildFigures(
        {table: count for table, count in _pairs(table_rows) if table in known},
        {int(year): count for year, count in _pairs(_ask(con, _REPORTS_SQL))},
        {
            (str(edition), int(str(year)), str(cell)): (int(str(reports)), int(str(reported)))
            for edition, year, cell, reports, reported in _ask(con, _FILL_SQL)
        },
    )


def _ask(con: duckdb.DuckDBPyConnection, sql: str) -> Rows:
    try:
        return con.execute(sql).fetchall()
    except duckdb.CatalogException:
        return ()


def _pairs(rows: Rows) -> Iterator[tuple[str, int]]:
    return ((str(name), int(str(count))) for name, count in rows)


def _list_lost_rows(before: BuildFigures, now: BuildFigures, limits: GateLimits) -> list[Mapping[str, object]]:
    return [
        {"table_name": table, "row_count_before": count, "row_count": now.table_rows.get(table, 0)}
        for table, count in sorted(before.table_rows.items())
        if table not in limits.may_shrink and limits.rows_lost.is_exceeded(count, count - now.table_rows.get(table, 0))
    ]


def _list_lost_reports(before: BuildFigures, now: BuildFigures, limits: GateLimits) -> list[Mapping[str, object]]:
    return [
        {"report_year": year, "report_count_before": count, "report_count": now.year_reports.get(year, 0)}
        for year, count in sorted(before.year_reports.items())
        if limits.reports_lost.is_exceeded(count, count - now.year_reports.get(year, 0))
    ]


def _list_gained_rows(before: BuildFigures, now: BuildFigures, limits: GateLimits) -> list[Mapping[str, object]]:
    return [
        {"table_name": table, "row_count_before": before.table_rows[table], "row_count": count}
        for table, count in sorted(now.table_rows.items())
        # From nothing to something is a first build or a new table
        if before.table_rows.get(table)
        and limits.rows_gained.is_exceeded(before.table_rows[table], count - before.table_rows[table])
    ]


def _list_lost_fill(before: BuildFigures, now: BuildFigures, limits: GateLimits) -> list[Mapping[str, object]]:
    rows: list[Mapping[str, object]] = []
    for key, (reports_before, reported_before) in sorted(before.cell_fill.items()):
        reports, reported = now.cell_fill.get(key, (0, 0))
        if min(reports, reports_before) < limits.fill_lost.at_least:
            continue
        rate_before, rate = reported_before / reports_before, reported / reports
        if rate_before - rate > limits.fill_lost.share:
            names = dict(zip(("edition_code", "report_year", "cell_code"), key, strict=True))
            rows.append({**names, "rate_before": round(rate_before, 3), "rate": round(rate, 3)})
    return rows


def _result(check: Check, rows: Sequence[Mapping[str, object]]) -> CheckResult:
    return CheckResult(
        check.name, check.severity, not rows, len(rows), tuple(rows[:SAMPLE_ROWS]), check.message, check.table
    )
