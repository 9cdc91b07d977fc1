"""The three services of deploy/, started by the very commands of their units, on a PostgreSQL of the test's own."""

from __future__ import annotations

import configparser
import importlib.util
import json
import os
import shlex
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.cli.production_examinations import examine_schedules
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
LOADED = "{repositoriesOrError {... on RepositoryConnection {nodes {name}}}}"
REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": "touming"}


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
def start_service(name: str, ports: dict[str, str], workspace: Path) -> Iterator[None]:
    *before, command = read_commands(name, ports, workspace)
    for preparation in before:
        subprocess.run(preparation, cwd=REPO_ROOT, check=True, capture_output=True, timeout=60)
    log = (workspace.parent / f"{name}.log").open("wb")
    process = subprocess.Popen(command, cwd=REPO_ROOT, stdout=log, stderr=log)
    try:
        yield
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


def test_services_run_a_job_and_follow_a_schedule(tmp_path, monkeypatch):
    paths = DataPaths(tmp_path / "data")
    code, web = str(find_port()), str(find_port())
    ports = {"4000": code, "3000": web}
    workspace = tmp_path / "workspace.yaml"
    settings = yaml.safe_load((DEPLOY / "workspace.yaml").read_text())
    settings["load_from"][0]["grpc_server"]["port"] = int(code)
    workspace.write_text(yaml.safe_dump(settings))

    def ask(query: str, **variables: object) -> Any:
        content = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{web}/graphql", content, {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["data"]

    with start_postgres() as server, ExitStack() as services:
        monkeypatch.setenv("TOUMING_DATA", str(paths.root))
        monkeypatch.setenv("DAGSTER_HOME", str(paths.dagster_home))
        monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")
        monkeypatch.setenv("TOUMING_POSTGRES_URL", server.url)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(REPO_ROOT), *filter(None, sys.path)]))
        for name in ("code", "daemon", "webserver"):
            services.enter_context(start_service(name, ports, workspace))
        wait_for(lambda: ask(LOADED)["repositoriesOrError"].get("nodes"), "loading the definitions")

        launched = ask(LAUNCH, p={"selector": REPOSITORY | {"jobName": "compact"}, "runConfigData": "{}"})
        run_id = launched["launchRun"]["run"]["runId"]
        ended = {"SUCCESS", "FAILURE", "CANCELED"}
        status = wait_for(
            lambda: ended & {ask(STATUS, i=run_id)["runOrError"]["status"]}, "the end of the run that was launched"
        )
        assert status == {"SUCCESS"}

        ask(START, s=REPOSITORY | {"scheduleName": "nightly"})
        wait_for(
            lambda: all(
                daemon["healthy"]
                for daemon in ask(HEALTH)["instance"]["daemonHealth"]["allDaemonStatuses"]
                if daemon["required"]
            ),
            "a sign of life of every daemon",
        )
        result = examine_schedules(paths)
        assert (result.level, result.found) == ("green", "on: nightly")
    assert not (paths.dagster_home / "history").exists()
