"""What a person wants to know after a run.

Belongs here: the lines printed. Does not belong here: the numbers' origin (orchestration/, warehouse/).
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections import Counter

import click

from pipeline.cli.console import open_console
from pipeline.orchestration.batches import describe_partitions
from pipeline.orchestration.reading import PARTITION_KEYS
from pipeline.orchestration.stage_queries import list_contradictions
from pipeline.paths import DataPaths
from pipeline.warehouse.query import run_query

_CONTRADICTIONS_SHOWN = 5
_METRICS_SHOWN = 12
_METRICS_SQL = """
SELECT agency_name, report_year, request_received_count, disclosed_over_disposed_rate, grade_code
FROM mart.agency_year WHERE has_report
ORDER BY report_year DESC, request_received_count DESC NULLS LAST, agency_name LIMIT ?
"""
# Whose report is missing or late
_NEXT_SQL = "SELECT agency_name, report_year, obligation_status_code FROM mart.chase_list"
_EXAMPLE_SQL = """
SELECT agency_name, report_year FROM mart.agency_year WHERE licensing_decision_count IS NOT NULL
ORDER BY licensing_decision_count DESC, agency_name, report_year LIMIT 1
"""


def show_documents(paths: DataPaths) -> int:
    """How all documents stand, with reasons and contradictions; returns how many failed."""
    standings = describe_partitions(paths)
    standing: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for one in standings:
        standing.update(one.standing)
        reasons.update(one.reasons)
    reports, rejected, failed = standing["report"], standing["rejected"], standing["failed"]
    click.echo(f"documents   {reports} reports, {rejected} rejected as none, {failed} failed")
    for code, count in reasons.most_common():
        click.echo(f"            {count} × {code}")
    for unread in [u for one in standings for u in one.unread][:_CONTRADICTIONS_SHOWN]:
        click.echo(f"            {unread.document_id} {unread.origin}: {unread.issue_code}: {unread.message}")
    _show_contradictions(paths)
    return failed


def _show_contradictions(paths: DataPaths) -> None:
    found = list_contradictions(paths, PARTITION_KEYS)
    report_count = len({row["document_id"] for row in found})
    click.echo(f"findings    {len(found)} contradictions in {report_count} reports, kept as printed")
    for row in found[:_CONTRADICTIONS_SHOWN]:
        who = f"{row['agency']} {row['year']} ({row['document_id']})"
        click.echo(f"            {who} {row['rule']} {row['place']}: {row['message']}")


def show_metrics(paths: DataPaths) -> None:
    """Two metrics of the newest agency-years, and what to try next."""
    from rich.table import Table

    result = run_query(paths.published, _METRICS_SQL, [_METRICS_SHOWN])
    table = Table(title="mart.agency_year", title_justify="left")
    for name, is_number in zip(result.columns, (False, True, True, True, False), strict=True):
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for agency, year, received, rate, grade in result.rows:
        shown = "NULL" if received is None else str(received)
        table.add_row(str(agency), str(year), shown, "NULL" if rate is None else f"{rate:.3f}", str(grade))
    open_console().print(table)


def show_next_steps(paths: DataPaths) -> None:
    """Four commands worth trying now; the agency is one of this warehouse."""
    # As it was called, where the environment is not on the path
    touming = "touming" if shutil.which("touming") else shlex.quote(sys.argv[0])
    click.echo("try next")
    click.echo(f'            {touming} query "{_NEXT_SQL}"')
    for agency, year in run_query(paths.published, _EXAMPLE_SQL).rows:
        click.echo(f"            {touming} source {shlex.quote(str(agency))} {year} proactive.licensing.decisions")
    click.echo(f"            {touming} site")
    click.echo("            make ui")
