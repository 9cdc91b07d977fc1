"""Dagster as an operator runs it, daemon and webserver, over a data folder of its own; asked as the UI asks it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.orchestration.home import prepare_home
from pipeline.paths import REPO_ROOT, DataPaths

_ENDED = ("SUCCESS", "FAILURE", "CANCELED")
_PATIENCE_SECONDS = 300
_LAUNCH = """mutation($p: ExecutionParams!) { launchPipelineExecution(executionParams: $p) { __typename
  ... on LaunchRunSuccess { run { runId } } ... on RunConfigValidationInvalid { errors { message } }
  ... on PythonError { message } } }"""
_RUNS = """query($f: RunsFilter!) { runsOrError(filter: $f) { ... on Runs { results {
  runId status jobName parentRunId tags { key value } } } } }"""
_BACKFILL = """mutation($p: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $p) { __typename
  ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
_BACKFILL_STATUS = """query($i: String!) { partitionBackfillOrError(backfillId: $i) {
  ... on PartitionBackfill { status } } }"""


@dataclass(frozen=True)
class Operator:
    """Asks the webserver at this address; the data folder is that of its code."""

    address: str
    paths: DataPaths

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of one GraphQL query."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.address}/graphql", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            found = json.load(answer)
        assert "errors" not in found, found["errors"]
        return dict(found["data"])

    def launch(
        self,
        job: str,
        config: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        assets: Sequence[str] = (),
    ) -> str:
        """Launch a run as the launchpad does; its id."""
        selector: dict[str, Any] = {**location(), "pipelineName": job}
        if assets:
            selector["assetSelection"] = [{"path": asset.split("/")} for asset in assets]
        parameters = {
            "selector": selector,
            "mode": "default",
            "runConfigData": json.dumps(config or {}),
            "executionMetadata": {"tags": [{"key": k, "value": v} for k, v in (tags or {}).items()]},
        }
        launched = self.ask(_LAUNCH, p=parameters)["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def find_runs(self, **wanted: Any) -> list[dict[str, Any]]:
        """Runs, the newest first."""
        return list(self.ask(_RUNS, f=wanted)["runsOrError"]["results"])

    def wait_for_run(self, run_id: str) -> str:
        """How it ended."""
        return str(wait_for(lambda: self._ended(run_id)))

    def backfill(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        """Launch a backfill of stage/reading; its runs once it is done."""
        parameters = {"assetSelection": [{"path": ["stage", "reading"]}], "partitionNames": list(keys)}
        backfill_id = self.ask(_BACKFILL, p=parameters)["launchPartitionBackfill"]["backfillId"]
        wait_for(lambda: self._backfill_status(backfill_id) != "REQUESTED")
        assert self._backfill_status(backfill_id) == "COMPLETED_SUCCESS"
        return self.find_runs(tags=[{"key": "dagster/backfill", "value": backfill_id}])

    def _ended(self, run_id: str) -> str:
        (run,) = self.find_runs(runIds=[run_id])
        return str(run["status"]) if run["status"] in _ENDED else ""

    def _backfill_status(self, backfill_id: str) -> str:
        return str(self.ask(_BACKFILL_STATUS, i=backfill_id)["partitionBackfillOrError"]["status"])


def location() -> dict[str, str]:
    return {"repositoryLocationName": "pipeline.definitions", "repositoryName": "__repository__"}


def wait_for(look: Any) -> Any:
    """What `look` finds once it finds something."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing came of it"
        time.sleep(0.5)
    return found


@contextmanager
def start_dagster(paths: DataPaths, environment: Mapping[str, str]) -> Iterator[Operator]:
    """`dagster dev` as make ui starts it, on a free port; ended with everything it started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = prepare_home(paths)
    settings = {**os.environ, **environment, "TOUMING_DATA": str(paths.root), "DAGSTER_HOME": str(home)}
    settings["PYTHONPATH"] = str(REPO_ROOT)
    command = [shutil.which("dagster", path=str(Path(sys.executable).parent)) or "dagster", "dev"]
    command += ["--module-name", "pipeline.definitions", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "dev.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=home, env=settings, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    operator = Operator(f"http://127.0.0.1:{port}", paths)
    try:
        wait_for(lambda: _is_up(operator, process))
        yield operator
    finally:
        # An interrupt is ignored where the tests themselves run in the background
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        # And whatever it left behind
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _is_up(operator: Operator, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "dagster dev ended by itself"
    try:
        found = operator.ask(
            "query($s: RepositorySelector!) { repositoryOrError(repositorySelector: $s) { __typename } }", s=location()
        )
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return bool(found["repositoryOrError"]["__typename"] == "Repository")
