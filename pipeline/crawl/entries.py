"""What the frontier keeps of a request, and what an attempt makes of it.

Belongs here: the records that frontier, run and rebuilding share. Does not belong here: any I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.sources.model import SiteRequest


class State(StrEnum):
    """Where a request stands. Only pending ones are claimed; every other one but inflight is due again some day."""

    PENDING = "pending"
    INFLIGHT = "inflight"
    DONE = "done"
    # Done, but another address answered
    REDIRECT = "redirect"
    ROBOTS = "robots"
    SOFT404 = "soft404"
    GONE = "gone"
    # The site refuses to be asked by us: a challenge, a firewall, a login
    BLOCKED = "blocked"
    FAILED_RETRYABLE = "failed_retryable"
    FAILED_PERMANENT = "failed_permanent"
    SKIPPED_BUDGET = "skipped_budget"


@dataclass(frozen=True, slots=True)
class Visit:
    """What the visits to an address left behind. Counts are of visits in a row, missing and failing ones of nights."""

    etag: str = ""
    last_modified: str = ""
    sha256: str | None = None
    content_sha256: str | None = None
    capture_id: str | None = None
    unchanged_count: int = 0
    missing_count: int = 0
    missing_night: int = 0
    failing_count: int = 0
    gone_at: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A request as claimed: what to ask, where it was found, what earlier visits came to.

    list_head is the key of the first page of the list that a list page belongs to, its own for every other request.
    family is that of the list whose later page this is, '' where it is not known yet. attempt counts from 1 within this
    run. parent_capture_id is the latest capture of the page that led here.
    """

    key: str
    source_id: str
    lane: str
    site: SiteRequest
    depth: int
    list_head: str
    parent_key: str | None = None
    parent_capture_id: str | None = None
    is_guess: bool = False
    family: str = ""
    attempt: int = 1
    visit: Visit = field(default_factory=Visit)


@dataclass(frozen=True, slots=True)
class Child:
    """A request that a page leads to. is_entry: the page lists it; else it is a later page or a guess at one.

    family is that of the list whose later page it is, '' for an entry.
    """

    site: SiteRequest
    depth: int
    title: str = ""
    is_entry: bool = True
    is_guess: bool = False
    family: str = ""


@dataclass(frozen=True, slots=True)
class Following:
    """What a page leads to. is_accepted is False for a guessed page that is no page of the list.

    next_site is the nearest later page of the list, which is visited again where this page has something new. family is
    the one a list page was read as, '' for other pages.
    """

    children: tuple[Child, ...] = ()
    declared_count: int | None = None
    skipped_count: int = 0
    warnings: tuple[tuple[str, str], ...] = ()
    next_site: SiteRequest | None = None
    is_accepted: bool = True
    family: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an attempt means for its request: its state, when it is due again, what is remembered of the visit.

    change is a change_code of the contract, None where nothing can be said.
    """

    state: State
    due_at: float
    visit: Visit
    change: str | None = None
