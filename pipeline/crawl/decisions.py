"""From what an attempt came to, to what becomes of its request: pure decisions.

Belongs here: states, retries within a run, when an address is visited again, when it is gone. Does not belong
here: how long a host rests (policy.py), and what is written where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipeline.crawl.entries import Entry, State, Verdict, Visit
from pipeline.crawl.model import Outcome
from pipeline.crawl.policy import CHALLENGES, RETRYABLE
from pipeline.sources.model import Role

HOUR, DAY = 3600.0, 86400.0
MISSING_NIGHTS_UNTIL_GONE = 3
# A night begins at noon in China, so that one that goes past midnight is one night
_NIGHT_OFFSET = 8 * HOUR - 12 * HOUR
# Visits come at about the same time each night: one a little earlier than the last must still find its pages due
_SLACK = 4 * HOUR
_REPORT_DAYS = (1, 3, 7, 30, 90)
_ATTACHMENT_DAYS = 90
_LATER_PAGE_DAYS = 7
_ROOT_DAYS = 7
_FAILING_DAYS = (1, 1, 3, 7, 30)
_GONE_DAYS = 90
_PERMANENT_DAYS = 30
_ROBOTS_DAYS = 7
# A server may date pages wrongly: every so often a page is asked for whatever its validators say
_UNCONDITIONAL_EVERY = 4

MISSING = frozenset([Outcome.GONE, Outcome.SOFT404])
# The site does not want to be asked by us
REFUSED = CHALLENGES | {Outcome.AUTH_REQUIRED, Outcome.ROBOTS_UNAVAILABLE}
_FIXED: Mapping[Outcome, State] = {
    Outcome.ROBOTS: State.ROBOTS,
    Outcome.BUDGET: State.SKIPPED_BUDGET,
    **dict.fromkeys(REFUSED, State.BLOCKED),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an attempt brought, as far as it decides: the outcome, hashes where there are bytes, validators."""

    outcome: Outcome
    sha256: str | None = None
    content_sha256: str | None = None
    etag: str = ""
    last_modified: str = ""
    is_redirected: bool = False


def count_night(now: float) -> int:
    """The number of the night that a time belongs to."""
    return int((now + _NIGHT_OFFSET) // DAY)


def choose_validators(visit: Visit) -> tuple[str, str]:
    """ETag and Last-Modified to send; ('', '') where nothing is archived, and every fourth time while unchanged."""
    if visit.sha256 is None or visit.unchanged_count % _UNCONDITIONAL_EVERY == _UNCONDITIONAL_EVERY - 1:
        return "", ""
    return visit.etag, visit.last_modified


def decide(entry: Entry, answer: Answer, now: float, retry_wait: float | None = None) -> Verdict:
    """What becomes of a request after an attempt at `now` (seconds since 1970).

    retry_wait is after how many seconds it is tried again in this run, None where it is not.
    """
    if retry_wait is not None:
        return Verdict(State.PENDING, now + retry_wait, entry.visit)
    if answer.outcome in (Outcome.STORED, Outcome.UNCHANGED, Outcome.NOT_MODIFIED):
        return _decide_answered(entry, answer, now)
    if answer.outcome in MISSING:
        return _decide_missing(entry, answer.outcome, now)
    if answer.outcome in RETRYABLE or answer.outcome is Outcome.EMPTY_LIST:
        return _decide_failing(entry, now)
    state = _FIXED.get(answer.outcome, State.FAILED_PERMANENT)
    days = _ROBOTS_DAYS if state is State.ROBOTS else _PERMANENT_DAYS if state is State.FAILED_PERMANENT else 1
    return Verdict(state, now + days * DAY - _SLACK, replace(entry.visit, failing_count=entry.visit.failing_count + 1))


def _decide_answered(entry: Entry, answer: Answer, now: float) -> Verdict:
    before = entry.visit
    if answer.outcome is Outcome.NOT_MODIFIED:
        content, sha256 = before.content_sha256, before.sha256
        etag, last_modified = answer.etag or before.etag, answer.last_modified or before.last_modified
    else:
        content, sha256 = answer.content_sha256, answer.sha256
        etag, last_modified = answer.etag, answer.last_modified
    change = compare_visits(before, content)
    unchanged = before.unchanged_count + 1 if change == "same" else 0
    visit = Visit(etag, last_modified, sha256, content, before.capture_id, unchanged)
    state = State.REDIRECT if answer.is_redirected else State.DONE
    return Verdict(state, now + _days_until_next(entry, unchanged) * DAY - _SLACK, visit, change)


def compare_visits(before: Visit, content_sha256: str | None) -> str:
    """The change_code of an answer with this content."""
    if before.content_sha256 is None:
        return "new"
    if before.gone_at is not None:
        return "reappeared"
    return "same" if before.content_sha256 == content_sha256 else "changed"


def _days_until_next(entry: Entry, unchanged_count: int) -> int:
    if entry.site.role is Role.REPORT:
        return _REPORT_DAYS[min(unchanged_count, len(_REPORT_DAYS) - 1)]
    if entry.site.role is Role.ATTACHMENT:
        return _ATTACHMENT_DAYS
    if entry.site.role is Role.ROOT:
        return _ROOT_DAYS
    return 1 if entry.list_head == entry.key else _LATER_PAGE_DAYS


def _decide_missing(entry: Entry, outcome: Outcome, now: float) -> Verdict:
    """Missing is gone only after several nights: sites lose pages for an evening and find them again."""
    if entry.is_guess:
        return Verdict(State.FAILED_PERMANENT, now + _PERMANENT_DAYS * DAY, entry.visit)
    night = count_night(now)
    count = entry.visit.missing_count + (night != entry.visit.missing_night)
    visit = replace(entry.visit, missing_count=count, missing_night=night)
    if count < MISSING_NIGHTS_UNTIL_GONE:
        state = State.SOFT404 if outcome is Outcome.SOFT404 else State.FAILED_RETRYABLE
        return Verdict(state, now + DAY - _SLACK, visit)
    is_news = visit.gone_at is None and visit.sha256 is not None
    gone_at = now if visit.gone_at is None else visit.gone_at
    due_at = now + _GONE_DAYS * DAY
    return Verdict(State.GONE, due_at, replace(visit, gone_at=gone_at), "gone" if is_news else None)


def _decide_failing(entry: Entry, now: float) -> Verdict:
    failing = entry.visit.failing_count + 1
    days = _FAILING_DAYS[min(failing, len(_FAILING_DAYS)) - 1]
    return Verdict(State.FAILED_RETRYABLE, now + days * DAY - _SLACK, replace(entry.visit, failing_count=failing))
