"""What a person or a script wants to know after a run.

Belongs here: the lines printed, and the same as one JSON object. Does not belong here: the numbers' origin
(orchestration/, warehouse/).
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from pipeline.cli.console import open_console
from pipeline.cli.json_output import print_json
from pipeline.orchestration.batches import UnreadDocument, describe_partitions
from pipeline.orchestration.reading import PARTITION_KEYS
from pipeline.orchestration.stage_queries import list_contradictions
from pipeline.paths import DataPaths
from pipeline.warehouse.query import run_query

if TYPE_CHECKING:
    from pipeline.orchestration.instance import JobOutcome

OUTCOMES = ("report", "rejected", "failed")
_SHOWN = 5
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


@dataclass(frozen=True, slots=True)
class Standing:
    """How all documents stand: counts by outcome, and of those that are no reports by issue code; a sample of these.

    contradictions: findings in which a report contradicts itself, one mapping each.
    """

    outcomes: Mapping[str, int]
    reasons: Mapping[str, int]
    unread: tuple[UnreadDocument, ...]
    contradictions: Sequence[Mapping[str, str]]

    @property
    def contradicting_report_count(self) -> int:
        """Reports that contradict themselves."""
        return len({row["document_id"] for row in self.contradictions})


def read_standing(paths: DataPaths) -> Standing:
    """How all documents of a data folder stand."""
    partitions = describe_partitions(paths)
    outcomes: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
    reasons: Counter[str] = Counter()
    for one in partitions:
        outcomes.update(one.standing)
        reasons.update(one.reasons)
    unread = tuple(document for one in partitions for document in one.unread)
    return Standing(outcomes, dict(reasons.most_common()), unread, list_contradictions(paths, PARTITION_KEYS))


def show_standing(standing: Standing) -> None:
    """Counts, reasons, and the first of what is unread and of the contradictions."""
    counts = standing.outcomes
    click.echo(
        f"documents   {counts['report']} reports, {counts['rejected']} rejected as none, {counts['failed']} failed"
    )
    for code, count in standing.reasons.items():
        click.echo(f"            {count} × {code}")
    for unread in standing.unread[:_SHOWN]:
        click.echo(f"            {unread.document_id} {unread.origin}: {unread.issue_code}: {unread.message}")
    found = standing.contradictions
    reports = standing.contradicting_report_count
    click.echo(f"findings    {len(found)} contradictions in {reports} reports, kept as printed")
    for row in found[:_SHOWN]:
        who = f"{row['agency']} {row['year']} ({row['document_id']})"
        click.echo(f"            {who} {row['rule']} {row['place']}: {row['message']}")


def print_run(outcome: JobOutcome, counts: Mapping[str, int], standing: Standing) -> None:
    """A run as one JSON object: its own counts, how all documents stand since, and the steps that failed."""
    content = {
        "run_id": outcome.run_id,
        **counts,
        "documents": dict(standing.outcomes),
        "reasons": dict(standing.reasons),
        "unread": [asdict(document) for document in standing.unread],
        "contradiction_count": len(standing.contradictions),
        "contradicting_report_count": standing.contradicting_report_count,
        "failed_steps": [asdict(step) for step in outcome.failed_steps],
    }
    print_json(content)


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
