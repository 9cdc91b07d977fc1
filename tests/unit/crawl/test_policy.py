"""Politeness as figures: pauses, Retry-After for the whole host, the breaker, budgets, the hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from pipeline.crawl.model import FetchRequest, FetchResult, Outcome
from pipeline.crawl.policy import (
    CHALLENGES,
    HOST_FAILURES,
    HostState,
    Pace,
    QuietHours,
    after_result,
    find_next_time,
    is_run_over,
    next_attempt_wait,
    next_delay,
    note_asked_delay,
)
from pipeline.sources.model import Role, SiteRequest

FRESH = HostState()
NEVER_ASKED = (Outcome.OFF_LIST, Outcome.ROBOTS, Outcome.ROBOTS_UNAVAILABLE, Outcome.UNSAFE_ADDRESS, Outcome.BUDGET)
UNANSWERED = (Outcome.DNS, Outcome.RESET, Outcome.REFUSED, *NEVER_ASKED)


def make_result(
    outcome: Outcome, *, elapsed_ms: int = 100, retry_after: float | None = None, status: int | None = None
) -> FetchResult:
    has_answered = outcome not in UNANSWERED if status is None else bool(status)
    return FetchResult(
        request=FetchRequest(SiteRequest("https://a.gov.cn/", Role.LIST)),
        outcome=outcome,
        final_url="https://a.gov.cn/",
        status=200 if has_answered else None,
        headers=(),
        body=None,
        tls_mode="strict",
        remote_address="",
        http_version="",
        elapsed_ms=elapsed_ms,
        retry_after_seconds=retry_after,
        detail="",
    )


def run(state: HostState, *outcomes: Outcome, now: float = 0.0) -> HostState:
    for outcome in outcomes:
        state = after_result(state, make_result(outcome), now)
    return state


@pytest.mark.parametrize(
    ("latency", "chance", "delay"),
    [(None, 0, 2.0), (0.1, 0, 2.0), (3.0, 0, 6.0), (60.0, 0, 30.0), (3.0, 1, 7.5), (3.0, -1, 4.5), (3.0, 99, 7.5)],
)
def test_delay_follows_the_latency_within_its_bounds(latency: float | None, chance: float, delay: float) -> None:
    assert next_delay(HostState(latency_seconds=latency), chance) == pytest.approx(delay)


@pytest.mark.parametrize("chance", [-1, 0, 1])
def test_delay_is_never_below_what_the_site_asks_for(chance: float) -> None:
    assert next_delay(note_asked_delay(FRESH, 20.0), chance) == 20.0
    assert next_delay(note_asked_delay(note_asked_delay(FRESH, 20.0), 5.0), chance) == 20.0
    assert note_asked_delay(FRESH, None) == FRESH


def test_latency_is_a_moving_average_of_answers_alone() -> None:
    state = after_result(FRESH, make_result(Outcome.STORED, elapsed_ms=1_000), 0)
    assert state.latency_seconds == 1.0
    assert after_result(state, make_result(Outcome.STORED, elapsed_ms=2_000), 0).latency_seconds == pytest.approx(1.3)
    assert after_result(state, make_result(Outcome.RESET, elapsed_ms=60_000), 0).latency_seconds == 1.0


def test_pause_doubles_after_a_refusal_and_recovers() -> None:
    once = run(FRESH, Outcome.RATE_LIMITED)
    twice = run(once, Outcome.RATE_LIMITED)
    assert (next_delay(once, 0), next_delay(twice, 0)) == (4.0, 8.0)
    assert run(FRESH, *[Outcome.RATE_LIMITED, Outcome.STORED] * 40).slowdown <= 16.0
    assert next_delay(run(twice, *[Outcome.STORED] * 30), 0) == 2.0


@pytest.mark.parametrize("outcome", [Outcome.RATE_LIMITED, Outcome.SERVER_5XX])
def test_retry_after_holds_for_the_whole_host(outcome: Outcome) -> None:
    state = after_result(FRESH, make_result(outcome, retry_after=120), 1_000.0)
    assert (state.not_before, state.resting) == (1_120.0, None)
    assert find_next_time(state, 1_000.0, 0) == 1_120.0
    assert find_next_time(state, 1_500.0, 0) == 1_500.0 + next_delay(state, 0)


def test_retry_after_beyond_ten_minutes_is_another_night() -> None:
    assert after_result(FRESH, make_result(Outcome.RATE_LIMITED, retry_after=601), 0).resting == Outcome.RATE_LIMITED
    assert after_result(FRESH, make_result(Outcome.RATE_LIMITED, retry_after=600), 0).resting is None


@pytest.mark.parametrize("outcome", sorted(HOST_FAILURES))
def test_fifth_failure_in_a_row_lets_the_host_rest(outcome: Outcome) -> None:
    assert run(FRESH, *[outcome] * 4).resting is None
    assert run(FRESH, *[outcome] * 5).resting == outcome


def test_answer_between_failures_keeps_the_host_in() -> None:
    assert run(FRESH, *[Outcome.RESET, Outcome.RESET, Outcome.RESET, Outcome.RESET, Outcome.GONE] * 5).resting is None


@pytest.mark.parametrize("outcome", sorted(CHALLENGES))
def test_first_challenge_lets_the_host_rest(outcome: Outcome) -> None:
    assert run(FRESH, outcome).resting == outcome
    assert next_attempt_wait(outcome, 1, 0) is None


@pytest.mark.parametrize("outcome", NEVER_ASKED)
def test_what_was_not_asked_is_not_counted(outcome: Outcome) -> None:
    state = run(FRESH, Outcome.RESET)
    assert run(state, outcome) == state


def test_redirect_into_what_is_never_asked_has_asked_the_host() -> None:
    assert after_result(FRESH, make_result(Outcome.UNSAFE_ADDRESS, status=302), 0).request_count == 1


def test_host_budget() -> None:
    pace = Pace(host_budget=3)
    state = FRESH
    for _ in range(3):
        assert state.resting is None
        state = after_result(state, make_result(Outcome.STORED), 0, pace)
    assert state.resting == Outcome.BUDGET


def test_run_budget() -> None:
    assert not is_run_over(100.0, 100.0 + 6 * 3_600 - 1)
    assert is_run_over(100.0, 100.0 + 6 * 3_600)


def test_four_attempts_with_growing_waits() -> None:
    assert [next_attempt_wait(Outcome.RESET, attempt, 0) for attempt in (1, 2, 3, 4)] == [5.0, 30.0, 120.0, None]
    assert next_attempt_wait(Outcome.RESET, 2, 1) == 37.5
    assert next_attempt_wait(Outcome.GONE, 1, 0) is None
    assert next_attempt_wait(Outcome.TLS_CERT, 1, 0) is None


@pytest.mark.parametrize(
    ("utc", "holds"),
    [
        ("2026-03-01T13:59:00", False),  # 21:59 in China
        ("2026-03-01T14:00:00", True),  # 22:00
        ("2026-03-01T21:59:59", True),  # 05:59:59 of the day after
        ("2026-03-01T22:00:00", False),  # 06:00
    ],
)
def test_quiet_hours_are_those_of_the_sites(utc: str, holds: bool) -> None:
    now = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert QuietHours().holds(now) is holds


def test_hours_within_a_day_and_the_whole_day() -> None:
    noon = datetime(2026, 3, 1, 4, tzinfo=UTC)
    assert QuietHours(time(11), time(13)).holds(noon)
    assert not QuietHours(time(13), time(14)).holds(noon)
    assert QuietHours(time(0), time(0)).holds(noon)
    assert replace(QuietHours(), begins=time(6)).holds(noon)
