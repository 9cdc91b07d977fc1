"""How the crawl stands: the last run, and each source's health, as records for whoever shows them.

Belongs here: reading the frontier, without creating it. Does not belong here: layout (cli/, orchestration/).
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from pipeline.crawl.frontier import seed_child
from pipeline.crawl.keys import make_key
from pipeline.paths import DataPaths
from pipeline.sources.model import Source

NEVER, OK, REFUSED, MISSING, FAILING, EMPTY, OFF = "never", "ok", "refused", "missing", "failing", "empty", "off"
_REFUSING = frozenset(["robots", "blocked"])
_MISSING = frozenset(["soft404", "gone"])
_ROWS = """SELECT source_id, key, role, state, outcome, http_status, family, last_fetched_at, last_ok_at, warnings
    FROM request WHERE key IN (SELECT value FROM json_each(?))"""
_COUNTS = """SELECT source_id, sum(role = 'report') AS reports, sum(role = 'attachment') AS attachments,
        sum(state IN ('done', 'redirect') AND role IN ('report', 'attachment')) AS kept,
        sum(state = 'gone') AS gone, sum(state IN ('failed_retryable', 'failed_permanent') AND is_guess = 0) AS failed,
        sum(state IN ('pending', 'inflight', 'skipped_budget', 'blocked')) AS waiting
    FROM request GROUP BY source_id"""


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How one source stands. Counts are of addresses below it; times are None where nothing happened yet.

    health_code: never (not visited), ok, refused (robots.txt, a challenge, a login), missing (no such page), failing
    (no answer), empty (it answers and shows nothing), off (switched off in the register). outcome is that of the last
    attempt at the column, '' where there was none. message says the same in words, with the warnings of reading it.
    """

    source_id: str
    health_code: str
    outcome: str
    family: str
    report_count: int
    attachment_count: int
    kept_count: int
    gone_count: int
    failed_count: int
    waiting_count: int
    last_visit_at: dt.datetime | None
    last_ok_at: dt.datetime | None
    message: str


@dataclass(frozen=True, slots=True)
class CrawlStatus:
    """How the crawl stands. last_run is {} before the first; state_counts are addresses by state.

    health_counts are sources by health_code. alarms are those of the last run: (code, source_id, message).
    """

    last_run: Mapping[str, Any]
    state_counts: Mapping[str, int]
    health_counts: Mapping[str, int]
    alarms: tuple[tuple[str, str, str], ...]


def read_health(paths: DataPaths, sources: Sequence[Source]) -> tuple[SourceHealth, ...]:
    """The health of each of these sources, in their order."""
    columns = {source.source_id: make_key(seed_child(source).site) for source in sources}
    rows = {row["key"]: row for row in _select(paths, _ROWS, (json.dumps(list(columns.values())),))}
    counts = {row["source_id"]: row for row in _select(paths, _COUNTS)}
    return tuple(
        _describe_health(source, rows.get(columns[source.source_id]), counts.get(source.source_id))
        for source in sources
    )


def read_status(paths: DataPaths, sources: Sequence[Source]) -> CrawlStatus:
    """How the crawl of a data folder stands."""
    runs = _select(paths, "SELECT run_id, started_at, ended_at, summary FROM run ORDER BY started_at DESC LIMIT 1")
    last_run: dict[str, Any] = {}
    alarms: tuple[tuple[str, str, str], ...] = ()
    if runs:
        summary = json.loads(runs[0]["summary"])
        started, ended = _to_time(runs[0]["started_at"]), _to_time(runs[0]["ended_at"])
        last_run = {"run_id": runs[0]["run_id"], "started_at": started, "ended_at": ended, **summary}
        alarms = tuple((a["code"], a["source_id"], a["message"]) for a in summary.get("alarms", ()))
    states = _select(paths, "SELECT state, count(*) AS n FROM request WHERE is_guess = 0 GROUP BY state ORDER BY state")
    health: dict[str, int] = {}
    for one in read_health(paths, sources):
        health[one.health_code] = health.get(one.health_code, 0) + 1
    return CrawlStatus(last_run, {row["state"]: row["n"] for row in states}, dict(sorted(health.items())), alarms)


def _select(paths: DataPaths, sql: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
    """Rows of the frontier; none where there is no frontier yet."""
    if not paths.frontier.is_file():
        return []
    with closing(sqlite3.connect(f"file:{paths.frontier}?mode=ro", uri=True, timeout=30)) as db:
        db.row_factory = sqlite3.Row
        return db.execute(sql, parameters).fetchall()


def _describe_health(source: Source, column: sqlite3.Row | None, counts: sqlite3.Row | None) -> SourceHealth:
    code = _choose_code(source, column, counts)
    warnings = json.loads(column["warnings"]) if column else []
    outcome = (column["outcome"] or "") if column else ""
    said = [outcome] if code not in (OK, NEVER, OFF) and outcome else []
    said += [f"{warning}: {text}" for warning, text in warnings]
    number = dict(counts) if counts else {}
    return SourceHealth(
        source_id=source.source_id,
        health_code=code,
        outcome=outcome,
        family=(column["family"] if column else "") or source.family,
        report_count=number.get("reports", 0),
        attachment_count=number.get("attachments", 0),
        kept_count=number.get("kept", 0),
        gone_count=number.get("gone", 0),
        failed_count=number.get("failed", 0),
        waiting_count=number.get("waiting", 0),
        last_visit_at=_to_time(column["last_fetched_at"]) if column else None,
        last_ok_at=_to_time(column["last_ok_at"]) if column else None,
        message="; ".join(said),
    )


def _choose_code(source: Source, column: sqlite3.Row | None, counts: sqlite3.Row | None) -> str:
    if not source.is_enabled:
        return OFF
    if column is None or column["last_fetched_at"] is None:
        return NEVER
    if column["state"] in _REFUSING:
        return REFUSED
    if column["state"] in _MISSING or column["outcome"] == "gone":
        return MISSING
    if column["outcome"] not in ("captured", "not_modified", "unchanged"):
        return FAILING
    return OK if counts and counts["reports"] + counts["attachments"] else EMPTY


def _to_time(seconds: float | None) -> dt.datetime | None:
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)
