"""The Dagster instance that `touming` and the UI share, and running a job on it in this process.

Belongs here: clearing up after a process that was killed, and what a run came to, as a value.
Does not belong here: what jobs contain (jobs.py).
"""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

from pipeline.orchestration.home import prepare_home
from pipeline.orchestration.orders import SpreadError
from pipeline.paths import DataPaths
from pipeline.warehouse.errors import WarehouseError, WarehouseRejected, WarehouseUnwritable

# Who executes a run, so that a later process can tell whether it is still alive
PROCESS_TAG = "touming/process"
# The outcome tells what happened; the log of every step is in the UI
_QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}
_SAY_WHAT_TO_DO = (SpreadError, WarehouseError, WarehouseRejected, WarehouseUnwritable)
_SAYS_WHAT_TO_DO = frozenset(error.__name__ for error in _SAY_WHAT_TO_DO)
_UNFINISHED = [DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]


@dataclass(frozen=True, slots=True)
class FailedStep:
    """One step that failed: its name, and class and message of what it raised.

    Of a chain of causes it is an error of this project that says what to do, else the innermost one.
    """

    step: str
    error_class: str
    message: str


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """What one run of a job came to; failed_steps is empty exactly when it succeeded.

    metadata_totals: the whole numbers among the metadata of its materialisations, summed by (asset, name).
    """

    run_id: str
    failed_steps: tuple[FailedStep, ...] = ()
    metadata_totals: Mapping[tuple[str, str], int] = field(default_factory=dict)


@contextmanager
def open_instance(paths: DataPaths) -> Iterator[dg.DagsterInstance]:
    """The instance of DAGSTER_HOME, with what dead processes left in it cleared up."""
    prepare_home(paths)
    with dg.DagsterInstance.get() as instance:
        release_dead_runs(instance)
        yield instance


def run_job(
    instance: dg.DagsterInstance,
    job: dg.JobDefinition,
    assets: Sequence[dg.AssetKey] | None = None,
    *,
    config: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
) -> JobOutcome:
    """Execute a job, or only these assets of it, here and now; a step that fails is part of the outcome."""
    result = job.execute_in_process(
        run_config={**(config or {}), "loggers": _QUIET},
        instance=instance,
        asset_selection=assets,
        tags={**(tags or {}), PROCESS_TAG: _name_process(os.getpid())},
        raise_on_error=False,
    )
    failed = tuple(_describe_failure(event) for event in result.get_step_failure_events())
    if not (result.success or failed):
        failed = (FailedStep(job.name, "", "the run failed outside its steps"),)
    return JobOutcome(result.run_id, failed, _sum_metadata(result.all_events))


def _describe_failure(event: dg.DagsterEvent) -> FailedStep:
    error = event.step_failure_data.error
    # These errors say what to do; what lies beneath them (a system error) does not
    while error is not None and error.cause is not None and error.cls_name not in _SAYS_WHAT_TO_DO:
        error = error.cause
    if error is None:
        return FailedStep(event.step_key or "", "", "")
    error_class = error.cls_name or ""
    # Dagster keeps the message as a traceback prints it, after the class and its module
    message = error.message.strip()
    prefix, found, rest = message.partition(f"{error_class}: ")
    return FailedStep(event.step_key or "", error_class, rest if found and " " not in prefix else message)


def _sum_metadata(events: Iterable[dg.DagsterEvent]) -> Mapping[tuple[str, str], int]:
    totals: Counter[tuple[str, str]] = Counter()
    for event in events:
        if event.is_step_materialization:
            materialization = event.step_materialization_data.materialization
            for name, value in materialization.metadata.items():
                if isinstance(value, dg.IntMetadataValue) and value.value is not None:
                    totals[materialization.asset_key.to_user_string(), name] += value.value
    return totals


def release_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs of touming processes that no longer exist as failed, free their pool slots, and return their ids.

    Nothing else would: a killed process cannot, and run monitoring only watches runs that the UI launched. Their slots
    would make every later run wait for ever.
    """
    dead = []
    for run in instance.get_runs(RunsFilter(statuses=_UNFINISHED)):
        process = run.tags.get(PROCESS_TAG)
        if process and not _is_alive(process):
            instance.report_run_failed(run, "the process that executed this run was killed")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            dead.append(run.run_id)
    return dead


def _name_process(pid: int) -> str:
    return f"{socket.gethostname()}:{pid}:{_start_time(pid)}"


def _is_alive(process: str) -> bool:
    host, pid, started = process.rsplit(":", 2)
    if host != socket.gethostname():
        return True  # another machine's business
    return _start_time(int(pid)) == started


def _start_time(pid: int) -> str:
    """When a process started, in clock ticks since boot: process numbers come round again. '' when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return "unknown" if not Path("/proc").exists() and _exists(pid) else ""


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
