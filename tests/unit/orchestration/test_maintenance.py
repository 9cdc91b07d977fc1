from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipeline.archive.captures import CaptureLog, make_capture
from pipeline.archive.origins import Origins
from pipeline.definitions import defs
from pipeline.facts.batch_rows import write_batches
from pipeline.facts.encoded import encode_rows
from pipeline.facts.rows import failed_rows
from pipeline.facts.stages import merge_partition, read_manifest
from pipeline.issues import Issue, IssueCode
from pipeline.orchestration.instance import open_instance, run_job
from pipeline.orchestration.maintenance import run_maintenance
from pipeline.orchestration.purging import RunRetention, purge_runs
from pipeline.paths import DataPaths

NOW = dt.datetime.now(dt.UTC)
NAMES = [f"{number:016x}" for number in range(20)]


@dg.op
def speak() -> None:
    sys.stdout.write("spoken")


@dg.op
def fail() -> None:
    raise LookupError("nothing there")


@dg.job
def speaking() -> None:
    speak()


@dg.job
def failing() -> None:
    fail()


@dg.asset
def made() -> None:
    pass


@pytest.fixture
def instance(paths: DataPaths, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.delenv("DAGSTER_HOME")
    with open_instance(paths) as opened:
        yield opened


def later(days: int) -> dt.datetime:
    return NOW + dt.timedelta(days=days)


def files_of(instance: dg.DagsterInstance, run_id: str) -> list[Path]:
    return [path for path in Path(instance.root_directory).rglob("*") if run_id in str(path)]


def test_old_runs_go_with_their_events_and_logs(instance):
    run_id = run_job(instance, speaking).run_id
    assert files_of(instance, run_id)
    assert purge_runs(instance, later(89), RunRetention()).deleted == ()
    assert purge_runs(instance, later(91), RunRetention()).deleted == (run_id,)
    assert instance.get_run_by_id(run_id) is None
    assert files_of(instance, run_id) == []


def test_failed_runs_stay_longer(instance):
    run_id = run_job(instance, failing).run_id
    assert purge_runs(instance, later(364), RunRetention()).deleted == ()
    assert purge_runs(instance, later(366), RunRetention()).deleted == (run_id,)


def test_runs_that_have_not_ended_stay(instance):
    run_id = instance.create_run_for_job(speaking).run_id
    assert purge_runs(instance, later(5000), RunRetention(1, 1)).deleted == ()
    assert instance.get_run_by_id(run_id) is not None


def test_the_run_in_which_an_asset_was_last_made_stays(instance):
    first, last = (dg.materialize([made], instance=instance).run_id for _ in range(2))
    summary = purge_runs(instance, later(100), RunRetention())
    assert (summary.deleted, summary.kept) == ((first,), (last,))
    assert instance.get_latest_materialization_event(dg.AssetKey("made"))


def test_more_runs_than_a_page_go(instance, monkeypatch):
    monkeypatch.setattr("pipeline.orchestration.purging._PAGE_RUNS", 2)
    runs = {run_job(instance, speaking).run_id for _ in range(3)}
    assert set(purge_runs(instance, later(91), RunRetention()).deleted) == runs


def test_months_and_batches_are_packed(paths, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.delenv("DAGSTER_HOME")
    CaptureLog(paths.captures).append(
        make_capture("page", "ab" * 32, dt.datetime(2020, 1, 1, tzinfo=dt.UTC), "text/html", 1)
    )
    for name in NAMES:
        crashed = failed_rows(name, "2022", Issue(IssueCode.READER_CRASHED, "ValueError"), "html/1")
        write_batches(paths, [encode_rows([crashed])])
    merge_partition(paths, "2022", dict.fromkeys(NAMES, NOW), Origins([]))
    outcomes = run_maintenance(defs, paths, RunRetention())
    assert {name: outcome.failed_steps for name, outcome in outcomes.items()} == {"purge_runs": (), "compact": ()}
    assert [path.name for path in paths.captures.iterdir()] == ["captures-2020-01.parquet"]
    assert len({entry.batch for entry in read_manifest(paths, "2022").values()}) == 1


def test_schedules_wait_to_be_started():
    schedules = {schedule.name: schedule for schedule in defs.get_repository_def().schedule_defs}
    assert {"purge_runs", "compact"} <= set(schedules)
    assert {schedule.default_status for schedule in schedules.values()} == {dg.DefaultScheduleStatus.STOPPED}
