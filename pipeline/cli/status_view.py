"""The page that `touming status` prints.

Belongs here: its lines. Does not belong here: the figures (status.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_SHOWN = 10
_DAY_SECONDS, _HOUR_SECONDS, _MINUTE_SECONDS = 86_400, 3_600, 60


def describe_status(published: Path, shown: Mapping[str, Any]) -> Iterator[str]:
    """The lines of the page, from what --json prints."""
    warehouse = shown["warehouse"]
    yield from _describe_warehouse(published, warehouse)
    yield from _describe_night(shown["last_night"], shown["problems"])
    if warehouse:
        yield from _describe_documents(warehouse)
    waiting = shown["waiting"]
    yield (
        f"waiting     {waiting['unread_count']:,} documents never read, {waiting['outdated_count']:,} to read again, "
        f"{waiting['unfiled_count']:,} captured and not filed, {waiting['inbox_file_count']:,} files in the inbox"
    )
    if any(waiting.values()):
        yield "            touming run takes them in and reads them"
    if warehouse:
        yield from _describe_coverage(warehouse["coverage"])
    yield from _describe_failure(shown["last_failure"], warehouse.get("published_at", ""))
    yield from _describe_crawl(shown["crawl"])


def describe_age(seconds: float) -> str:
    """How long ago, in the largest unit of which there are two: '3 days', '47 hours'."""
    for unit, name in ((_DAY_SECONDS, "days"), (_HOUR_SECONDS, "hours"), (_MINUTE_SECONDS, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds // unit:.0f} {name} ago"
    return f"{max(seconds, 0):.0f} seconds ago"


def _describe_warehouse(published: Path, warehouse: Mapping[str, Any]) -> Iterator[str]:
    if not warehouse:
        yield f"warehouse   none at {published}; touming run builds one"
        return
    yield f"warehouse   build {warehouse['build_id']}, schema {warehouse['schema_version']}"
    yield f"            published {warehouse['published_at']}, {describe_age(warehouse['age_seconds'])}"
    yield f"            {warehouse['byte_count'] / 1e6:,.1f} MB, {published}"


def _describe_night(night: Mapping[str, Any] | None, problems: Iterable[Mapping[str, str]]) -> Iterator[str]:
    for problem in problems:
        yield f"last night  not known [{problem['code']}]: {problem['message']}"
        return
    if night is None:
        yield "last night  none yet"
        return
    when = f"{night['started_at'] or 'not started'} to {night['ended_at'] or 'now'}"
    yield f"last night  {night['status']}: {when}, run {night['run_id']}"
    yield f"            {night['new_capture_count']:,} new captures, {night['read_count']:,} documents read"


def _describe_documents(warehouse: Mapping[str, Any]) -> Iterator[str]:
    yield f"documents   {_join(warehouse['readings'])}"
    for reason in warehouse["reasons"][:_SHOWN]:
        yield f"            {reason['count']} × {reason['outcome']}: {reason['code']}"
        # What was rejected is no report, so there is something to do about failures only
        if reason["outcome"] == "failed" and reason["next_step"]:
            yield f"              next: {reason['next_step']}"
    yield f"reports     {_join(warehouse['grades'])}"


def _describe_coverage(coverage: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for row in coverage:
        yield (
            f"coverage    {row['report_year']}: {row['expected_count']:,} expected, {row['due_count']:,} due: "
            f"{row['published_count']:,} reported ({row['late_count']:,} of them late, {row['after_close_count']:,} "
            f"later than the year after), {row['not_found_count']:,} missing, {row['blocked_count']:,} behind closed "
            f"sites, {row['unreadable_count']:,} unreadable"
        )


def _describe_failure(failure: Mapping[str, str] | None, published_at: str) -> Iterator[str]:
    if failure is None:
        return
    where = f"step {failure['step']}: {failure['error_class']}" if failure["step"] else "outside its steps"
    yield f"failure     {failure['failed_at']} {failure['job']}, {where} [{failure['code']}], run {failure['run_id']}"
    # Both are ISO 8601 in UTC to the second, so their order is that of their texts
    since = "published again since" if published_at > failure["failed_at"] else failure["next_step"]
    yield f"            {since}"


def _describe_crawl(crawl: Mapping[str, Any]) -> Iterator[str]:
    last = crawl["last_run"]
    yield f"sources     {_join(crawl['health_counts'])}"
    if not last:
        yield "crawl       none yet; docs/operations.md says how to begin"
        return
    ended: dt.datetime | None = last["ended_at"]
    when = f"{ended:%Y-%m-%d %H:%M} UTC" if ended else "not ended"
    yield f"crawl       {when}: {last['attempt_count']} requests: {_join(last['outcome_counts'])}"
    yield f"            answers: {_join(last['change_counts'])}"
    yield f"            addresses: {_join(crawl['state_counts'])}"
    for host, count, outcome in last["failures_by_host"][:_SHOWN]:
        yield f"            {host}: {count} × {outcome}"
    for code, source_id, message in crawl["alarms"][:_SHOWN]:
        yield f"alarm       {code} {source_id}: {message}"


def _join(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"
