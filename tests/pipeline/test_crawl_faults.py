"""A crawl through everything that goes wrong on a line: what can be had is had, the rest has its right name."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from pipeline.crawl.limits import FetchLimits
from pipeline.crawl.model import Outcome
from pipeline.crawl.policy import Pace
from tests.pipeline.crawls_for_tests import (
    crawl_sites,
    find_outcomes,
    find_stored,
    list_captures,
    list_damaged_files,
    make_fetcher,
)
from tests.sites import (
    CHALLENGES,
    FAMILIES,
    MALFORMED,
    Faults,
    RunningSite,
    SitePlan,
    list_outcomes,
    start_site,
    start_sites,
)
from tests.sites.certificates import TLS_KINDS, explain_absence
from tests.sites.faults import MALFORMED_DOCUMENTS, ODD, PERMANENT, TRANSIENT

# Faults here are of documents, not of hosts: a few in a row must not close one
PATIENT = Pace(
    least_delay=0.02,
    longest_delay=0.2,
    latency_factor=0.0,
    jitter_share=0.25,
    retry_waits=(0.1, 0.2, 0.4),
    largest_slowdown=4.0,
    breaker_failures=1_000,
    longest_retry_after=5.0,
)


def assert_had(root: Path, site: RunningSite) -> None:
    """All that can be had is stored, and of the rest every attempt's outcome is one that names its fault."""
    stored, outcomes = find_stored(root), find_outcomes(root)
    assert sorted(site.obtainable - stored.keys()) == [], site.plan
    assert list_damaged_files(root, site, {url: sha for url, sha in stored.items() if url in site.obtainable}) == []
    for url, names in site.unavailable.items():
        # A file of a page that cannot be had is not known to the crawl
        assert url not in stored, site.faults_by_url[url]
        if url in outcomes:
            assert outcomes[url] in {Outcome[name] for name in names}, (url, site.faults_by_url[url])


def test_documents_with_every_kind_of_fault(tmp_path: Path) -> None:
    plans = [
        SitePlan(
            family,
            documents=42,
            first_number=60 * number,
            per_page=15,
            charset=("utf-8", "gb18030")[number % 2],
            faults=Faults(share=0.5, seed=number, retry_after="0", trickle_seconds=0.05),
        )
        for number, family in enumerate(FAMILIES)
    ]
    with start_sites(plans) as sites:
        summary = crawl_sites(tmp_path, sites, pace=PATIENT)
        for site in sites:
            assert_had(tmp_path, site)
            # The pause that the pace asks for, less the jitter, as the server sees it
            assert min(site.list_gaps()) >= PATIENT.least_delay * (1 - PATIENT.jitter_share)
        suffered = {kind for site in sites for kind in site.faults_by_url.values()}
        assert suffered == {*TRANSIENT, *ODD, *MALFORMED_DOCUMENTS, *PERMANENT}
        assert summary.waiting_count == 0
        assert summary.resting == ()


@pytest.mark.parametrize("kind", MALFORMED)
def test_each_malformed_answer_is_read_or_has_its_name(tmp_path: Path, kind: str) -> None:
    with start_site("trs_static", documents=1, faults=Faults(share=1.0, kinds=(kind,))) as site:
        crawl_sites(tmp_path, [site])
        page = next(iter(site.expected_reports))
        if kind == "status_521":
            assert find_outcomes(tmp_path)[page] in (Outcome.SERVER_5XX, Outcome.CHALLENGE_JSL)
        elif list_outcomes(kind):
            assert find_outcomes(tmp_path)[page] in {Outcome[name] for name in list_outcomes(kind)}
        else:
            assert page in find_stored(tmp_path)


def test_a_host_that_asks_for_a_pause_has_it_whole(tmp_path: Path) -> None:
    faults = [Faults(share=1.0, kinds=(kind,), retry_after="1") for kind in ("busy_503", "limited_429")]
    with start_sites([SitePlan("trs_static", documents=1, faults=each) for each in faults]) as sites:
        crawl_sites(tmp_path, sites)
        for site in sites:
            assert site.expected <= find_stored(tmp_path).keys()
            seen: set[str] = set()
            for visit, following in itertools.pairwise(site.log):
                if visit.path not in seen and visit.path != "/robots.txt":
                    assert following.time - visit.time >= 1.0, "the host was asked for something else in its pause"
                seen.add(visit.path)


@pytest.mark.parametrize("kind", CHALLENGES)
def test_a_challenge_is_named_and_the_host_left_alone_after_one_request(tmp_path: Path, kind: str) -> None:
    with start_site("trs_static", challenge=kind) as site:
        summary = crawl_sites(tmp_path, [site])
        assert [visit.path for visit in site.log] == ["/robots.txt", "/zfxxgk/zfxxgknb/"]
        (name,) = CHALLENGES[kind]
        assert [reason for _, reason in summary.resting] == [Outcome[name]]
        assert find_stored(tmp_path) == {}


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("disallow", Outcome.ROBOTS),
        ("error_500", Outcome.ROBOTS_UNAVAILABLE),
        ("forbidden", Outcome.ROBOTS_UNAVAILABLE),
        ("closed", Outcome.ROBOTS_UNAVAILABLE),
    ],
)
def test_robots_that_forbid_or_cannot_be_had_close_the_host(tmp_path: Path, state: str, outcome: Outcome) -> None:
    with start_site("trs_static", robots=state) as site:
        crawl_sites(tmp_path, [site])
        assert {visit.path for visit in site.log} == {"/robots.txt"}
        assert find_outcomes(tmp_path) == {site.column_url: outcome}


@pytest.mark.parametrize("state", ["none", "allow", "private", "html", "redirect", "huge"])
def test_robots_that_permit_are_kept_to(tmp_path: Path, state: str) -> None:
    with start_site("trs_static", documents=9, robots=state) as site:
        crawl_sites(tmp_path, [site])
        assert site.expected <= find_stored(tmp_path).keys()
        assert not [visit.path for visit in site.log if visit.path.startswith("/private/")]


def test_crawl_delay_is_kept(tmp_path: Path) -> None:
    with start_site("trs_static", documents=4, robots="allow", crawl_delay_seconds=0.4) as site:
        crawl_sites(tmp_path, [site])
        assert site.expected <= find_stored(tmp_path).keys()
        assert min(site.list_gaps()) >= 0.4


@pytest.mark.skipif(bool(explain_absence()), reason=explain_absence() or "none")
@pytest.mark.parametrize("kind", TLS_KINDS)
def test_old_encryption_is_climbed_down_to_and_written_down(tmp_path: Path, kind: str) -> None:
    mode = "noverify" if kind in ("self_signed", "weak_key") else "legacy"
    with start_site("trs_static", documents=6, tls=kind) as site:
        crawl_sites(tmp_path, [site])
        assert site.expected <= find_stored(tmp_path).keys()
        assert {each.tls_mode_code for each in list_captures(tmp_path) if each.http_status == 200} == {mode}


def test_a_dead_host_costs_the_others_nothing(tmp_path: Path) -> None:
    with start_site("trs_static", documents=9) as site:
        with start_site("vsb", documents=9) as dead:
            pass
        summary = crawl_sites(tmp_path, [site, dead])
        assert site.expected <= find_stored(tmp_path).keys()
        assert summary.alarms == ()
        assert find_outcomes(tmp_path)[dead.column_url] == Outcome.ROBOTS_UNAVAILABLE


def test_a_night_without_any_answer_is_an_alarm(tmp_path: Path) -> None:
    with start_site("vsb", documents=9) as dead:
        pass
    assert "night_empty" in [alarm.code for alarm in crawl_sites(tmp_path, [dead]).alarms]


def test_a_slow_page_is_given_up_at_its_deadline(tmp_path: Path) -> None:
    limits = FetchLimits(connect_seconds=2, read_seconds=2, total_seconds=0.5)
    with start_site("trs_static", documents=1, faults=Faults(1.0, ("trickle",), trickle_seconds=8.0)) as site:
        crawl_sites(tmp_path, [site], fetcher=make_fetcher([site], limits), pace=Pace(0.0, attempts=1))
        outcomes = find_outcomes(tmp_path)
        assert {outcomes[url] for url in site.expected_reports} == {Outcome.READ_TIMEOUT}
