"""robots.txt as RFC 9309 reads it: fetched once a day per origin, and obeyed where it can't be had.

Belongs here: which answers permit, which forbid, the cache. Does not belong here: parsing rules (protego does) and the
pace (policy.py, which takes the Crawl-delay from here).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from protego import Protego

from pipeline.crawl.addresses import Refusal, Target
from pipeline.crawl.model import FetchRequest, FetchResult, Outcome
from pipeline.crawl.net import JudgeHop
from pipeline.sources.model import Role, SiteRequest

MAX_CRAWL_DELAY_SECONDS = 60.0
_CACHE_SECONDS = 86_400.0
# RFC 9309 asks for at least this much to be read
_MAX_RULES_BYTES = 512_000
_MAX_LINE = 2_000
# The server refuses us, which is no "there are no rules"
_REFUSING_STATUSES = (401, 403, 407, 408, 412, 429)
_NO_RULES = (Outcome.GONE, Outcome.SOFT404, Outcome.EMPTY_LIST)


class Fetches(Protocol):
    """What this module needs of a Fetcher."""

    product: str

    def fetch(self, request: FetchRequest, judge_hop: JudgeHop | None = None) -> FetchResult:
        """One attempt."""

    def find_target(self, url: str) -> Target | Refusal:
        """Where a request for an address would go."""


@dataclass(frozen=True, slots=True)
class RobotsVerdict:
    """Whether an address may be asked. outcome is None where it may, else ROBOTS, ROBOTS_UNAVAILABLE or a refusal.

    crawl_delay_seconds is what the site asks for (at most 60), None where it says nothing. fetched is the request that
    this verdict cost, None where the rules were known: it counts as one of the host's.
    """

    is_allowed: bool
    outcome: Outcome | None
    crawl_delay_seconds: float | None
    detail: str
    fetched: FetchResult | None = None


@dataclass(slots=True)
class _Rules:
    """What is known of one origin. parsed is None where everything is allowed or nothing (see is_open)."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    learned_at: float | None = None
    parsed: Protego | None = None
    is_open: bool = False
    detail: str = ""


class RobotsBook:
    """The rules of every origin asked in a run. Safe to share between threads; one origin is fetched once."""

    def __init__(self, fetcher: Fetches, *, now: Callable[[], float] = time.time) -> None:
        self._fetcher, self._now = fetcher, now
        self._origins: dict[str, _Rules] = {}
        self._lock = threading.Lock()

    def verdict(self, url: str, wait_turn: Callable[[str], None] | None = None) -> RobotsVerdict:
        """Whether an address may be asked, fetching the rules where they are not known or older than a day.

        Where robots.txt redirects, wait_turn is called before each hop; it must not ask for a verdict itself.
        """
        target = self._fetcher.find_target(url)
        if isinstance(target, Refusal):
            return RobotsVerdict(False, target.outcome, None, target.detail)
        rules = self._open_entry(target.origin)
        fetched = None
        with rules.lock:
            if not self._is_fresh(rules):
                fetched = self._fetch_rules(target.origin, wait_turn)
                _learn(rules, fetched)
                rules.learned_at = self._now()
            return replace(_judge(rules, target.url, self._fetcher.product), fetched=fetched)

    def needs_fetch(self, url: str) -> bool:
        """Whether a verdict on this address would cost a request: the host's turn must be waited for first."""
        target = self._fetcher.find_target(url)
        return isinstance(target, Target) and not self._is_fresh(self._open_entry(target.origin))

    def judge(self, url: str) -> Outcome | None:
        """The verdict as Fetcher.fetch wants it of a redirect: None where it may be followed."""
        return self.verdict(url).outcome

    def forget(self, url: str) -> None:
        """Have the rules fetched again: a caller wants to retry an origin whose robots.txt could not be had."""
        target = self._fetcher.find_target(url)
        if isinstance(target, Target):
            self._open_entry(target.origin).learned_at = None

    def _fetch_rules(self, origin: str, wait_turn: Callable[[str], None] | None) -> FetchResult:
        def judge_hop(url: str) -> Outcome | None:
            if wait_turn is not None:
                wait_turn(url)
            return None

        return self._fetcher.fetch(FetchRequest(SiteRequest(f"{origin}/robots.txt", Role.ROOT)), judge_hop)

    def _open_entry(self, origin: str) -> _Rules:
        with self._lock:
            return self._origins.setdefault(origin, _Rules())

    def _is_fresh(self, rules: _Rules) -> bool:
        return rules.learned_at is not None and 0 <= self._now() - rules.learned_at < _CACHE_SECONDS


def _learn(rules: _Rules, result: FetchResult) -> None:
    """Take the rules from the answer to a request for robots.txt."""
    rules.parsed, rules.is_open, rules.detail = (
        None,
        False,
        f"robots.txt: {result.outcome.value} {result.detail}".strip(),
    )
    if result.outcome == Outcome.STORED and result.body is not None:
        try:
            rules.parsed = Protego.parse(_decode_rules(result.body))
        # A parser that breaks on a hostile file has read no permission out of it
        except Exception as error:
            rules.detail = f"robots.txt can't be read: {type(error).__name__}"
    elif result.outcome in _NO_RULES:
        rules.is_open = True
    elif result.outcome == Outcome.CLIENT_4XX:
        rules.is_open = result.status not in _REFUSING_STATUSES


def _decode_rules(body: bytes) -> str:
    text = body[:_MAX_RULES_BYTES].decode("utf-8-sig", "replace")
    return "\n".join(line for line in text.splitlines() if len(line) <= _MAX_LINE)


def _judge(rules: _Rules, url: str, product: str) -> RobotsVerdict:
    if rules.is_open:
        return RobotsVerdict(True, None, None, rules.detail)
    if rules.parsed is None:
        return RobotsVerdict(False, Outcome.ROBOTS_UNAVAILABLE, None, rules.detail)
    delay = rules.parsed.crawl_delay(product)
    capped = None if delay is None else min(max(float(delay), 0.0), MAX_CRAWL_DELAY_SECONDS)
    if rules.parsed.can_fetch(url, product):
        return RobotsVerdict(True, None, capped, "")
    return RobotsVerdict(False, Outcome.ROBOTS, capped, f"robots.txt forbids {url}"[:300])
