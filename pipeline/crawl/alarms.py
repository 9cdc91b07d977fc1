"""Silent emptiness: what no failure shows, because every request was answered.

Belongs here: comparing what lists declare, showed before and show now. Does not belong here: failures, which are
counted attempt by attempt.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from pipeline.crawl.frontier import Frontier
from pipeline.crawl.progress import Alarm, Tally
from pipeline.sources.model import Source

NIGHT_EMPTY = "night_empty"
REPORTS_DROPPED = "reports_dropped"
LIST_EMPTY = "list_empty"
COUNT_MISMATCH = "count_mismatch"
# A source that shows less than this share of what it showed at the end of the last crawl
_LEAST_SHARE = 0.5

_COUNTS = """SELECT page.source_id, count(DISTINCT entry.child_key) AS report_count FROM entry
    INNER JOIN request AS page ON page.key = entry.list_key
    INNER JOIN request AS child ON child.key = entry.child_key AND child.role IN ('report', 'attachment')
    GROUP BY page.source_id"""
_EMPTY = """SELECT page.source_id, page.url, page.warnings FROM request AS page
    WHERE page.role IN ('root', 'list') AND page.depth = 0 AND page.list_head = page.key AND page.is_guess = 0
        AND page.last_ok_at >= ? AND page.outcome <> 'not_modified'
        AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.list_key = page.key)
        AND NOT EXISTS (SELECT 1 FROM request AS later WHERE later.parent_key = page.key)"""
# Only where every page of a list was visited in this run: entries move from page to page between two visits. A column
# without a total of its own may ask several interfaces, each of which states one; pages of one interface differ in
# their query alone. The Guangdong platform names the files of its reports in its lists: there a file is no entry
_DECLARED = """SELECT head.source_id, head.url,
        coalesce(head.declared_count, answered.total, (SELECT page.declared_count FROM request AS page
            WHERE page.list_head = head.key AND page.declared_count IS NOT NULL
            ORDER BY page.last_fetched_at DESC LIMIT 1)) AS declared_count,
        (SELECT count(DISTINCT entry.child_key) FROM entry
            INNER JOIN request AS page ON page.key = entry.list_key AND page.list_head = head.key
            INNER JOIN request AS child ON child.key = entry.child_key
            WHERE child.role = 'report' OR (child.role = 'attachment' AND page.family <> 'gkmlpt'))
        + (SELECT sum(page.skipped_count) FROM request AS page WHERE page.list_head = head.key) AS seen_count
    FROM request AS head
    LEFT JOIN (
        SELECT list_head, sum(most) AS total FROM (
            SELECT list_head, max(declared_count) AS most FROM request
            WHERE declared_count IS NOT NULL AND instr(url, '?') > 0
            GROUP BY list_head, substr(url, 1, instr(url, '?')))
        GROUP BY list_head) AS answered ON answered.list_head = head.key
    WHERE head.list_head = head.key AND head.role = 'list' AND head.last_ok_at >= ?
        AND NOT EXISTS (SELECT 1 FROM request AS page WHERE page.list_head = head.key AND page.is_guess = 0
            AND coalesce(page.last_fetched_at, 0) < ?)"""


def find_alarms(
    frontier: Frontier, sources: Sequence[Source], started: float, now: float, tally: Tally
) -> tuple[Alarm, ...]:
    """The alarms of a crawl that began at `started` and ends now; keeps the counts for the next one to compare with."""
    mine = {source.source_id for source in sources}
    alarms = []
    if tally.attempt_count and not tally.answered_count:
        message = f"none of {tally.attempt_count} requests was answered; look at this machine's connection first"
        alarms.append(Alarm(NIGHT_EMPTY, "", message))
    alarms += [alarm for alarm in _find_dropped(frontier, mine, started, now) if alarm.source_id in mine]
    for row in frontier.select(_EMPTY, (started,)):
        said = "; ".join(f"{code}: {text}" for code, text in json.loads(row["warnings"]))
        alarms.append(Alarm(LIST_EMPTY, row["source_id"], f"{row['url']} shows no entry ({said or 'nothing noticed'})"))
    for row in frontier.select(_DECLARED, (started, started)):
        if row["declared_count"] not in (None, row["seen_count"]):
            message = f"{row['url']} declares {row['declared_count']} entries, {row['seen_count']} were seen"
            alarms.append(Alarm(COUNT_MISMATCH, row["source_id"], message))
    return tuple(alarm for alarm in alarms if not alarm.source_id or alarm.source_id in mine)


def _find_dropped(frontier: Frontier, mine: set[str], started: float, now: float) -> list[Alarm]:
    """Sources that show less than half of what they did; counts are kept of those whose lists were read in this run."""
    counts = {row["source_id"]: row["report_count"] for row in frontier.select(_COUNTS)}
    before = {row["source_id"]: row["report_count"] for row in frontier.select("SELECT * FROM source_count")}
    read = "SELECT DISTINCT source_id FROM request WHERE role IN ('root', 'list') AND last_ok_at >= ?"
    alarms = []
    for row in frontier.select(read, (started,)):
        source_id = row["source_id"]
        count = counts.get(source_id, 0)
        if source_id in before and count < before[source_id] * _LEAST_SHARE:
            message = f"its lists show {count} reports, {before[source_id]} at the crawl before"
            alarms.append(Alarm(REPORTS_DROPPED, source_id, message))
        if source_id in mine:
            frontier.keep_count(source_id, count, now)
    return alarms
