from __future__ import annotations

import datetime as dt

import dagster as dg
import pytest

from pipeline.archive.captures import CaptureLog
from pipeline.archive.store import BlobStore
from pipeline.crawl.model import Outcome
from pipeline.orchestration import crawl_asset
from pipeline.orchestration.crawl_asset import CRAWL, crawl_sites
from pipeline.orchestration.jobs import CHINA, crawl_schedule
from pipeline.orchestration.partitions import PROVINCES
from pipeline.orchestration.resources import DataFolder
from pipeline.paths import DataPaths
from tests.unit.crawl.fakes import COLUMN, FakeClock, FakePage, FakeSites, NoChance, make_source, publish_reports


@pytest.fixture
def sites(monkeypatch: pytest.MonkeyPatch) -> FakeSites:
    sites = FakeSites(FakeClock())
    options = crawl_asset.CrawlOptions

    def make_options(**given: object) -> object:
        return options(**given, thread_count=1, clock=sites.clock, chance=NoChance())  # type: ignore[arg-type]

    monkeypatch.setattr(crawl_asset, "load_sources", lambda paths: (make_source(), make_source("b-nb", COLUMN + "b/")))
    monkeypatch.setattr(crawl_asset, "make_fetcher", lambda sources, overrides: sites)
    monkeypatch.setattr(crawl_asset, "CrawlOptions", make_options)
    return sites


def run_asset(paths: DataPaths, partition: str = "410000", **config: object) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [crawl_sites],
        partition_key=partition,
        resources={"data": DataFolder(root=str(paths.root))},
        run_config={"ops": {"raw__crawl": {"config": config}}},
        raise_on_error=False,
    )


def read_checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {one.check_name: one.passed for one in result.get_asset_check_evaluations()}


def test_a_crawl_shows_its_numbers_and_passes_its_checks(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites)
    result = run_asset(paths, source_ids=["a-nb"])
    assert result.success
    assert set(read_checks(result).values()) == {True}
    (event,) = result.asset_materializations_for_node("raw__crawl")
    assert event.metadata["new"].value == 5
    assert (event.metadata["requests"].value, event.metadata["complete"].value) == (5, True)
    assert len(CaptureLog(paths.captures).read()) == 5


def test_provinces_hold_their_own_sources(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites)
    result = run_asset(paths, "110000")
    assert (result.success, sites.log) == (True, [])
    assert len(PROVINCES.get_partition_keys()) == 34


def test_what_is_wrong_is_a_warning(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites)
    sites.pages[COLUMN + "b/"] = FakePage(outcome=Outcome.CHALLENGE_JSL, status=521)
    result = run_asset(paths)
    assert result.success
    failing = {name for name, passed in read_checks(result).items() if not passed}
    assert "hosts_let_themselves_be_asked" in failing


def test_missing_bytes_are_an_error(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites)
    run_asset(paths, source_ids=["a-nb"])
    sha256 = CaptureLog(paths.captures).read()[0].sha256
    assert sha256 is not None
    BlobStore(paths.blobs).path_of(sha256).unlink()
    assert read_checks(run_asset(paths, source_ids=["a-nb"]))["captured_bytes_are_there"] is False


def test_a_night_in_which_nobody_answers_fails(paths: DataPaths, sites: FakeSites) -> None:
    sites.pages[COLUMN] = FakePage(outcome=Outcome.DNS, status=None)
    result = run_asset(paths, source_ids=["a-nb"])
    assert not result.success
    assert "none of 4 requests was answered" in str(result.failure_data_for_node("raw__crawl"))


@pytest.mark.parametrize(
    ("day", "runs"), [((2026, 1, 9), False), ((2026, 1, 10), True), ((2026, 4, 15), True), ((2026, 4, 19), True)]
)
def test_the_schedule_keeps_to_the_season_and_to_sundays(day: tuple[int, int, int], runs: bool) -> None:
    assert crawl_schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    evening = dt.datetime(*day, 22, tzinfo=CHINA)
    request = crawl_schedule(dg.build_schedule_context(scheduled_execution_time=evening))
    assert isinstance(request, dg.RunRequest if runs else dg.SkipReason)
    if isinstance(request, dg.RunRequest):
        assert request.tags["dagster/asset_partition_range_start"] == "110000"
        assert request.tags["dagster/asset_partition_range_end"] == PROVINCES.get_partition_keys()[-1]


def test_the_asset_is_no_part_of_the_nightly_job() -> None:
    from pipeline.definitions import defs

    assert CRAWL not in defs.resolve_job_def("nightly").asset_layer.executable_asset_keys
    assert CRAWL in defs.resolve_job_def("crawl").asset_layer.executable_asset_keys
