"""The frontier: every address the crawl knows, what came of it, and when it is due, in SQLite.

Belongs here: reading and writing that file, each change in one transaction. Does not belong here: deciding anything
(verdicts.py) and asking anybody (run.py). It is a memory, not the archive: rebuild.py makes it from the captures.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from pipeline.crawl.entries import Child, Entry, Following, State, Verdict, Visit
from pipeline.crawl.keys import make_key, read_lane
from pipeline.sources.model import Role, SiteRequest, Source

_SCHEMA = Path(__file__).resolve().parent / "frontier.sql"
_VISIT = tuple(field.name for field in fields(Visit))
_ROLES = "CASE role WHEN 'root' THEN 0 WHEN 'list' THEN 1 WHEN 'report' THEN 2 ELSE 3 END"
_ENTRY = f"""key, source_id, lane, url, role, method, form, referer, depth, list_head, parent_key, is_guess,
    family, attempt_count, {", ".join(_VISIT)},
    (SELECT parent.capture_id FROM request AS parent WHERE parent.key = request.parent_key) AS parent_capture_id"""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the last attempt at a request ended: its outcome, the HTTP status, the address that answered."""

    outcome: str
    status: int | None
    final_url: str


class Frontier:
    """One open frontier file; every method may be called from any thread. Times are seconds since 1970."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA.read_text(encoding="utf-8"))

    def close(self) -> None:
        """Close the file; the frontier cannot be used afterwards."""
        with self._lock:
            self._db.close()

    def select(self, sql: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
        """The rows of a query."""
        with self._lock:
            return self._db.execute(sql, parameters).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything within happens, or nothing of it."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def open_run(self, sources: Iterable[Source], now: float) -> None:
        """Make this run's sources known, put back what a killed run had claimed, and reopen what is due.

        Sources of other runs keep what they have.
        """
        chosen = tuple(sources)
        with self.transaction() as db:
            db.execute("DELETE FROM running")
            db.executemany("INSERT OR IGNORE INTO running VALUES (?)", [(source.source_id,) for source in chosen])
            for source in chosen:
                _insert(db, source.source_id, seed_child(source), None, "", now)
            mine = "source_id IN (SELECT source_id FROM running)"
            db.execute(f"UPDATE request SET state = 'pending' WHERE state = 'inflight' AND {mine}")
            db.execute(
                f"UPDATE request SET state = 'pending' WHERE state <> 'pending' AND due_at <= ? AND {mine}", (now,)
            )
            db.execute(f"UPDATE request SET attempt_count = 0, due_at = 0 WHERE state = 'pending' AND {mine}")

    def list_lanes(self) -> list[str]:
        """Hosts with a request of this run waiting."""
        sql = """SELECT DISTINCT lane FROM request WHERE state = 'pending'
            AND source_id IN (SELECT source_id FROM running) ORDER BY lane"""
        return [row["lane"] for row in self.select(sql)]

    def claim(self, lane: str, now: float) -> Entry | None:
        """The next request of a host, from now on in flight; None where none is due. Lists and what is new go first."""
        sql = f"""UPDATE request SET state = 'inflight', attempt_count = attempt_count + 1 WHERE key = (
                SELECT key FROM request WHERE lane = ? AND state = 'pending' AND due_at <= ?
                    AND source_id IN (SELECT source_id FROM running)
                ORDER BY {_ROLES}, is_guess, sha256 IS NOT NULL, depth, length(key), key LIMIT 1
            ) RETURNING {_ENTRY}"""
        rows = self.select(sql, (lane, now))
        return _read_entry(rows[0]) if rows else None

    def next_due(self, lane: str) -> float | None:
        """When a waiting request of a host is due; None where none waits."""
        sql = """SELECT min(due_at) FROM request WHERE lane = ? AND state = 'pending'
            AND source_id IN (SELECT source_id FROM running)"""
        found: float | None = self.select(sql, (lane,))[0][0]
        return found

    def count_waiting(self) -> int:
        """Requests of this run that wait or are in flight."""
        sql = """SELECT count(*) FROM request WHERE state IN ('pending', 'inflight')
            AND source_id IN (SELECT source_id FROM running)"""
        return int(self.select(sql)[0][0])

    def find(self, key: str) -> Entry | None:
        """A request by its key."""
        rows = self.select(f"SELECT {_ENTRY} FROM request WHERE key = ?", (key,))
        return _read_entry(rows[0]) if rows else None

    def find_known(self, keys: Collection[str]) -> set[str]:
        """Those of these keys that are known."""
        found: set[str] = set()
        ordered = list(keys)
        for start in range(0, len(ordered), 500):
            part = ordered[start : start + 500]
            marks = ", ".join("?" * len(part))
            found.update(row["key"] for row in self.select(f"SELECT key FROM request WHERE key IN ({marks})", part))
        return found

    def count_copies(self, lane: str, sha256: str, key: str) -> int:
        """How many other report pages of a host answered with the very same bytes."""
        sql = "SELECT count(*) FROM request WHERE sha256 = ? AND lane = ? AND role = 'report' AND key <> ?"
        return int(self.select(sql, (sha256, lane, key))[0][0])

    def add(self, source_id: str, child: Child, now: float) -> None:
        """Make a request known that no page leads to."""
        with self.transaction() as db:
            _insert(db, source_id, child, None, "", now)

    def put_back(self, entry: Entry, due_at: float = 0.0) -> None:
        """Undo a claim: the request was not asked."""
        sql = "UPDATE request SET state = 'pending', attempt_count = attempt_count - 1, due_at = ? WHERE key = ?"
        with self.transaction() as db:
            db.execute(sql, (due_at, entry.key))

    def park(self, lane: str, state: State, due_at: float) -> int:
        """Give up the waiting requests of a host until a later run; returns their number."""
        sql = """UPDATE request SET state = ?, due_at = ? WHERE lane = ? AND state = 'pending'
            AND source_id IN (SELECT source_id FROM running)"""
        with self.transaction() as db:
            return db.execute(sql, (state, due_at, lane)).rowcount

    def finish(
        self,
        entry: Entry,
        verdict: Verdict,
        following: Following | None,
        ending: Ending,
        now: float,
    ) -> frozenset[str]:
        """Write down what an attempt came to together with what its page leads to; returns hosts with new requests.

        following is None where no page was read: what it led to before stays as it was.
        """
        is_ok = verdict.state in (State.DONE, State.REDIRECT)
        with self.transaction() as db:
            assignments = ", ".join(f"{name} = ?" for name in _VISIT)
            db.execute(
                f"""UPDATE request SET state = ?, due_at = ?, outcome = ?, http_status = ?, final_url = ?,
                    last_fetched_at = ?, last_ok_at = CASE WHEN ? THEN ? ELSE last_ok_at END, {assignments}
                WHERE key = ?""",
                (verdict.state, verdict.due_at, *astuple(ending), now, is_ok, now, *astuple(verdict.visit), entry.key),
            )
            return _follow(db, entry, following, now) if following is not None else frozenset()

    def keep_count(self, source_id: str, report_count: int, now: float) -> None:
        """Remember how many reports a source showed."""
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO source_count VALUES (?, ?, ?)", (source_id, report_count, now))

    def start_run_record(self, run_id: str, now: float) -> None:
        """Note that a run began."""
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO run (run_id, started_at) VALUES (?, ?)", (run_id, now))

    def end_run_record(self, run_id: str, now: float, summary: dict[str, Any]) -> None:
        """Note how a run ended; summary is plain values."""
        with self.transaction() as db:
            text = json.dumps(summary, ensure_ascii=False)
            db.execute("UPDATE run SET ended_at = ?, summary = ? WHERE run_id = ?", (now, text, run_id))


def seed_child(source: Source) -> Child:
    """The request that a source begins with."""
    return Child(SiteRequest(source.column_url, source.role), 0, source.organ_name, is_entry=False)


def _follow(db: sqlite3.Connection, entry: Entry, following: Following, now: float) -> frozenset[str]:
    lanes: set[str] = set()
    has_news = False
    if entry.is_guess and following.is_accepted:
        db.execute("UPDATE request SET is_guess = 0 WHERE key = ?", (entry.key,))
        db.execute(
            "DELETE FROM request WHERE parent_key = ? AND is_guess = 1 AND state = 'pending'", (entry.parent_key,)
        )
    if entry.site.role is not Role.REPORT:
        db.execute("DELETE FROM entry WHERE list_key = ?", (entry.key,))
    for child in following.children:
        head = "" if child.is_entry or entry.site.role is Role.ROOT else entry.list_head
        is_new = _insert(db, entry.source_id, child, entry.key, head, now)
        if is_new:
            lanes.add(read_lane(child.site.url))
        if child.is_entry and entry.site.role is not Role.REPORT:
            has_news = has_news or is_new
            key = make_key(child.site)
            db.execute("INSERT OR IGNORE INTO entry VALUES (?, ?)", (entry.key, key))
            db.execute("UPDATE request SET last_seen_at = ? WHERE key = ?", (now, key))
    db.execute(
        "UPDATE request SET family = ?, declared_count = ?, skipped_count = ?, warnings = ? WHERE key = ?",
        (
            following.family,
            following.declared_count,
            following.skipped_count,
            json.dumps(following.warnings, ensure_ascii=False),
            entry.key,
        ),
    )
    if has_news and following.next_site is not None:
        lanes |= _reopen(db, make_key(following.next_site), now)
    return frozenset(lanes)


def _reopen(db: sqlite3.Connection, key: str, now: float) -> set[str]:
    """Visit a page again in this run unless it was visited in it already; returns its host."""
    sql = """UPDATE request SET state = 'pending', attempt_count = 0, due_at = 0
        WHERE key = ? AND state IN ('done', 'redirect', 'failed_retryable') AND last_fetched_at < ? - 43200
        RETURNING lane"""
    return {row["lane"] for row in db.execute(sql, (key, now)).fetchall()}


def _insert(db: sqlite3.Connection, source_id: str, child: Child, parent: str | None, head: str, now: float) -> bool:
    """Add a request that is not known yet; whether it was added."""
    site, key = child.site, make_key(child.site)
    sql = """INSERT INTO request (key, source_id, lane, method, url, form, referer, role, depth, parent_key, list_head,
            title, is_guess, family, first_seen_at, last_seen_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (key) DO NOTHING"""
    place = (key, source_id, read_lane(site.url), site.method, site.url, json.dumps(site.form), site.referer, site.role)
    found = (child.depth, parent, head or key, child.title, child.is_guess, child.family, now, now)
    return db.execute(sql, (*place, *found)).rowcount == 1


def _read_entry(row: sqlite3.Row) -> Entry:
    form = tuple((str(name), str(value)) for name, value in json.loads(row["form"]))
    return Entry(
        key=row["key"],
        source_id=row["source_id"],
        lane=row["lane"],
        site=SiteRequest(row["url"], Role(row["role"]), row["method"], form, row["referer"]),
        depth=row["depth"],
        list_head=row["list_head"],
        parent_key=row["parent_key"],
        parent_capture_id=row["parent_capture_id"],
        is_guess=bool(row["is_guess"]),
        family=row["family"],
        attempt=row["attempt_count"],
        visit=Visit(**{name: row[name] for name in _VISIT}),
    )
