"""Runs whose process was killed: who executes a run, and ending what nobody executes any more.

Belongs here: the tag that names a run's process, marking runs as failed and giving back their places in pools, and the
sensor that does so where only the daemon is at work. Does not belong here: what jobs contain (jobs.py) and running them
(instance.py).

Dagster's run monitoring covers runs that never started. One that was started by the UI or a schedule and whose process
and code server are both gone it cannot tell from one at work; and of runs of `touming` it knows nothing.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster import DagsterRunStatus, RunsFilter

PROCESS_TAG = "touming/process"
_UNFINISHED = [
    DagsterRunStatus.NOT_STARTED,
    DagsterRunStatus.STARTING,
    DagsterRunStatus.STARTED,
    DagsterRunStatus.CANCELING,
]
# A run that waits for a pool looks this often whether the one before it is still there
_WATCH_SECONDS = 10.0
# Of /proc/<pid>/stat, after the name of the program
_STATE, _START_TIME = 0, 19
_ENDED_STATES = frozenset("ZXx")


def name_process(pid: int) -> str:
    """A process as the tag names it: a later one with the same number has another name."""
    return f"{socket.gethostname()}:{pid}:{_start_time(pid)}"


def sign_run(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Say in a run's tags that this process executes it, so that others can tell whether it is still alive."""
    process = name_process(os.getpid())
    if run.tags.get(PROCESS_TAG) != process:
        instance.add_run_tags(run.run_id, {PROCESS_TAG: process})


def release_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs of processes that no longer exist as failed, free their pool slots, and return their ids.

    Their slots would make every later run wait for ever. A slot whose run has ended is freed as well: whoever ended it
    may have been killed before that.
    """
    slots = instance.event_log_storage
    dead = []
    for run in instance.get_runs(RunsFilter(statuses=_UNFINISHED)):
        process = run.tags.get(PROCESS_TAG)
        if process and not _is_alive(process):
            # Slots first: while the run counts as unfinished, whoever comes next would do this again
            slots.free_concurrency_slots_for_run(run.run_id)
            instance.report_run_failed(run, "the process that executed this run was killed")
            dead.append(run.run_id)
    for run_id in slots.get_concurrency_run_ids():
        held_by = instance.get_run_by_id(run_id)
        if held_by is None or held_by.is_finished:
            slots.free_concurrency_slots_for_run(run_id)
    return dead


@contextmanager
def releasing_dead_runs(instance: dg.DagsterInstance) -> Iterator[None]:
    """Release dead runs now and every few seconds until the block ends: it may be waiting for one of them."""
    release_dead_runs(instance)
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_WATCH_SECONDS):
            try:
                release_dead_runs(instance)
            except Exception:  # noqa: S112 (the history is closed or full, which the run itself will say)
                continue

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


@dg.sensor(
    name="dead_runs",
    minimum_interval_seconds=30,
    # It starts nothing, so it may be on wherever the daemon is
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Ends runs whose process was killed, and gives back their places in pools.",
)
def dead_runs_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Launches nothing."""
    dead = release_dead_runs(context.instance)
    return dg.SkipReason(f"ended {', '.join(dead)}" if dead else "no run is without its process")


def _is_alive(process: str) -> bool:
    host, pid, started = process.rsplit(":", 2)
    if host != socket.gethostname():
        return True  # another machine's business
    return _start_time(int(pid)) == started


def _start_time(pid: int) -> str:
    """When a process started, in clock ticks since boot: process numbers come round again. '' when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "unknown" if not Path("/proc").exists() and _exists(pid) else ""
    # One that has ended stays listed until its parent asks after it, in a container often for ever
    return "" if fields[_STATE] in _ENDED_STATES else fields[_START_TIME]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
