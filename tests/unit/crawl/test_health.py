from __future__ import annotations

import datetime as dt

import pytest

from pipeline.crawl.health import read_health, read_status
from pipeline.crawl.model import Outcome
from pipeline.paths import DataPaths
from tests.unit.crawl.fakes import COLUMN, EVENING, FakePage, FakeSites, make_source, publish_reports, run_crawl


def test_before_the_first_crawl_nothing_is_known_and_nothing_made(paths: DataPaths) -> None:
    status = read_status(paths, [make_source()])
    assert (status.last_run, status.state_counts, status.health_counts) == ({}, {}, {"never": 1})
    assert not paths.frontier.exists()


def test_a_healthy_source_shows_what_it_has(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites)
    run_crawl(paths, sites)
    (health,) = read_health(paths, [make_source()])
    assert (health.health_code, health.family, health.report_count, health.attachment_count) == (
        "ok",
        "trs_static",
        3,
        1,
    )
    assert (health.kept_count, health.waiting_count, health.message) == (4, 0, "")
    assert health.last_ok_at is not None
    assert abs((health.last_ok_at - dt.datetime.fromtimestamp(EVENING, dt.UTC)).total_seconds()) < 60


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (FakePage(outcome=Outcome.WAF_403, status=403), "refused"),
        (FakePage(outcome=Outcome.GONE, status=404), "missing"),
        (FakePage(outcome=Outcome.SOFT404), "missing"),
        (FakePage(outcome=Outcome.CONNECT_TIMEOUT, status=None), "failing"),
        (FakePage("<html><body><p>暂无内容</p></body></html>".encode()), "empty"),
    ],
)
def test_an_unwell_source_says_how(paths: DataPaths, sites: FakeSites, page: FakePage, code: str) -> None:
    sites.pages[COLUMN] = page
    run_crawl(paths, sites)
    (health,) = read_health(paths, [make_source()])
    assert health.health_code == code
    assert health.message


def test_status_tells_the_last_run(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites)
    sites.pages[COLUMN].body += b"<script>createPageHTML(1, 0, 'index', 'html', 'black2', 9);</script>"
    run_crawl(paths, sites)
    status = read_status(paths, [make_source()])
    assert (status.last_run["attempt_count"], status.state_counts, status.health_counts) == (5, {"done": 5}, {"ok": 1})
    assert status.last_run["ended_at"] > status.last_run["started_at"]
