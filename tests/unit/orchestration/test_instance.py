import os
import subprocess
import sys
import time

import dagster as dg
import pytest
import yaml
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from sqlalchemy.exc import OperationalError

from pipeline.orchestration import dead_runs as module
from pipeline.orchestration.dead_runs import PROCESS_TAG, name_process, release_dead_runs
from pipeline.orchestration.home import InstanceUnavailableError, prepare_home
from pipeline.orchestration.instance import (
    WRITER_POOL,
    RunHistoryUnwritable,
    open_instance,
    run_job,
    run_on_instance,
)
from pipeline.orchestration.resources import DataFolder
from pipeline.paths import REPO_ROOT, DataPaths


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


@dg.op(pool="another")
def wait_for_a_place() -> None:
    """Nobody has made this pool."""


@dg.job
def pooled() -> None:
    wait_for_a_place()


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
        alive = start_run(instance, name_process(os.getpid()))
        elsewhere = start_run(instance, f"another-machine:{child.pid}:1")
        assert release_dead_runs(instance) == [dead]
        assert instance.get_run_by_id(dead).status is dg.DagsterRunStatus.FAILURE
        for run_id in (alive, elsewhere):
            assert instance.get_run_by_id(run_id).status is not dg.DagsterRunStatus.FAILURE


def test_a_process_that_ended_and_nobody_asked_after_is_dead():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        process = name_process(child.pid)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, and still listed
        with dg.DagsterInstance.ephemeral() as instance:
            dead = start_run(instance, process)
            assert release_dead_runs(instance) == [dead]


def test_places_of_runs_that_ended_are_given_back():
    """Whoever ended them may have been killed before that."""
    with dg.DagsterInstance.ephemeral() as instance:
        slots = instance.event_log_storage
        slots.set_concurrency_slots("writer", 1)
        run = instance.create_run_for_job(counting)
        assert slots.claim_concurrency_slot("writer", run.run_id, "merge").is_claimed
        instance.report_run_failed(run, "ended")
        assert release_dead_runs(instance) == []
        assert slots.get_concurrency_run_ids() == set()


def test_a_run_that_waits_for_a_killed_one_is_let_in(monkeypatch):
    monkeypatch.setattr(module, "_WATCH_SECONDS", 0.01)
    with dg.DagsterInstance.local_temp() as instance, module.releasing_dead_runs(instance):
        dead = start_run(instance, f"{module.socket.gethostname()}:{2**22}:1")
        deadline = time.monotonic() + 60
        while instance.get_run_by_id(dead).status is not dg.DagsterRunStatus.FAILURE:
            assert time.monotonic() < deadline


def test_the_sensor_ends_dead_runs_and_launches_nothing():
    with dg.DagsterInstance.ephemeral() as instance:
        dead = start_run(instance, f"{module.socket.gethostname()}:{2**22}:1")
        skipped = module.dead_runs_sensor(dg.build_sensor_context(instance=instance))
        assert skipped.skip_message == f"ended {dead}"
        assert instance.get_run_by_id(dead).status is dg.DagsterRunStatus.FAILURE


def test_every_run_says_which_process_executes_it(paths):
    @dg.op
    def look(context: dg.OpExecutionContext, data: DataFolder) -> None:
        assert context.instance.get_run_by_id(context.run_id).tags[PROCESS_TAG] == name_process(os.getpid())

    @dg.job(resource_defs={"data": DataFolder(root=str(paths.root))})
    def looking() -> None:
        look()

    with dg.DagsterInstance.ephemeral() as instance:
        assert looking.execute_in_process(instance=instance).success


def test_a_home_that_cannot_be_written_is_an_outcome(paths, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("DAGSTER_HOME", "")
    blocked = DataPaths(tmp_path / "file")
    (step,) = run_on_instance(blocked, counting).failed_steps
    assert step.error_class == "RunHistoryUnwritable"
    assert "write access" in step.message


def refuse(storage: object, pool: str) -> bool:
    raise OperationalError("INSERT", {}, Exception("the transaction is aborted"))


def test_the_pool_is_there_before_any_run_asks_for_it(paths, monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with open_instance(paths) as instance:
        assert instance.event_log_storage.get_concurrency_keys() == {WRITER_POOL}


def test_a_pool_that_another_process_makes_at_the_same_time_is_taken(paths, monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    make = SqlEventLogStorage.initialize_concurrency_limit_to_default

    def be_second(storage, pool):
        make(storage, pool)
        return refuse(storage, pool)

    monkeypatch.setattr(SqlEventLogStorage, "initialize_concurrency_limit_to_default", be_second)
    with open_instance(paths) as instance:
        assert instance.event_log_storage.get_concurrency_keys() == {WRITER_POOL}


def test_a_pool_that_cannot_be_made_ends_it_before_a_run_begins(paths, monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.setattr(SqlEventLogStorage, "initialize_concurrency_limit_to_default", refuse)
    with pytest.raises(RunHistoryUnwritable, match="the transaction is aborted"), open_instance(paths):
        pass


def test_a_run_that_fails_outside_its_steps_says_why(paths, monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with open_instance(paths) as instance:
        monkeypatch.setattr(SqlEventLogStorage, "initialize_concurrency_limit_to_default", refuse)
        (failed,) = run_job(instance, pooled).failed_steps
    assert failed.step == "pooled"
    assert "outside its steps" in failed.message
    assert "the transaction is aborted" in failed.message
