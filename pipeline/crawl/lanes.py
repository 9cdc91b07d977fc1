"""Hosts taking turns: one request in flight for each, and none before its time.

Belongs here: who is next, waiting for it, and waking up when the crawl stops. Does not belong here: how long a host
must rest (policy.py) and what is asked of it.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from pipeline.crawl.policy import HostState

# The longest sleep: a stop is noticed after it at the latest
_LONGEST_WAIT = 0.5


class Clock(Protocol):
    """Time as the crawl sees it, so that tests need none."""

    def now(self) -> float:
        """Seconds since 1970."""

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """Wait for a condition (held by the caller) at most this long; coming back early is fine."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """Wait for a condition, in short pieces."""
        condition.wait(min(max(seconds, 0.0), _LONGEST_WAIT))


@dataclass(slots=True)
class Lane:
    """One host in a run: its pace, and when it may be asked next. rest_reason is why it no longer is, else ''."""

    name: str
    state: HostState = field(default_factory=HostState)
    ready_at: float = 0.0
    rest_reason: str = ""
    robots_attempts: int = 0


class Lanes:
    """The hosts of a run. A lane that was taken is given back, or put to rest, by the thread that took it."""

    def __init__(self, clock: Clock, stop: threading.Event) -> None:
        self._clock, self._stop = clock, stop
        self._condition = threading.Condition()
        self._lanes: dict[str, Lane] = {}
        self._queue: list[tuple[float, str]] = []
        self._queued: set[str] = set()
        self._busy: set[str] = set()
        self._woken: set[str] = set()
        self._is_closed = False

    def open(self, name: str, state: HostState) -> None:
        """Make a host known, ready at once; one that is known keeps its state."""
        with self._condition:
            if name not in self._lanes:
                self._lanes[name] = Lane(name, state)
                self._push(self._lanes[name])

    def wake(self, names: Iterable[str]) -> list[str]:
        """New work for these hosts. Returns those that are not known yet: open them."""
        unknown = []
        with self._condition:
            for name in names:
                lane = self._lanes.get(name)
                if lane is None:
                    unknown.append(name)
                elif name in self._busy:
                    self._woken.add(name)
                elif not lane.rest_reason:
                    self._push(lane)
        return unknown

    def take(self) -> Lane | None:
        """The next host whose time has come, waiting for it; None when nothing is left to do or the crawl stops."""
        with self._condition:
            while not (self._stop.is_set() or self._is_closed):
                if self._queue and self._queue[0][0] <= self._clock.now():
                    _, name = heapq.heappop(self._queue)
                    self._queued.discard(name)
                    self._busy.add(name)
                    return self._lanes[name]
                if not self._queue and not self._busy:
                    self._condition.notify_all()
                    return None
                until = self._queue[0][0] - self._clock.now() if self._queue else _LONGEST_WAIT
                self._clock.wait(self._condition, until)
            return None

    def give_back(self, lane: Lane, ready_at: float | None) -> None:
        """Let a host go on at a time; None: it has no work unless some came meanwhile."""
        with self._condition:
            self._busy.discard(lane.name)
            was_woken = lane.name in self._woken
            self._woken.discard(lane.name)
            if ready_at is not None:
                lane.ready_at = ready_at
            if not lane.rest_reason and (ready_at is not None or was_woken):
                self._push(lane)
            self._condition.notify_all()

    def delay(self, name: str, ready_at: float) -> None:
        """Keep a host from being asked before a time: something was just asked of it by way of another host."""
        with self._condition:
            lane = self._lanes.get(name)
            if lane is not None:
                lane.ready_at = max(lane.ready_at, ready_at)

    def close(self) -> None:
        """Hand out no more hosts."""
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()

    @property
    def open_count(self) -> int:
        """Hosts with work left or in hand."""
        with self._condition:
            return len(self._queue) + len(self._busy)

    def list_resting(self) -> tuple[tuple[str, str], ...]:
        """Hosts that were put to rest, and why."""
        with self._condition:
            return tuple(sorted((lane.name, lane.rest_reason) for lane in self._lanes.values() if lane.rest_reason))

    def _push(self, lane: Lane) -> None:
        if lane.name not in self._queued:
            self._queued.add(lane.name)
            heapq.heappush(self._queue, (lane.ready_at, lane.name))
            self._condition.notify()
