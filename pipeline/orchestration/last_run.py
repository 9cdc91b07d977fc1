"""How the newest run of a job ended, from Dagster's records.

Belongs here: reading them, as a value. Does not belong here: why a run failed (failures.py), and showing it (cli/).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from dagster import DagsterEventType, RunsFilter

from pipeline.orchestration.instance import open_instance, sum_metadata
from pipeline.paths import DataPaths


@dataclass(frozen=True, slots=True)
class LastRun:
    """One run: status as Dagster calls it, in lower case; times ISO 8601 in UTC, None where it has not come to that.

    new_capture_count and read_count are what it took in and read, as far as it has come.
    """

    run_id: str
    job: str
    status: str
    started_at: str | None
    ended_at: str | None
    new_capture_count: int
    read_count: int


def read_last_run(paths: DataPaths, job: str) -> LastRun | None:
    """The newest run of a job, None where it never ran; makes a home where there is none, so ask is_recorded first.

    InstanceUnavailableError and RunHistoryUnwritable when the records cannot be opened.
    """
    with open_instance(paths) as instance:
        records = instance.get_run_records(RunsFilter(job_name=job), limit=1)
        if not records:
            return None
        run_id = records[0].dagster_run.run_id
        made = instance.all_logs(run_id, of_type=DagsterEventType.ASSET_MATERIALIZATION)
        totals = sum_metadata(entry.dagster_event for entry in made if entry.dagster_event)
        return LastRun(
            run_id=run_id,
            job=job,
            status=records[0].dagster_run.status.value.lower(),
            started_at=_format_time(records[0].start_time),
            ended_at=_format_time(records[0].end_time),
            new_capture_count=totals.get(("raw/capture", "new"), 0),
            read_count=totals.get(("stage/reading", "documents read"), 0),
        )


def _format_time(seconds: float | None) -> str | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="seconds") if seconds else None
