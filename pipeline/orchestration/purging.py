"""Old runs deleted: their records, their events and what their steps printed.

Belongs here: which runs are old, and deleting them from an instance. Does not belong here: the job and its form
(maintenance.py), and ticks of schedules, which Dagster deletes by itself (retention in dagster.yaml).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

_SUCCEEDED = [DagsterRunStatus.SUCCESS]
_FAILED = [DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]
_PAGE_RUNS = 500


@dataclass(frozen=True, slots=True)
class RunRetention:
    """For how many days the records of a run are kept: of one that succeeded, and of one that did not."""

    days: int = 90
    failed_days: int = 365


@dataclass(frozen=True, slots=True)
class PurgeSummary:
    """Runs deleted, and old ones kept because an asset's last materialisation is theirs."""

    deleted: tuple[str, ...]
    kept: tuple[str, ...]


def purge_runs(instance: dg.DagsterInstance, now: dt.datetime, retention: RunRetention) -> PurgeSummary:
    """Delete what is older than that. Runs that have not ended stay, however old; what was deleted is gone for good.

    The run that last materialised an asset stays too: without it the UI would show the asset as never made.
    """
    showing = _list_last_runs(instance)
    old = [
        *_list_runs(instance, _SUCCEEDED, now - dt.timedelta(days=retention.days)),
        *_list_runs(instance, _FAILED, now - dt.timedelta(days=retention.failed_days)),
    ]
    for run_id in old:
        if run_id not in showing:
            _delete_run(instance, run_id)
    return PurgeSummary(
        tuple(run_id for run_id in old if run_id not in showing), tuple(run_id for run_id in old if run_id in showing)
    )


def _list_last_runs(instance: dg.DagsterInstance) -> set[str]:
    events = instance.get_latest_materialization_events(instance.all_asset_keys()).values()
    return {event.run_id for event in events if event is not None}


def _list_runs(instance: dg.DagsterInstance, statuses: list[DagsterRunStatus], before: dt.datetime) -> Iterator[str]:
    wanted, cursor = RunsFilter(statuses=statuses, created_before=before), None
    while page := instance.get_run_records(wanted, limit=_PAGE_RUNS, cursor=cursor):
        cursor = page[-1].dagster_run.run_id
        yield from (record.dagster_run.run_id for record in page)


def _delete_run(instance: dg.DagsterInstance, run_id: str) -> None:
    instance.delete_run(run_id)
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    # SQLite keeps the events of each run in a file of their own and empties it only
    for suffix in ("", "-wal", "-shm"):
        (Path(instance.root_directory) / "history" / "runs" / f"{run_id}.db{suffix}").unlink(missing_ok=True)
