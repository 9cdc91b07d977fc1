"""One request after another: claim, ask, keep, decide, write down.

Belongs here: the order of these steps for one request of one host. Does not belong here: threads and the run's
beginning and end (run.py), and any of the steps themselves.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from pipeline.crawl.addresses import Refusal, Target
from pipeline.crawl.decisions import DAY, HOUR, REFUSED, choose_validators, decide
from pipeline.crawl.entries import Entry, State
from pipeline.crawl.following import follow_page
from pipeline.crawl.frontier import Ending, Frontier
from pipeline.crawl.keys import read_lane
from pipeline.crawl.lanes import Clock, Lane, Lanes
from pipeline.crawl.model import FetchRequest, FetchResult, Outcome
from pipeline.crawl.net import JudgeHop
from pipeline.crawl.policy import (
    RETRYABLE,
    HostState,
    Pace,
    after_result,
    find_next_time,
    next_attempt_wait,
    next_delay,
    note_asked_delay,
)
from pipeline.crawl.progress import Tally
from pipeline.crawl.recording import Examined, Recorder, examine_result, leads_on
from pipeline.crawl.robots import RobotsBook
from pipeline.sources.model import Page, Role, Source
from pipeline.sources.overrides import HostOverride, find_override

# So many report pages of one host with the very same bytes are no reports
_COPIES_ARE_SOFT404 = 2
# Until the next night, whenever in it that begins
_NEXT_NIGHT = DAY - 4 * HOUR


class Fetching(Protocol):
    """What the crawl needs of a Fetcher (net.py)."""

    product: str

    def fetch(self, request: FetchRequest, judge_hop: JudgeHop | None = None) -> FetchResult:
        """One attempt; never raises."""

    def find_target(self, url: str) -> Target | Refusal:
        """Where a request for an address would go, or why nowhere."""


class Chance(Protocol):
    """Where jitter comes from."""

    def uniform(self, a: float, b: float) -> float:
        """A number from a to b."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a run goes by: the pace, what single hosts need, how many requests at most (None: no limit)."""

    pace: Pace
    overrides: Mapping[str, HostOverride]
    max_requests: int | None
    chance: Chance
    clock: Clock


class Crawler:
    """The shared state of the threads of one run."""

    def __init__(
        self,
        frontier: Frontier,
        recorder: Recorder,
        fetcher: Fetching,
        sources: Mapping[str, Source],
        rules: Rules,
        stop: threading.Event,
    ) -> None:
        self.frontier, self.recorder, self.rules = frontier, recorder, rules
        self.lanes = Lanes(rules.clock, stop)
        self.tally = Tally()
        self._fetcher, self._sources, self._stop = fetcher, sources, stop
        self._robots = RobotsBook(fetcher, now=rules.clock.now)
        self._budget = threading.Semaphore(rules.max_requests) if rules.max_requests is not None else None

    def open_lanes(self) -> None:
        """Let every host with waiting requests begin."""
        self._open(self.frontier.list_lanes())

    def work(self) -> None:
        """Serve hosts until nothing is left or the crawl stops; what was claimed is always finished."""
        while (lane := self.lanes.take()) is not None:
            ready_at: float | None = None
            try:
                ready_at = self._serve(lane)
            finally:
                self.lanes.give_back(lane, ready_at)

    def _serve(self, lane: Lane) -> float | None:
        """Ask one thing of a host; returns when it may be asked again, None when it has nothing more to do."""
        now = self.rules.clock.now()
        # Another host may have led a redirect here meanwhile
        if lane.ready_at > now:
            return lane.ready_at
        entry = self.frontier.claim(lane.name, now)
        if entry is None:
            due_at = self.frontier.next_due(lane.name)
            return due_at if due_at is None else max(due_at, lane.ready_at)
        if self._robots.needs_fetch(entry.site.url):
            return self._learn_robots(lane, entry)
        if self._budget is not None and not self._budget.acquire(blocking=False):
            self.frontier.put_back(entry)
            self.lanes.close()
            return None
        allowed = self._robots.verdict(entry.site.url)
        lane.state = note_asked_delay(lane.state, allowed.crawl_delay_seconds)
        if allowed.outcome is not None:
            result = refuse(entry, allowed.outcome, allowed.detail)
        else:
            etag, last_modified = self._choose_validators(entry)
            request = FetchRequest(entry.site, etag, last_modified)
            result = self._fetcher.fetch(request, lambda url: self._judge_hop(lane, url))
        self._settle(lane, entry, result)
        if allowed.outcome is not None and allowed.outcome is not Outcome.ROBOTS_UNAVAILABLE:
            return lane.ready_at
        return self._next_time(lane)

    def _learn_robots(self, lane: Lane, entry: Entry) -> float | None:
        """Fetch the site's rules first; its request waits for its own turn after that."""
        verdict = self._robots.verdict(entry.site.url)
        now = self.rules.clock.now()
        lane.robots_attempts += 1
        if verdict.fetched is not None:
            lane.state = after_result(lane.state, verdict.fetched, now, self.rules.pace)
            wait = next_attempt_wait(verdict.fetched.outcome, lane.robots_attempts, self._jitter(), self.rules.pace)
            if verdict.outcome is Outcome.ROBOTS_UNAVAILABLE and wait is not None and lane.state.resting is None:
                self._robots.forget(entry.site.url)
                self.frontier.put_back(entry)
                return max(now + wait, self._next_time(lane) or now)
        lane.state = note_asked_delay(lane.state, verdict.crawl_delay_seconds)
        if verdict.outcome is Outcome.ROBOTS_UNAVAILABLE:
            self._settle(lane, entry, refuse(entry, Outcome.ROBOTS_UNAVAILABLE, verdict.detail))
            return None
        self.frontier.put_back(entry)
        return self._next_time(lane)

    def _settle(self, lane: Lane, entry: Entry, result: FetchResult) -> None:
        """Keep what an attempt brought and write down what it means."""
        now = self.rules.clock.now()
        lane.state = after_result(lane.state, result, now, self.rules.pace)
        examined = self._examine(entry, result)
        outcome = examined.answer.outcome
        following = None
        if examined.body is not None:
            declared = dict(reversed(result.headers)).get("content-type", "")
            page = Page(entry.site, result.final_url, examined.body, declared, entry.depth)
            family = self._sources[entry.source_id].family
            following = follow_page(entry, page, examined.media_type, family, self.frontier.find_known)
        wait = None
        if outcome in RETRYABLE and not entry.is_guess:
            wait = next_attempt_wait(outcome, entry.attempt, self._jitter(), self.rules.pace)
        verdict = decide(entry, examined.answer, now, wait)
        if following is None or following.is_accepted:
            capture = self.recorder.record(entry, result, examined, verdict, leads_on(following), now)
            if capture is not None and capture.sha256 is not None:
                verdict = replace(verdict, visit=replace(verdict.visit, capture_id=capture.capture_id))
        else:
            verdict = replace(verdict, state=State.FAILED_PERMANENT, due_at=now + 30 * DAY)
        ending = Ending(outcome, result.status, result.final_url)
        lanes = self.frontier.finish(entry, verdict, following, ending, now)
        # A guess that came to nothing is no failure of the site
        if not (entry.is_guess and verdict.state is State.FAILED_PERMANENT):
            self.tally.add(lane.name, result, outcome, verdict.change)
        self._open(self.lanes.wake(lanes))
        self._rest(lane, outcome, now)

    def _examine(self, entry: Entry, result: FetchResult) -> Examined:
        examined = examine_result(entry, result, is_kept=self.recorder.has_bytes(entry.visit.sha256))
        sha256 = examined.answer.sha256
        if (
            examined.answer.outcome is Outcome.STORED
            and entry.site.role is Role.REPORT
            and sha256 is not None
            and sha256 != entry.visit.sha256
            and self.frontier.count_copies(entry.lane, sha256, entry.key) >= _COPIES_ARE_SOFT404
        ):
            return Examined(replace(examined.answer, outcome=Outcome.SOFT404), None, "")
        return examined

    def _rest(self, lane: Lane, outcome: Outcome, now: float) -> None:
        """Leave a host alone for the rest of the run where its state or its answer says so."""
        if lane.state.resting is None and outcome not in REFUSED - {Outcome.AUTH_REQUIRED}:
            return
        lane.rest_reason = str(lane.state.resting or outcome)
        if lane.state.resting is Outcome.BUDGET:
            self.frontier.park(lane.name, State.SKIPPED_BUDGET, now + _NEXT_NIGHT)
        elif outcome in REFUSED:
            self.frontier.park(lane.name, State.BLOCKED, now + _NEXT_NIGHT)

    def _choose_validators(self, entry: Entry) -> tuple[str, str]:
        return choose_validators(entry.visit) if self.recorder.has_bytes(entry.visit.sha256) else ("", "")

    def _judge_hop(self, lane: Lane, url: str) -> Outcome | None:
        """Whether a redirect may be followed, once the host's pause before its next request is over."""
        self._pause(next_delay(lane.state, self._jitter(), self.rules.pace))
        outcome = self._robots.judge(url)
        other = read_lane(url)
        if other != lane.name:
            self.lanes.delay(other, self.rules.clock.now() + next_delay(lane.state, 0.0, self.rules.pace))
        return outcome

    def _pause(self, seconds: float) -> None:
        condition = threading.Condition()
        until = self.rules.clock.now() + seconds
        with condition:
            while (left := until - self.rules.clock.now()) > 0 and not self._stop.is_set():
                self.rules.clock.wait(condition, left)

    def _next_time(self, lane: Lane) -> float | None:
        """When a host may be asked again; None where it rests."""
        if lane.rest_reason:
            return None
        now = self.rules.clock.now()
        return max(lane.ready_at, find_next_time(lane.state, now, self._jitter(), self.rules.pace))

    def _open(self, lanes: list[str]) -> None:
        for name in lanes:
            override = find_override(self.rules.overrides, name.partition(":")[0])
            self.lanes.open(name, note_asked_delay(HostState(), override.delay_seconds if override else None))

    def _jitter(self) -> float:
        return self.rules.chance.uniform(-1.0, 1.0)


def refuse(entry: Entry, outcome: Outcome, detail: str) -> FetchResult:
    """The result of a request that was not made."""
    return FetchResult(FetchRequest(entry.site), outcome, entry.site.url, None, (), None, "", "", "", 0, None, detail)
