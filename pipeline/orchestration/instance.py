"""The Dagster instance that `touming` and the UI share, and running a job on it in this process.

Belongs here: opening the instance, and what a run came to, as a value. Does not belong here: what jobs contain
(jobs.py), clearing up after a process that was killed (dead_runs.py).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
from sqlalchemy.exc import SQLAlchemyError

from pipeline.orchestration.dead_runs import PROCESS_TAG, name_process, releasing_dead_runs
from pipeline.orchestration.home import HOME_VARIABLE, InstanceUnavailableError, is_on_postgres, prepare_home
from pipeline.orchestration.orders import SpreadError
from pipeline.paths import DataPaths
from pipeline.warehouse.errors import WarehouseError, WarehouseRejected, WarehouseUnwritable

# One writer at a time: merging, building and publishing share this pool
WRITER_POOL = "writer"
# Whoever started it sees how it ended; the daemon repeats only what it launched
_NOT_REPEATED = {"dagster/max_retries": "0"}
# The outcome tells what happened; the log of every step is in the UI
_QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}
_SAY_WHAT_TO_DO = (SpreadError, WarehouseError, WarehouseRejected, WarehouseUnwritable)
_SAYS_WHAT_TO_DO = frozenset(error.__name__ for error in _SAY_WHAT_TO_DO)


class RunHistoryUnwritable(RuntimeError):  # noqa: N818 (said of the place, which may be full, read-only or gone)
    """Dagster cannot keep its record of runs; what was published before stands."""


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
    """The instance of DAGSTER_HOME, with what dead processes left in it cleared up, now and until it is closed.

    RunHistoryUnwritable when Dagster's own files cannot be written, now or later in the block; InstanceUnavailableError
    when its database cannot be reached.
    """
    try:
        prepare_home(paths)
        with _get_instance() as instance, releasing_dead_runs(instance):
            _make_pool(instance)
            yield instance
    except (OSError, SQLAlchemyError) as error:
        home = os.environ.get(HOME_VARIABLE) or paths.dagster_home
        what = str(getattr(error, "orig", None) or error)
        raise RunHistoryUnwritable(
            f"{home}: Dagster cannot keep its record of runs there: {what}. Free space, or give the user who runs this "
            "write access, and run again."
        ) from error


def _get_instance() -> dg.DagsterInstance:
    try:
        return dg.DagsterInstance.get()
    except Exception as error:
        if not is_on_postgres():
            raise
        # What Dagster raises of its own says that it tried; what it was caused by says why that failed
        cause = error.__cause__ or error
        raise InstanceUnavailableError(
            "postgres_unreachable",
            f"the database of Dagster's records cannot be opened: {str(cause).strip().splitlines()[0]}",
            "start PostgreSQL, or mend TOUMING_POSTGRES_URL; nothing was begun",
        ) from error


def _make_pool(instance: dg.DagsterInstance) -> None:
    """Have the writers' pool before a run asks for it: of two that ask at once PostgreSQL fails one, and so its run."""
    for is_last in (False, True):
        if WRITER_POOL in instance.event_log_storage.get_concurrency_keys():
            return
        try:
            instance.event_log_storage.initialize_concurrency_limit_to_default(WRITER_POOL)
        except SQLAlchemyError:  # another process makes it in this moment
            if is_last:
                raise


def run_on_instance(paths: DataPaths, job: dg.JobDefinition, *, config: Mapping[str, Any] | None = None) -> JobOutcome:
    """Open the instance and execute a job on it; an instance that cannot be written to is an outcome too."""
    try:
        with open_instance(paths) as instance:
            return run_job(instance, job, config=config)
    except RunHistoryUnwritable as error:
        return JobOutcome("", (FailedStep(job.name, type(error).__name__, str(error)),))


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
        tags={**(tags or {}), PROCESS_TAG: name_process(os.getpid()), **_NOT_REPEATED},
        raise_on_error=False,
    )
    failed = tuple(describe_failure(event) for event in result.get_step_failure_events())
    if not (result.success or failed):
        failed = (_describe_end(job.name, result.all_events),)
    return JobOutcome(result.run_id, failed, sum_metadata(result.all_events))


def describe_failure(event: dg.DagsterEvent) -> FailedStep:
    """One failed step, from the event that says so."""
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


def _describe_end(job: str, events: Iterable[dg.DagsterEvent]) -> FailedStep:
    """What ended a run none of whose steps failed."""
    errors = (event.job_failure_data.error for event in events if event.is_job_failure)
    error = next((error for error in errors if error is not None), None)
    if error is None:
        return FailedStep(job, "", "the run failed outside its steps")
    while error.cause is not None:
        error = error.cause
    return FailedStep(job, error.cls_name or "", f"the run failed outside its steps: {error.message.strip()}")


def sum_metadata(events: Iterable[dg.DagsterEvent]) -> Mapping[tuple[str, str], int]:
    """The whole numbers among the metadata of materialisations, summed by (asset, name)."""
    totals: Counter[tuple[str, str]] = Counter()
    for event in events:
        if event.is_step_materialization:
            materialization = event.step_materialization_data.materialization
            for name, value in materialization.metadata.items():
                if isinstance(value, dg.IntMetadataValue) and value.value is not None:
                    totals[materialization.asset_key.to_user_string(), name] += value.value
    return totals
