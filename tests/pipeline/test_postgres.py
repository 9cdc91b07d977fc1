"""Dagster's records in a real PostgreSQL, as in production: a night, two at once, a restart of the server."""

from __future__ import annotations

import importlib.util
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipeline.orchestration.home import InstanceUnavailableError
from pipeline.orchestration.instance import open_instance
from pipeline.paths import REPO_ROOT, DataPaths
from tests.pipeline.postgres_for_tests import PostgresServer, start_postgres, why_not

if importlib.util.find_spec("dagster_postgres") is None or importlib.util.find_spec("psycopg2") is None:
    pytest.skip("the extra postgres is not installed (requirements-postgres.lock)", allow_module_level=True)
if reason := why_not():
    pytest.skip(reason, allow_module_level=True)

SAMPLES = sorted((REPO_ROOT / "data" / "raw" / "samples").glob("0*-*-20*"))
WRITER_STEPS = {"core", "mart", "warehouse__published"}
TOUMING = "from pipeline.cli.main import main; main()"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with start_postgres() as running:
        yield running


@pytest.fixture
def paths(server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataPaths:
    monkeypatch.setenv("TOUMING_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TOUMING_POSTGRES_URL", server.url)
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.delenv("DAGSTER_HOME")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(REPO_ROOT), *filter(None, sys.path)]))
    return DataPaths.from_environment()


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", TOUMING, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out


def list_steps(instance: dg.DagsterInstance) -> list[tuple[float, float, str, str]]:
    """(began, ended, run, step) of the steps that write, in the order in which they began."""
    kinds = {dg.DagsterEventType.STEP_START, dg.DagsterEventType.STEP_SUCCESS}
    spans = []
    for run in instance.get_runs():
        moments: dict[str, list[float]] = {}
        for entry in instance.all_logs(run.run_id, of_type=kinds):
            if entry.step_key in WRITER_STEPS:
                moments.setdefault(entry.step_key, []).append(entry.timestamp)
        spans += [(times[0], times[-1], run.run_id, step) for step, times in moments.items() if len(times) == 2]
    return sorted(spans)


def test_two_nights_at_once_write_one_after_the_other(paths):
    first, second = (start("run", str(sample)) for sample in SAMPLES[:2])
    finish(first)
    finish(second)
    with open_instance(paths) as instance:
        runs = instance.get_runs()
        assert len(runs) == 2
        assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
        spans = list_steps(instance)
        assert len({run for _, _, run, _ in spans}) == 2
        assert len(spans) == 2 * len(WRITER_STEPS)
        for (_, ended, _, _), (began, _, _, _) in itertools.pairwise(spans):
            assert began >= ended
        assert instance.get_latest_materialization_event(dg.AssetKey(["warehouse", "published"]))
    assert not (paths.dagster_home / "history").exists()


def test_what_is_switched_on_stays_on_when_the_server_restarts(paths, server):
    with open_instance(paths) as instance:
        assert instance.all_instigator_state() == []
    command = [sys.executable, "-m", "dagster", "schedule", "start", "nightly", "-m", "pipeline.definitions"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    server.stop()
    with pytest.raises(InstanceUnavailableError) as unreachable, open_instance(paths):
        pass
    assert unreachable.value.code == "postgres_unreachable"
    assert server.url not in str(unreachable.value)
    server.start()
    with open_instance(paths) as instance:
        (state,) = instance.all_instigator_state()
        assert (state.instigator_name, state.is_running) == ("nightly", True)
