"""What `touming doctor` looks at of a machine that runs every night.

Belongs here: Dagster's records, its schedules and daemon, folders that must be writable, a restoration left unfinished.
Does not belong here: what every checkout needs (examinations.py).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pipeline.cli.examinations_model import Examination
from pipeline.paths import DataPaths

_NIGHTLY = "nightly"


def examine_folders(paths: DataPaths) -> Examination:
    """Whether every folder that the commands write to can be written by this user."""
    from pipeline.archive.restore import unfinished_mark
    from pipeline.orchestration.home import find_home

    if unfinished_mark(paths).exists():
        return Examination(
            "folders", "red", f"{unfinished_mark(paths)}: a restoration did not end", "run touming restore again"
        )
    places = (paths.blobs, paths.captures, paths.inbox, paths.frontier.parent, paths.warehouse, find_home(paths))
    closed = [str(place) for place in places if not _can_be_written(place)]
    if closed:
        return Examination(
            "folders",
            "red",
            f"cannot be written: {', '.join(closed)}",
            "give them to the user who runs touming: chown -R",
        )
    return Examination("folders", "green", f"all below {paths.root} can be written")


def examine_records(paths: DataPaths) -> Examination:
    """Where Dagster keeps its records, and whether they can be opened."""
    from pipeline.orchestration.home import POSTGRES_VARIABLE, InstanceUnavailableError, find_home, is_on_postgres

    if not is_on_postgres():
        found = f"SQLite in {find_home(paths)}"
        return Examination("records", "green", f"{found}; enough for one person, PostgreSQL where services run")
    from pipeline.orchestration.instance import open_instance

    try:
        with open_instance(paths):
            return Examination("records", "green", f"PostgreSQL ({POSTGRES_VARIABLE})")
    except InstanceUnavailableError as error:
        return Examination("records", "red", f"{error.code}: {error}", error.next_step)


def examine_schedules(paths: DataPaths) -> Examination:
    """Which schedules are on, and whether the daemon that follows them is alive."""
    from pipeline.orchestration.home import InstanceUnavailableError, find_home, is_on_postgres

    if not is_on_postgres() and not (find_home(paths) / "schedules").is_dir():
        return Examination("schedules", "green", "none is on: nothing has run here yet")
    from pipeline.orchestration.schedule_state import read_schedule_state

    try:
        state = read_schedule_state(paths)
    except InstanceUnavailableError:
        return Examination("schedules", "amber", "not known: see records", "mend the records first")
    return _judge_schedules(state.running, state.is_daemon_alive)


def _judge_schedules(running: Sequence[str], is_daemon_alive: bool) -> Examination:
    on = f"on: {', '.join(running) or 'none'}"
    if running and not is_daemon_alive:
        return Examination(
            "schedules", "red", f"{on}; the daemon gives no sign of life", "systemctl start touming-daemon, or make ui"
        )
    if is_daemon_alive and _NIGHTLY not in running:
        return Examination(
            "schedules",
            "amber",
            f"{on}; the daemon is alive and has nothing to do every night",
            "dagster schedule start nightly, or switch it on in the UI",
        )
    return Examination("schedules", "green", on if running else "none is on, and no daemon is running")


def _can_be_written(place: Path) -> bool:
    existing = next(folder for folder in (place, *place.parents) if folder.exists())
    return os.access(existing, os.W_OK | os.X_OK)
