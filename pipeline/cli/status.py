"""`touming status`: how the published warehouse and the crawl stand, on one page.

Belongs here: which figures are shown, and the layout. Does not belong here: counting them (sql/, crawl/health.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.json_output import print_json
from pipeline.cli.register import load_register

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.crawl.health import CrawlStatus
    from pipeline.orchestration.failures import RunFailure

_SHOWN = 10
_QUESTIONS: Mapping[str, str] = {
    "readings": "SELECT reading_outcome, count(*) FROM core.reading GROUP BY reading_outcome ORDER BY reading_outcome",
    "reasons": (
        "SELECT reading.reading_outcome || ': ' || reading.reject_reason_code AS reason, count(*) FROM core.reading AS "
        "reading WHERE reading.reading_outcome <> 'report' GROUP BY reason ORDER BY count(*) DESC, reason"
    ),
    "grades": "SELECT grade_code, count(*) FROM core.report WHERE is_latest GROUP BY grade_code ORDER BY grade_code",
}
_COVERAGE = (
    "SELECT report_year, due_count, published_count, late_count, not_found_count, blocked_count FROM mart.coverage "
    "WHERE region_code = '000000' AND division_level = 'all' ORDER BY report_year DESC LIMIT 3"
)


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(as_json: bool) -> None:
    """Show how things stand: what is published, what could not be read, coverage, the last failure, the last crawl.

    Reads only; where nothing has been published or crawled yet it says so, which is no error.
    """
    from pipeline.crawl.health import read_status
    from pipeline.orchestration.failures import read_last_failure
    from pipeline.paths import DataPaths

    paths = DataPaths.from_environment()
    warehouse = read_warehouse(paths.published)
    failure = read_last_failure(paths)
    crawl = read_status(paths, load_register(paths))
    if as_json:
        shown = {"warehouse": warehouse, "last_failure": failure and asdict(failure), "crawl": asdict(crawl)}
        print_json(shown)
    else:
        published_at = warehouse.get("published_at", "")
        lines = (*_describe_warehouse(paths.published, warehouse), *_describe_failure(failure, published_at))
        for line in (*lines, *_describe_crawl(crawl)):
            click.echo(line)


def read_warehouse(published: Path) -> dict[str, Any]:
    """Figures of the published file; {} where there is none. CommandError where it is there and cannot be asked."""
    from pipeline.cli.query import explain_query_error
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
        found = run_query(published, _COVERAGE)
    except QueryError as error:
        raise explain_query_error(error) from error
    moment = dt.datetime.fromtimestamp(published.stat().st_mtime, dt.UTC)
    return {
        "build_id": build_id,
        "schema_version": schema_version,
        "published_at": moment.isoformat(timespec="seconds"),
        "byte_count": published.stat().st_size,
        **counts,
        "coverage": [dict(zip(found.columns, row, strict=True)) for row in found.rows],
    }


def _describe_warehouse(published: Path, warehouse: Mapping[str, Any]) -> Iterator[str]:
    if not warehouse:
        yield f"warehouse   none at {published}; touming run builds one"
        return
    yield f"warehouse   build {warehouse['build_id']}, schema {warehouse['schema_version']}"
    yield f"            published {warehouse['published_at']}, {warehouse['byte_count'] / 1e6:,.1f} MB, {published}"
    yield f"documents   {_join(warehouse['readings'])}"
    yield from (f"            {count} × {reason}" for reason, count in list(warehouse["reasons"].items())[:_SHOWN])
    yield f"reports     {_join(warehouse['grades'])}"
    for row in warehouse["coverage"]:
        yield (
            f"coverage    {row['report_year']}: {row['published_count']} of {row['due_count']} reports due, "
            f"{row['late_count']} late, {row['not_found_count']} not found, {row['blocked_count']} behind closed sites"
        )


def _describe_failure(failure: RunFailure | None, published_at: str) -> Iterator[str]:
    if failure is None:
        return
    where = f"step {failure.step}: {failure.error_class}" if failure.step else "outside its steps"
    yield f"failure     {failure.failed_at} {failure.job}, {where} [{failure.code}], run {failure.run_id}"
    # Both are ISO 8601 in UTC to the second, so their order is that of their texts
    since = "published again since" if published_at > failure.failed_at else failure.next_step
    yield f"            {since}"


def _describe_crawl(crawl: CrawlStatus) -> Iterator[str]:
    last = crawl.last_run
    yield f"sources     {_join(crawl.health_counts)}"
    if not last:
        yield "crawl       none yet; docs/operations.md says how to begin"
        return
    ended = f"{last['ended_at']:%Y-%m-%d %H:%M} UTC" if last["ended_at"] else "not ended"
    yield f"crawl       {ended}: {last['attempt_count']} requests: {_join(last['outcome_counts'])}"
    yield f"            answers: {_join(last['change_counts'])}"
    yield f"            addresses: {_join(crawl.state_counts)}"
    for host, count, outcome in last["failures_by_host"][:_SHOWN]:
        yield f"            {host}: {count} × {outcome}"
    for code, source_id, message in crawl.alarms[:_SHOWN]:
        yield f"alarm       {code} {source_id}: {message}"


def _join(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"
