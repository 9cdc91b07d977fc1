"""Runs that the daemon launched: killed with their code server and daemon, and at work beside `touming run`."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
import yaml

from pipeline.definitions import defs
from pipeline.orchestration.dead_runs import PROCESS_TAG
from pipeline.orchestration.nightly import run_nightly
from pipeline.paths import REPO_ROOT, DataPaths
from tests.pipeline.nights_for_tests import (
    SAMPLES,
    SECONDS_TO_END,
    TOUMING,
    copy_night,
    end_group,
    list_leftovers,
    list_stuck,
    read_build_id,
    read_state,
    start_python,
    surroundings,
)

FIRST, SECOND = SAMPLES[:2], SAMPLES[3:4]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance as the checkout describes it, whose runs wait in the queue of the daemon."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copyfile(REPO_ROOT / "dagster.yaml", folder / "dagster.yaml")
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    return folder


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    paths = DataPaths(tmp_path / "data")
    paths.inbox.mkdir(parents=True)
    put(paths, FIRST)
    return paths


def put(paths: DataPaths, documents: list[Path]) -> None:
    for path in documents:
        shutil.copyfile(path, paths.inbox / path.name)


class Deployment:
    """A code server and a daemon of an instance, each in a group of its own."""

    def __init__(self, home: Path, paths: DataPaths) -> None:
        self._home, self._environment = home, surroundings(paths, home)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        server = {"host": "127.0.0.1", "port": self._port, "location_name": "touming"}
        self._workspace = home / "workspace.yaml"
        self._workspace.write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}))
        self._processes: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Deployment:
        self._start("dagster", "api", "grpc", "-m", "pipeline.definitions", "-h", "127.0.0.1", "-p", str(self._port))
        wait_for(self._is_serving)
        self._start("dagster._daemon", "run", "-w", str(self._workspace))
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def launch(self) -> str:
        """Put the job nightly into the queue; the id of its run, once its process is at work."""
        known = {run.run_id for run in self._read_runs()}
        command = ["-m", "dagster", "job", "launch", "-w", str(self._workspace), "-j", "nightly"]
        done = subprocess.run(
            [sys.executable, *command],
            env=self._environment,
            cwd=REPO_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        (run_id,) = {run.run_id for run in self._read_runs()} - known
        wait_for(lambda: PROCESS_TAG in self.read_run(run_id).tags)
        return run_id

    def read_run(self, run_id: str) -> dg.DagsterRun:
        return next(run for run in self._read_runs() if run.run_id == run_id)

    def kill(self) -> None:
        """SIGKILL for the daemon, the code server and the runs in it, at once."""
        for process in self._processes:
            end_group(process)
        self._processes.clear()

    def _start(self, *module: str) -> None:
        self._processes.append(
            subprocess.Popen(
                [sys.executable, "-m", *module],
                env=self._environment,
                cwd=REPO_ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
        )

    def _is_serving(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self._port)) == 0

    def _read_runs(self) -> list[dg.DagsterRun]:
        with dg.DagsterInstance.from_config(str(self._home)) as instance:
            return list(instance.get_runs())


def wait_for(condition: Callable[[], bool]) -> None:
    never, deadline = threading.Event(), time.monotonic() + SECONDS_TO_END
    while not condition():
        assert time.monotonic() < deadline
        never.wait(0.3)


def test_a_run_of_the_daemon_beside_one_of_touming_and_killed_with_its_server(home, paths, tmp_path) -> None:
    with Deployment(home, paths) as deployment:
        launched = deployment.launch()
        beside = start_python(TOUMING, paths, home=home)
        out, err = beside.communicate(timeout=SECONDS_TO_END)
        assert beside.returncode == 0, out + err
        wait_for(lambda: deployment.read_run(launched).is_finished)
        assert deployment.read_run(launched).is_success
        assert list_leftovers(paths) == []
        both = read_state(paths)

        alone = copy_night(paths, tmp_path / "alone")
        shutil.rmtree(alone.warehouse)
        put(paths, SECOND)
        killed = deployment.launch()
        deployment.kill()
        assert read_build_id(paths) == both.build_id
        assert killed in list_stuck(home)

    assert run_nightly(defs, alone, [alone.inbox]).failed_steps == ()
    assert read_state(alone) == both
    assert killed not in list_stuck(home)
    assert run_nightly(defs, paths, [paths.inbox]).failed_steps == ()
    put(alone, SECOND)
    assert run_nightly(defs, alone, [alone.inbox]).failed_steps == ()
    assert read_state(paths) == read_state(alone) != both
    assert list_leftovers(paths) == []
    assert list_stuck(home) == []
