from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.crawl.decisions import Answer, choose_validators, count_night, decide
from pipeline.crawl.entries import Entry, State, Visit
from pipeline.crawl.model import Outcome
from pipeline.sources.model import Role, SiteRequest
from tests.unit.crawl.fakes import DAY, EVENING

SITE = SiteRequest("https://a.gov.cn/1.html", Role.REPORT)
SEEN = Visit(etag='"1"', sha256="a" * 64, content_sha256="c" * 64)
ENTRY = Entry("k", "s", "a.gov.cn", SITE, 0, "k", visit=SEEN)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_a_state_and_a_day_to_come_back(outcome: Outcome) -> None:
    verdict = decide(ENTRY, Answer(outcome, "a" * 64, "c" * 64), EVENING)
    assert verdict.state not in (State.PENDING, State.INFLIGHT)
    assert verdict.due_at > EVENING + DAY / 2


@pytest.mark.parametrize("outcome", list(Outcome))
def test_no_failure_forgets_what_is_archived(outcome: Outcome) -> None:
    verdict = decide(ENTRY, Answer(outcome, "a" * 64, "c" * 64), EVENING)
    assert verdict.visit.sha256 == SEEN.sha256


def test_what_is_tried_again_tonight_is_waiting() -> None:
    verdict = decide(ENTRY, Answer(Outcome.RESET), EVENING, 30.0)
    assert (verdict.state, verdict.due_at, verdict.visit) == (State.PENDING, EVENING + 30, SEEN)


def test_a_site_that_fails_night_after_night_is_asked_less_and_less() -> None:
    entry, waits = ENTRY, []
    for _ in range(6):
        verdict = decide(entry, Answer(Outcome.DNS), EVENING)
        waits.append(round((verdict.due_at - EVENING) / DAY + 0.2))
        entry = replace(entry, visit=verdict.visit)
    assert waits == [1, 1, 3, 7, 30, 30]


def test_a_page_never_archived_is_not_reported_gone() -> None:
    entry = replace(ENTRY, visit=Visit(missing_count=2))
    verdict = decide(entry, Answer(Outcome.GONE), EVENING)
    assert (verdict.state, verdict.change) == (State.GONE, None)


def test_a_night_goes_past_midnight_in_china() -> None:
    ten_in_the_evening, five_in_the_morning = EVENING, EVENING + 7 * 3600
    assert count_night(ten_in_the_evening) == count_night(five_in_the_morning)
    assert count_night(ten_in_the_evening + DAY) == count_night(ten_in_the_evening) + 1


def test_now_and_then_a_page_is_asked_for_whatever_its_validators_say() -> None:
    sent = [choose_validators(replace(SEEN, unchanged_count=n))[0] for n in range(5)]
    assert sent == ['"1"', '"1"', '"1"', "", '"1"']
    assert choose_validators(Visit(etag='"1"')) == ("", "")
