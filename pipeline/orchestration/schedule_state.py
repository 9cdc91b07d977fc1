"""Which schedules are on, and whether the daemon that follows them is alive.

Belongs here: reading both from the instance. Does not belong here: the schedules (jobs.py, maintenance.py), and what
their state means for an operator (cli/production_examinations.py).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from dagster import DagsterInstance
from dagster._core.definitions.run_request import InstigatorType

from pipeline.orchestration.instance import open_instance
from pipeline.paths import DataPaths

_SCHEDULER = "SCHEDULER"
# It gives a sign of life every thirty seconds; Dagster's own UI waits this long before it calls a daemon dead
_SILENT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class ScheduleState:
    """Names of the schedules that are on, sorted, and whether the daemon showed itself lately."""

    running: tuple[str, ...]
    is_daemon_alive: bool


def read_schedule_state(paths: DataPaths) -> ScheduleState:
    """How things stand; InstanceUnavailableError when the records cannot be opened."""
    with open_instance(paths) as instance:
        schedules = instance.all_instigator_state(instigator_type=InstigatorType.SCHEDULE)
        running = sorted(state.instigator_name for state in schedules if state.is_running)
        return ScheduleState(tuple(running), _is_daemon_alive(instance))


def _is_daemon_alive(instance: DagsterInstance) -> bool:
    heartbeat = instance.get_daemon_heartbeats().get(_SCHEDULER)
    return heartbeat is not None and time.time() - heartbeat.timestamp < _SILENT_SECONDS
