"""The asset raw/crawl: a night at the sites of some provinces, and what its checks make of it.

Belongs here: which sources a partition holds, the numbers of a crawl as metadata, its checks. Does not belong here: the
crawl (crawl/), and reading what it brought (raw_assets.py).
"""

import datetime as dt
import threading
from collections.abc import Iterator, Sequence

import dagster as dg
from pydantic import Field

from pipeline.archive.captures import CaptureLog
from pipeline.archive.store import BlobStore
from pipeline.crawl.agent import make_fetcher
from pipeline.crawl.alarms import COUNT_MISMATCH, LIST_EMPTY, NIGHT_EMPTY, REPORTS_DROPPED
from pipeline.crawl.policy import QuietHours
from pipeline.crawl.progress import CrawlProgress, CrawlSummary
from pipeline.crawl.run import CrawlOptions, crawl
from pipeline.orchestration.partitions import PROVINCES, SINGLE_RUN
from pipeline.orchestration.resources import DataFolder
from pipeline.orchestration.tables_shown import render_table
from pipeline.paths import DataPaths
from pipeline.sources.model import Source
from pipeline.sources.overrides import load_overrides
from pipeline.sources.registry import load_sources

CRAWL = dg.AssetKey(["raw", "crawl"])
# More failures than this are worth a look; more than that are a fault of this machine or of the crawl
WORRYING_SHARE, BROKEN_SHARE = 0.2, 0.5
_PROGRESS_SECONDS = 30.0
_SHOWN = 50
_REFUSING = ("robots_unavailable", "auth_required", "challenge_jsl", "challenge_ruishu", "waf_403", "captcha")
_CHECKS = {
    "most_requests_are_answered": "no more than 20 % of the requests fail (red above 50 %)",
    "sources_keep_their_reports": "no source shows less than half of what it showed at the crawl before",
    "lists_show_entries": "no registered column is empty",
    "declared_totals_are_seen": "lists show as many entries as they declare",
    "hosts_let_themselves_be_asked": "no host answered with a challenge, a firewall or without its robots.txt",
    "captured_bytes_are_there": "every capture of the log has its bytes",
}


# Out of season the schedule crawls on Sundays
_FRESH = dg.FreshnessPolicy.time_window(fail_window=dt.timedelta(days=15), warn_window=dt.timedelta(days=8))


class CrawlConfig(dg.Config):
    """What to crawl. Leave it alone for everything that is due in the provinces of the run."""

    source_ids: list[str] = Field(default=[], description="only these sources")
    max_requests: int = Field(default=0, description="stop after so many requests; 0 for no limit")
    only_quiet_hours: bool = Field(default=False, description="end the run at six in the morning in China")


@dg.asset(
    key=CRAWL,
    partitions_def=PROVINCES,
    backfill_policy=SINGLE_RUN,
    freshness_policy=_FRESH,
    check_specs=[
        dg.AssetCheckSpec(name, asset=CRAWL, description=description) for name, description in _CHECKS.items()
    ],
    group_name="raw",
    kinds={"python", "sqlite"},
    description="what the registered sites of a province have new, captured: one attempt a row of raw.capture",
)
def crawl_sites(
    context: dg.AssetExecutionContext, config: CrawlConfig, data: DataFolder
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
    """Visit what is due. A dead site is a number here; only a night in which nobody answered fails."""
    paths = data.paths()
    sources = select_sources(load_sources(paths), context.partition_keys, config.source_ids)
    options = CrawlOptions(
        overrides=load_overrides(paths),
        max_requests=config.max_requests or None,
        quiet_hours=QuietHours() if config.only_quiet_hours else None,
        progress_seconds=_PROGRESS_SECONDS,
    )

    def report(progress: CrawlProgress) -> None:
        context.log.info(
            f"{progress.done_count} done, {progress.waiting_count} waiting, {progress.failure_count} failed, "
            f"{progress.host_count} hosts at work"
        )

    fetcher = make_fetcher(sources, overrides=options.overrides)
    summary = crawl(paths, sources, fetcher, options, report, threading.Event())
    yield from check_crawl(paths, summary)
    for province in context.partition_keys:
        context.add_asset_metadata({"sources": count_sources(sources, province)}, partition_key=province)
    empty = next((alarm for alarm in summary.alarms if alarm.code == NIGHT_EMPTY), None)
    if empty is not None:
        raise dg.Failure(empty.message, metadata=describe_crawl(summary), allow_retries=False)
    yield dg.MaterializeResult(metadata=describe_crawl(summary))


def select_sources(known: Sequence[Source], provinces: Sequence[str], source_ids: Sequence[str]) -> list[Source]:
    """Of the known sources the enabled ones in these provinces, or those of them that are named."""
    wanted = {province[:2] for province in provinces}
    return [
        source
        for source in known
        if source.is_enabled
        and source.division_code[:2] in wanted
        and (not source_ids or source.source_id in source_ids)
    ]


def count_sources(sources: Sequence[Source], province: str) -> int:
    """How many of these sources lie in a province."""
    return sum(source.division_code.startswith(province[:2]) for source in sources)


def describe_crawl(summary: CrawlSummary) -> dict[str, dg.MetadataValue | int | float | str | bool]:
    """A crawl's numbers, its failures by kind, the worst hosts and the alarms."""
    changes = dict(summary.change_counts)
    failures = [(outcome, count) for outcome, count in summary.failure_counts.items()]
    alarms = [(alarm.code, alarm.source_id, alarm.message) for alarm in summary.alarms[:_SHOWN]]
    return {
        "requests": summary.attempt_count,
        "answered": summary.answered_count,
        "not modified": summary.outcome_counts.get("not_modified", 0),
        "new": changes.get("new", 0),
        "changed": changes.get("changed", 0) + changes.get("reappeared", 0),
        "gone": changes.get("gone", 0),
        "bytes": summary.byte_count,
        "left for later": summary.waiting_count,
        "complete": summary.is_complete,
        "95 % answered within ms": summary.latency_p95_ms,
        "failures": dg.MetadataValue.md(render_table(("outcome", "attempts"), failures)),
        "worst hosts": dg.MetadataValue.md(render_table(("host", "failures", "mostly"), summary.failures_by_host)),
        "resting": dg.MetadataValue.md(render_table(("host", "why"), summary.resting[:_SHOWN])),
        "alarms": dg.MetadataValue.md(render_table(("alarm", "source", "what"), alarms)),
    }


def check_crawl(paths: DataPaths, summary: CrawlSummary) -> Iterator[dg.AssetCheckResult]:
    """The checks of a crawl, most of them warnings: sites fail every night."""
    failed = summary.attempt_count - summary.answered_count
    share = failed / summary.attempt_count if summary.attempt_count else 0.0
    is_broken = share > BROKEN_SHARE
    severity = dg.AssetCheckSeverity.ERROR if is_broken else dg.AssetCheckSeverity.WARN
    yield dg.AssetCheckResult(
        check_name="most_requests_are_answered",
        passed=share <= WORRYING_SHARE,
        severity=severity,
        metadata={"failed": failed, "requests": summary.attempt_count},
    )
    for name, code in (
        ("sources_keep_their_reports", REPORTS_DROPPED),
        ("lists_show_entries", LIST_EMPTY),
        ("declared_totals_are_seen", COUNT_MISMATCH),
    ):
        rows = [(alarm.source_id, alarm.message) for alarm in summary.alarms if alarm.code == code]
        yield _warn(name, ("source", "what"), rows)
    refusing = [(lane, reason) for lane, reason in summary.resting if reason in _REFUSING]
    yield _warn("hosts_let_themselves_be_asked", ("host", "answer"), refusing)
    missing = find_missing_bytes(paths)
    yield dg.AssetCheckResult(
        check_name="captured_bytes_are_there",
        passed=not missing,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            "missing": len(missing),
            "sample": dg.MetadataValue.md(render_table(("sha256",), [[m] for m in missing])),
        },
    )


def find_missing_bytes(paths: DataPaths) -> list[str]:
    """Contents that a capture names and the store does not have."""
    store = BlobStore(paths.blobs)
    named = {capture.sha256 for capture in CaptureLog(paths.captures).read() if capture.sha256 is not None}
    return sorted(sha256 for sha256 in named if not store.path_of(sha256).is_file())


def _warn(name: str, header: Sequence[str], rows: Sequence[tuple[str, str]]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name,
        passed=not rows,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"count": len(rows), "sample": dg.MetadataValue.md(render_table(header, rows[:_SHOWN]))},
    )
