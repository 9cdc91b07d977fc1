"""How often a host is asked, and when it is left alone: pure decisions over a state per host.

Belongs here: pauses, back-off, the breaker, budgets, the hours. Does not belong here: clocks, chance and waiting; the
caller passes times in seconds of one clock, and chance as a number from -1 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from pipeline.crawl.model import FetchResult, Outcome

SITE_ZONE = ZoneInfo("Asia/Shanghai")

CHALLENGES = frozenset({Outcome.CHALLENGE_JSL, Outcome.CHALLENGE_RUISHU, Outcome.WAF_403, Outcome.CAPTCHA})
# The host is in trouble, or we are: several in a row and it is left alone for the night
HOST_FAILURES = frozenset(
    {
        Outcome.DNS,
        Outcome.CONNECT_TIMEOUT,
        Outcome.REFUSED,
        Outcome.RESET,
        Outcome.TLS_HANDSHAKE,
        Outcome.TLS_CERT,
        Outcome.READ_TIMEOUT,
        Outcome.TRUNCATED,
        Outcome.PROTOCOL,
        Outcome.RATE_LIMITED,
        Outcome.SERVER_5XX,
    }
)
RETRYABLE = HOST_FAILURES - {Outcome.TLS_CERT}
# Nothing was sent to the host (unless a redirect led there): its counts stay as they are
_UNASKED = frozenset(
    {Outcome.OFF_LIST, Outcome.UNSAFE_ADDRESS, Outcome.ROBOTS, Outcome.ROBOTS_UNAVAILABLE, Outcome.BUDGET}
)


@dataclass(frozen=True, slots=True)
class Pace:
    """The figures of politeness, in seconds and counts.

    The pause is latency_factor times the host's usual answer time, between the least and the longest delay, and varies
    by jitter_share either way. A night's requests to one host end at host_budget, a run's after run_seconds.
    """

    least_delay: float = 2.0
    longest_delay: float = 30.0
    latency_factor: float = 2.0
    latency_weight: float = 0.3
    jitter_share: float = 0.25
    slowdown_factor: float = 2.0
    largest_slowdown: float = 16.0
    slowdown_recovery: float = 0.9
    longest_retry_after: float = 600.0
    breaker_failures: int = 5
    host_budget: int = 2_000
    run_seconds: float = 21_600.0
    attempts: int = 4
    retry_waits: tuple[float, ...] = (5.0, 30.0, 120.0)


DEFAULT_PACE = Pace()


@dataclass(frozen=True, slots=True)
class HostState:
    """What a run knows of one host. Times are seconds of the caller's clock; latency_seconds None before an answer.

    resting is why the host is left alone for the rest of the run, None while it may be asked. asked_delay is the
    largest of Crawl-delay and the registry's own delay for it.
    """

    latency_seconds: float | None = None
    request_count: int = 0
    failure_count: int = 0
    slowdown: float = 1.0
    not_before: float = 0.0
    asked_delay: float = 0.0
    resting: Outcome | None = None


def next_delay(state: HostState, chance: float, pace: Pace = DEFAULT_PACE) -> float:
    """Seconds between the end of one request to a host and the next: never less than it asked for itself."""
    usual = min(max(pace.latency_factor * (state.latency_seconds or 0.0), pace.least_delay), pace.longest_delay)
    varied = usual * state.slowdown * (1 + pace.jitter_share * min(max(chance, -1.0), 1.0))
    return max(varied, state.asked_delay)


def find_next_time(state: HostState, ended_at: float, chance: float, pace: Pace = DEFAULT_PACE) -> float:
    """When a host may be asked again after a request that ended at a time: pause and Retry-After both kept."""
    return max(state.not_before, ended_at + next_delay(state, chance, pace))


def note_asked_delay(state: HostState, seconds: float | None) -> HostState:
    """The state with a Crawl-delay or a delay of the registry: the largest one counts, None changes nothing."""
    return state if seconds is None else replace(state, asked_delay=max(state.asked_delay, seconds))


def after_result(state: HostState, result: FetchResult, now: float, pace: Pace = DEFAULT_PACE) -> HostState:
    """The state after an attempt that ended now."""
    if result.outcome in _UNASKED and result.status is None:
        return state
    has_failed = result.outcome in HOST_FAILURES
    state = replace(
        state,
        latency_seconds=_average(state.latency_seconds, result, pace),
        request_count=state.request_count + 1,
        failure_count=state.failure_count + 1 if has_failed else 0,
        slowdown=_adapt_slowdown(state.slowdown, result.outcome, pace),
    )
    if result.retry_after_seconds is not None and has_failed:
        if result.retry_after_seconds > pace.longest_retry_after:
            return replace(state, resting=result.outcome)
        state = replace(state, not_before=max(state.not_before, now + result.retry_after_seconds))
    if result.outcome in CHALLENGES or state.failure_count >= pace.breaker_failures:
        return replace(state, resting=result.outcome)
    if state.request_count >= pace.host_budget:
        return replace(state, resting=Outcome.BUDGET)
    return state


def is_run_over(started_at: float, now: float, pace: Pace = DEFAULT_PACE) -> bool:
    """Whether a run has used up its time."""
    return now - started_at >= pace.run_seconds


def next_attempt_wait(outcome: Outcome, attempt: int, chance: float, pace: Pace = DEFAULT_PACE) -> float | None:
    """Seconds until an address is tried again after its attempt-th attempt (from 1); None where it is not tonight."""
    if outcome not in RETRYABLE or attempt >= pace.attempts:
        return None
    wait = pace.retry_waits[min(attempt, len(pace.retry_waits)) - 1]
    return wait * (1 + pace.jitter_share * min(max(chance, -1.0), 1.0))


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The hours of the sites' day in which few people use them and a crawl does not stand in anyone's way."""

    begins: time = time(22)
    ends: time = time(6)

    def holds(self, now: datetime) -> bool:
        """Whether an instant (with its zone) lies in these hours; equal ends mean the whole day."""
        clock = now.astimezone(SITE_ZONE).time()
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


def _average(latency: float | None, result: FetchResult, pace: Pace) -> float | None:
    """The moving average of answer times; attempts that brought no answer say nothing about it."""
    if result.status is None:
        return latency
    seconds = result.elapsed_ms / 1000
    return seconds if latency is None else latency + pace.latency_weight * (seconds - latency)


def _adapt_slowdown(slowdown: float, outcome: Outcome, pace: Pace) -> float:
    if outcome == Outcome.RATE_LIMITED:
        return min(slowdown * pace.slowdown_factor, pace.largest_slowdown)
    return slowdown if outcome in HOST_FAILURES else max(1.0, slowdown * pace.slowdown_recovery)
