from __future__ import annotations

import json
import time

import pytest

from pipeline.archive.captures import CaptureLog
from pipeline.cli import crawl as crawl_command
from pipeline.crawl import agent
from pipeline.crawl import run as crawl_run
from pipeline.crawl.model import Outcome
from pipeline.sources import registry
from tests.unit.crawl.fakes import COLUMN, FakeClock, FakePage, FakeSites, NoChance, make_source, publish_reports


@pytest.fixture
def sites(monkeypatch: pytest.MonkeyPatch) -> FakeSites:
    # The plan asks the machine's clock
    sites = FakeSites(FakeClock(time.time()))
    options = crawl_run.CrawlOptions
    monkeypatch.setattr(
        registry, "load_sources", lambda paths: (make_source(), make_source("b-nb", "https://b.gov.cn/nb/"))
    )
    monkeypatch.setattr(agent, "make_fetcher", lambda sources, allowed_host=None, overrides=None: sites)
    monkeypatch.setattr(
        crawl_run,
        "CrawlOptions",
        lambda **given: options(**given, thread_count=1, clock=sites.clock, chance=NoChance()),
    )
    return sites


def test_crawling_archives_what_is_there_and_says_so(run, data, sites):
    publish_reports(sites)
    result = run("crawl", "--source", "a-nb")
    assert result.exit_code == 0
    assert "asked    5 requests of 1 sources" in result.stdout
    assert "5 new" in result.stdout
    assert len(CaptureLog(data.captures).read()) == 5
    rows = {row["source_id"]: row["health"] for row in json.loads(run("sources", "--json").stdout)}
    assert (rows["a-nb"]["health_code"], rows["a-nb"]["kept_count"]) == ("ok", 4)
    assert rows["b-nb"]["health_code"] == "never"


def test_a_dry_run_prints_the_plan_and_asks_nobody(run, data, sites):
    publish_reports(sites)
    assert [plan["list_count"] for plan in json.loads(run("crawl", "--dry-run", "--json").stdout)] == [1, 1]
    assert (sites.log, data.frontier.exists()) == ([], False)
    run("crawl", "--source", "a-nb", "--limit", "2")
    assert len(sites.log) == 2
    plan = json.loads(run("crawl", "--dry-run", "--json", "--source", "a-nb").stdout)[0]
    assert (plan["list_count"], plan["report_count"], plan["attachment_count"], plan["lanes"]) == (
        0,
        2,
        1,
        ["www.a.gov.cn"],
    )
    assert "www.a.gov.cn" in run("crawl", "--dry-run").stdout


def test_what_is_wrong_is_printed(run, sites):
    publish_reports(sites)
    sites.pages["https://b.gov.cn/nb/"] = FakePage(outcome=Outcome.CAPTCHA)
    result = run("crawl")
    assert "failed   1 captcha" in result.stdout
    assert "resting  b.gov.cn: captcha" in result.stdout
    assert "b-nb" in run("sources", "--unwell").stdout
    assert "a-nb" not in run("sources", "--unwell").stdout


def test_a_night_without_any_answer_fails(run, sites):
    sites.pages[COLUMN] = FakePage(outcome=Outcome.DNS, status=None)
    result = run("crawl", "--source", "a-nb")
    assert (result.exit_code, "night_empty" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--source", "nobody"), "source_unknown"), (("--province", "11"), "no_source")],
)
def test_a_choice_of_nothing_is_an_error(run, sites, arguments, code):
    result = run("crawl", *arguments)
    assert (result.exit_code, code in result.stderr) == (2, True)


def test_provinces_are_named_by_two_digits_or_six():
    named = {s.source_id for s in crawl_command.choose_sources((), ("410000",))}
    assert named == {s.source_id for s in crawl_command.choose_sources((), ("41",))}
    assert named
    assert all(s.division_code.startswith("41") for s in crawl_command.choose_sources((), ("41",)))


def test_who_crawls_must_be_said(run, monkeypatch):
    monkeypatch.delenv(agent.URL_VARIABLE, raising=False)
    for arguments in (("crawl",), ("probe", "https://www.a.gov.cn/")):
        result = run(*arguments)
        assert (result.exit_code, agent.URL_VARIABLE in result.stderr) == (2, True)


def test_a_probe_says_what_a_site_is_and_keeps_nothing(run, data, sites):
    reports = publish_reports(sites)
    result = run("probe", COLUMN)
    assert result.exit_code == 0
    assert "may be asked" in result.stdout
    assert "3 on this page" in result.stdout
    assert reports[0] in result.stdout
    assert not data.root.exists()
    shown = json.loads(run("probe", COLUMN, "--json").stdout)
    assert shown["family"] == "trs_static"


def test_a_probe_of_a_site_that_refuses_asks_for_no_page(run, sites):
    publish_reports(sites)
    sites.pages["https://www.a.gov.cn/robots.txt"] = FakePage(b"User-agent: *\nDisallow: /")
    result = run("probe", COLUMN)
    assert (result.exit_code, sites.log) == (4, [])
    assert "may not be asked" in result.stdout


def test_warc_is_written_whole(run, sites, tmp_path):
    publish_reports(sites)
    run("crawl", "--source", "a-nb")
    path = tmp_path / "out.warc.gz"
    result = run("warc", str(path))
    assert (result.exit_code, path.stat().st_size > 0) == (0, True)
    assert "5 records" in result.stderr
