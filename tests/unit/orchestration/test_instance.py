from __future__ import annotations

import os
import subprocess
import sys

import dagster as dg
import yaml

from pipeline.orchestration import dead_runs as module
from pipeline.orchestration.dead_runs import PROCESS_TAG, name_process, release_dead_runs
from pipeline.orchestration.home import prepare_home
from pipeline.orchestration.instance import run_job
from pipeline.paths import REPO_ROOT


@dg.op
def fail() -> None:
    raise LookupError("the cupboard is bare") from KeyError("spoon")


@dg.op
def count() -> dg.Output[int]:
    return dg.Output(1)


@dg.job
def failing() -> None:
    fail()


@dg.job
def counting() -> None:
    count()


def start_run(instance: dg.DagsterInstance, process: str) -> str:
    return instance.create_run_for_job(counting, tags={PROCESS_TAG: process}).run_id


def test_home_is_under_data_with_the_settings_of_the_checkout(paths, monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    home = prepare_home(paths)
    monkeypatch.delenv("DAGSTER_HOME")
    assert home == paths.dagster_home
    settings = yaml.safe_load((home / "dagster.yaml").read_text())
    assert settings["telemetry"] == {"enabled": False}
    assert settings["nux"] == {"enabled": False}
    assert settings == yaml.safe_load((REPO_ROOT / "dagster.yaml").read_text())


def test_home_of_an_operator_is_left_alone(paths, monkeypatch, tmp_path):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "theirs"))
    assert prepare_home(paths) == tmp_path / "theirs"
    assert not paths.dagster_home.exists()


def test_failed_step_is_an_outcome_with_its_cause():
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = run_job(instance, failing)
    (step,) = outcome.failed_steps
    assert step.step == "fail"
    assert step.error_class == "KeyError"


def test_success_has_no_failed_steps():
    with dg.DagsterInstance.ephemeral() as instance:
        assert run_job(instance, counting).failed_steps == ()


def test_runs_of_dead_processes_are_ended_and_others_left(monkeypatch):
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    with dg.DagsterInstance.ephemeral() as instance:
        dead = start_run(instance, f"{module.socket.gethostname()}:{child.pid}:1")
        alive = start_run(instance, name_process(os.getpid()))
        elsewhere = start_run(instance, f"another-machine:{child.pid}:1")
        assert release_dead_runs(instance) == [dead]
        assert instance.get_run_by_id(dead).status is dg.DagsterRunStatus.FAILURE
        for run_id in (alive, elsewhere):
            assert instance.get_run_by_id(run_id).status is not dg.DagsterRunStatus.FAILURE
