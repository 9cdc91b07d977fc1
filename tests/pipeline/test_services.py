"""The three services of deploy/, started by the very commands of their units, on a PostgreSQL of the test's own."""

from __future__ import annotations

import configparser
import datetime as dt
import fcntl
import importlib.util
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.archive.captures import CaptureLog, make_capture
from pipeline.cli.production_examinations import examine_schedules
from pipeline.orchestration.instance import open_instance
from pipeline.paths import REPO_ROOT, DataPaths
from tests.pipeline.postgres_for_tests import start_postgres, why_not

if importlib.util.find_spec("dagster_postgres") is None or importlib.util.find_spec("psycopg2") is None:
    pytest.skip("the extra postgres is not installed (requirements-postgres.lock)", allow_module_level=True)
if reason := why_not():
    pytest.skip(reason, allow_module_level=True)

DEPLOY = REPO_ROOT / "deploy"
MODULES = {
    "dagster": "dagster",
    "dagster-daemon": "dagster._daemon",
    "dagster-webserver": "dagster_webserver",
    "python": "",
}
LAUNCH = "mutation($p: ExecutionParams!) {launchRun(executionParams: $p) {... on LaunchRunSuccess {run {runId}}}}"
STATUS = "query($i: ID!) {runOrError(runId: $i) {... on Run {status}}}"
START = "mutation($s: ScheduleSelector!) {startSchedule(scheduleSelector: $s) {__typename}}"
HEALTH = "{instance {daemonHealth {allDaemonStatuses {required healthy}}}}"
RUNS = "{runsOrError {... on Runs {results {runId}}}}"
LOADED = "{repositoriesOrError {... on RepositoryConnection {nodes {name}}}}"
REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": "pipeline.definitions"}


def find_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def read_commands(name: str, ports: dict[str, str], workspace: Path) -> Iterator[list[str]]:
    """The commands of a unit, on other ports than those of a real deployment that may be running here."""
    unit = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=False)
    unit.read(DEPLOY / "systemd" / f"touming-{name}.service", encoding="utf-8")
    for key in ("ExecStartPre", "ExecStart"):
        if command := unit["Service"].get(key):
            program, *words = shlex.split(command)
            words = [ports.get(word, word) for word in words]
            words = [str(workspace) if word == "deploy/workspace.yaml" else word for word in words]
            module = MODULES[Path(program).name]
            yield [sys.executable, *(["-m", module] if module else []), *words]


@contextmanager
def start_service(name: str, ports: dict[str, str], workspace: Path) -> Iterator[subprocess.Popen[bytes]]:
    *before, command = read_commands(name, ports, workspace)
    for preparation in before:
        subprocess.run(preparation, cwd=REPO_ROOT, check=True, capture_output=True, timeout=60)
    log = (workspace.parent / f"{name}.log").open("wb")
    process = subprocess.Popen(command, cwd=REPO_ROOT, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=120)
        log.close()


def wait_for(ask: Callable[[], Any], what: str, seconds: float = 180) -> Any:
    """The first answer that is not empty; services come up in their own time."""
    until = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < until:
        try:
            if answer := ask():
                return answer
        except (urllib.error.URLError, ConnectionError):
            pass
        pause.wait(0.2)
    raise AssertionError(f"{what} did not happen within {seconds} s")


@dataclass(frozen=True, slots=True)
class Deployment:
    """Services on ports of their own, and what the UI's server answers."""

    paths: DataPaths
    ports: dict[str, str]
    workspace: Path

    def start(self, name: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
        return start_service(name, self.ports, self.workspace)

    def ask(self, query: str, **variables: object) -> Any:
        content = json.dumps({"query": query, "variables": variables}).encode()
        address = f"http://127.0.0.1:{self.ports['3000']}/graphql"
        request = urllib.request.Request(address, content, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["data"]

    def wait_until_loaded(self) -> None:
        wait_for(lambda: self.ask(LOADED)["repositoriesOrError"].get("nodes"), "loading the definitions")

    def launch(self, job: str) -> str:
        launched = self.ask(LAUNCH, p={"selector": REPOSITORY | {"jobName": job}, "runConfigData": "{}"})
        return str(launched["launchRun"]["run"]["runId"])

    def wait_for_status(self, run_id: str, *statuses: str) -> None:
        wait_for(
            lambda: self.ask(STATUS, i=run_id)["runOrError"]["status"] in statuses, f"{run_id}: {' or '.join(statuses)}"
        )


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    paths = DataPaths(tmp_path / "data")
    ports = {"4000": str(find_port()), "3000": str(find_port())}
    workspace = tmp_path / "workspace.yaml"
    settings = yaml.safe_load((DEPLOY / "workspace.yaml").read_text())
    settings["load_from"][0]["grpc_server"]["port"] = int(ports["4000"])
    workspace.write_text(yaml.safe_dump(settings))
    with start_postgres() as server:
        monkeypatch.setenv("TOUMING_DATA", str(paths.root))
        monkeypatch.setenv("DAGSTER_HOME", str(paths.dagster_home))
        monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")
        monkeypatch.setenv("TOUMING_POSTGRES_URL", server.url)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(REPO_ROOT), *filter(None, sys.path)]))
        yield Deployment(paths, ports, workspace)


def test_services_run_a_job_and_follow_a_schedule(deployment):
    with ExitStack() as services:
        for name in ("code", "daemon", "webserver"):
            services.enter_context(deployment.start(name))
        deployment.wait_until_loaded()
        deployment.wait_for_status(deployment.launch("compact"), "SUCCESS")
        deployment.ask(START, s=REPOSITORY | {"scheduleName": "nightly"})
        wait_for(
            lambda: all(
                daemon["healthy"]
                for daemon in deployment.ask(HEALTH)["instance"]["daemonHealth"]["allDaemonStatuses"]
                if daemon["required"]
            ),
            "a sign of life of every daemon",
        )
        result = examine_schedules(deployment.paths)
        assert (result.level, result.found) == ("green", "on: nightly")
    assert not (deployment.paths.dagster_home / "history").exists()


@contextmanager
def hold_month(paths: DataPaths, month: int) -> Iterator[None]:
    """A month of captures that cannot be packed yet: the job `compact` waits for this lock."""
    log = CaptureLog(paths.captures)
    log.append(make_capture("page", "ab" * 32, dt.datetime(2020, month, 1, tzinfo=dt.UTC), "text/html", 1))
    with (log.root / f"captures-2020-{month:02}.jsonl").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def find_process(deployment: Deployment, run_id: str) -> int:
    """The process that executes a run, as it says itself."""
    with open_instance(deployment.paths) as instance:
        text = " ".join(entry.message for entry in instance.all_logs(run_id))
    found = re.search(r"Executing steps in process \(pid: (\d+)\)", text)
    return int(found[1]) if found else 0


def test_a_killed_run_is_done_once_more_and_one_that_died_with_its_server_is_ended(deployment):
    with ExitStack() as services:
        for name in ("daemon", "webserver"):
            services.enter_context(deployment.start(name))
        with deployment.start("code") as server:
            deployment.wait_until_loaded()
            with hold_month(deployment.paths, 1):
                first = deployment.launch("compact")
                os.kill(wait_for(lambda: find_process(deployment, first), "the first run"), signal.SIGKILL)
            deployment.wait_for_status(first, "FAILURE")
            second = wait_for(
                lambda: [run for run in deployment.ask(RUNS)["runsOrError"]["results"] if run["runId"] != first],
                "a second run",
            )
            deployment.wait_for_status(second[0]["runId"], "SUCCESS")

            with hold_month(deployment.paths, 2):
                third = deployment.launch("compact")
                wait_for(lambda: find_process(deployment, third), "the third run")
                os.killpg(server.pid, signal.SIGKILL)
        deployment.wait_for_status(third, "STARTED")
        services.enter_context(deployment.start("code"))
        deployment.wait_for_status(third, "FAILURE")
