from __future__ import annotations

import os
import subprocess
import sys

import dagster as dg
import pytest
import yaml

from pipeline.orchestration import instance as module
from pipeline.orchestration.home import InstanceUnavailableError, prepare_home
from pipeline.orchestration.instance import PROCESS_TAG, release_dead_runs, release_orphaned_runs, run_job
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


def test_home_in_the_data_folder_follows_the_checkout_also_when_it_is_named(paths, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(paths.dagster_home))
    paths.dagster_home.mkdir(parents=True)
    (paths.dagster_home / "dagster.yaml").write_text("telemetry: {enabled: true}")
    assert prepare_home(paths) == paths.dagster_home
    assert (paths.dagster_home / "dagster.yaml").read_bytes() == (REPO_ROOT / "dagster.yaml").read_bytes()
    assert [path.name for path in paths.dagster_home.iterdir()] == ["dagster.yaml"]


def test_a_named_database_brings_the_settings_of_production(paths, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(paths.dagster_home))
    monkeypatch.setenv("TOUMING_POSTGRES_URL", "postgresql+psycopg2://nobody@127.0.0.1:1/none")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    settings = yaml.safe_load((prepare_home(paths) / "dagster.yaml").read_text())
    assert settings["storage"] == {"postgres": {"postgres_url": {"env": "TOUMING_POSTGRES_URL"}}}


def test_a_named_database_without_its_packages_is_refused(paths, monkeypatch):
    monkeypatch.setenv("TOUMING_POSTGRES_URL", "postgresql+psycopg2://nobody@127.0.0.1:1/none")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InstanceUnavailableError, match="psycopg2") as refused:
        prepare_home(paths)
    assert refused.value.code == "postgres_missing"
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
        alive = start_run(instance, module._name_process(os.getpid()))
        elsewhere = start_run(instance, f"another-machine:{child.pid}:1")
        assert release_dead_runs(instance) == [dead]
        assert instance.get_run_by_id(dead).status is dg.DagsterRunStatus.FAILURE
        for run_id in (alive, elsewhere):
            assert instance.get_run_by_id(run_id).status is not dg.DagsterRunStatus.FAILURE


def test_runs_of_a_code_server_are_ended_before_the_next_one_starts():
    with dg.DagsterInstance.ephemeral() as instance:
        mine = start_run(instance, module._name_process(os.getpid()))
        launched = instance.create_run_for_job(counting, tags={".dagster/grpc_info": "{}"}).run_id
        assert release_orphaned_runs(instance) == [launched]
        assert instance.get_run_by_id(launched).status is dg.DagsterRunStatus.FAILURE
        assert instance.get_run_by_id(mine).status is not dg.DagsterRunStatus.FAILURE
