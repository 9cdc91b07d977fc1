"""`touming status`: how the warehouse, the last night and the crawl stand, on one page.

Belongs here: which figures are shown, and asking for them. Does not belong here: the layout (status_view.py), and
counting (sql/, orchestration/, crawl/health.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.json_output import print_json
from pipeline.cli.register import load_register

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.paths import DataPaths

_QUESTIONS: Mapping[str, str] = {
    "readings": "SELECT reading_outcome, count(*) FROM core.reading GROUP BY reading_outcome ORDER BY reading_outcome",
    "grades": "SELECT grade_code, count(*) FROM core.report WHERE is_latest GROUP BY grade_code ORDER BY grade_code",
}
_REASONS = (
    "SELECT reading_outcome, reject_reason_code, count(*) FROM core.reading WHERE reading_outcome <> 'report' "
    "GROUP BY ALL ORDER BY reading_outcome, count(*) DESC, reject_reason_code"
)
_COVERAGE = (
    "SELECT report_year, expected_count, due_count, published_count, late_count, after_close_count, not_found_count, "
    "blocked_count, unreadable_count FROM mart.coverage "
    "WHERE region_code = '000000' AND division_level = 'all' ORDER BY report_year DESC LIMIT 3"
)


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(as_json: bool) -> None:
    """Show how things stand: what is published and how old it is, the last night, what could not be read and what to do
    about it, what waits to be read, coverage, the last failure, the last crawl.

    Changes nothing; where nothing has been published or crawled yet it says so, which is no error.

    --json: warehouse ({} or build_id, schema_version, published_at, age_seconds, byte_count, readings and grades
    (counts by code), reasons (outcome, code, count, next_step), coverage (a row a year)); last_night (run_id, job,
    status, started_at, ended_at, new_capture_count, read_count, or null); waiting (inbox_file_count, unfiled_count,
    unread_count, outdated_count); last_failure (or null); crawl; problems (code, message: what could not be asked).
    """
    from pipeline.cli.status_view import describe_status
    from pipeline.crawl.health import read_status
    from pipeline.orchestration.failures import read_last_failure
    from pipeline.orchestration.waiting import count_waiting
    from pipeline.paths import DataPaths

    paths = DataPaths.from_environment()
    warehouse = read_warehouse(paths.published)
    crawl = read_status(paths, load_register(paths))
    waiting, failure = count_waiting(paths), read_last_failure(paths)
    last_night, problems = _read_last_night(paths)
    shown = {
        "warehouse": warehouse,
        "last_night": last_night,
        "waiting": asdict(waiting),
        "last_failure": failure and asdict(failure),
        "crawl": asdict(crawl),
        "problems": problems,
    }
    if as_json:
        print_json(shown)
        return
    for line in describe_status(paths.published, shown):
        click.echo(line)


def read_warehouse(published: Path) -> dict[str, Any]:
    """Figures of the published file; {} where there is none. CommandError where it is there and cannot be asked."""
    from pipeline.cli.query import explain_query_error
    from pipeline.contract.issue_catalogue import load_issue_catalogue
    from pipeline.warehouse.query import run_query
    from pipeline.warehouse.query_errors import QueryError

    if not published.exists():
        return {}
    try:
        ((build_id, schema_version),) = run_query(published, "SELECT build_id, schema_version FROM meta.build").rows
        counts = {
            name: {str(what): int(str(count)) for what, count in run_query(published, sql).rows}
            for name, sql in _QUESTIONS.items()
        }
        reasons = run_query(published, _REASONS).rows
        coverage = run_query(published, _COVERAGE)
    except QueryError as error:
        raise explain_query_error(error) from error
    # A code of an earlier version may be gone; its rows stay until they are read again
    next_steps = {str(code): entry.next_step for code, entry in load_issue_catalogue().items()}
    moment = dt.datetime.fromtimestamp(published.stat().st_mtime, dt.UTC)
    return {
        "build_id": build_id,
        "schema_version": schema_version,
        "published_at": moment.isoformat(timespec="seconds"),
        "age_seconds": round((dt.datetime.now(dt.UTC) - moment).total_seconds()),
        "byte_count": published.stat().st_size,
        **counts,
        "reasons": [
            {"outcome": outcome, "code": code, "count": count, "next_step": next_steps.get(str(code), "")}
            for outcome, code, count in reasons
        ],
        "coverage": [dict(zip(coverage.columns, row, strict=True)) for row in coverage.rows],
    }


def _read_last_night(paths: DataPaths) -> tuple[dict[str, Any] | None, list[dict[str, str]]]:
    """The last run of the job nightly, and why it is not known, where Dagster's records cannot be opened."""
    from pipeline.orchestration.home import InstanceUnavailableError, is_recorded

    if not is_recorded(paths):
        return None, []
    from pipeline.orchestration.instance import RunHistoryUnwritable
    from pipeline.orchestration.last_run import read_last_run

    try:
        run = read_last_run(paths, "nightly")
    except InstanceUnavailableError as error:
        return None, [{"code": error.code, "message": str(error)}]
    except RunHistoryUnwritable as error:
        return None, [{"code": "run_history_unwritable", "message": str(error)}]
    return (asdict(run) if run else None), []
