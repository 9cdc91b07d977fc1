"""What a crawl would do now, without doing it.

Belongs here: counting what is due, source by source. Does not belong here: opening or changing the frontier.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from pipeline.crawl.frontier import seed_child
from pipeline.crawl.keys import make_key, read_lane
from pipeline.crawl.policy import Pace
from pipeline.paths import DataPaths
from pipeline.sources.model import Source

_DUE = """SELECT lane, key, role, sha256 IS NULL AS is_new FROM request
    WHERE source_id = ? AND (state IN ('pending', 'inflight') OR due_at <= ?)"""


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """What is due of one source: pages of lists, reports and attachments, those of them never had, and its hosts.

    least_seconds is the shortest time that the pause between two requests leaves it, for what is known now.
    """

    source_id: str
    lanes: tuple[str, ...]
    list_count: int
    report_count: int
    attachment_count: int
    new_count: int
    least_seconds: float


def plan_crawl(paths: DataPaths, sources: Sequence[Source], now: float, pace: Pace) -> tuple[PlannedSource, ...]:
    """What a crawl of these sources would begin with at `now`; the pages found on the way come on top."""
    if not paths.frontier.is_file():
        return tuple(_plan(source, [], pace) for source in sources)
    with closing(sqlite3.connect(f"file:{paths.frontier}?mode=ro", uri=True, timeout=30)) as db:
        db.row_factory = sqlite3.Row
        known = {row["key"] for row in db.execute("SELECT key FROM request WHERE parent_key IS NULL")}
        plans = []
        for source in sources:
            rows = db.execute(_DUE, (source.source_id, now)).fetchall()
            plans.append(_plan(source, rows, pace, is_known=make_key(seed_child(source).site) in known))
        return tuple(plans)


def _plan(source: Source, rows: Sequence[sqlite3.Row], pace: Pace, *, is_known: bool = False) -> PlannedSource:
    roles = [row["role"] for row in rows] + ([] if is_known else [str(source.role)])
    lanes = {row["lane"] for row in rows} | (set() if is_known else {read_lane(source.column_url)})
    return PlannedSource(
        source_id=source.source_id,
        lanes=tuple(sorted(lanes)),
        list_count=sum(role in ("root", "list") for role in roles),
        report_count=roles.count("report"),
        attachment_count=roles.count("attachment"),
        new_count=sum(bool(row["is_new"]) for row in rows) + (not is_known),
        least_seconds=len(roles) * pace.least_delay / max(len(lanes), 1),
    )
