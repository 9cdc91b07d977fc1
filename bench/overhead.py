"""What Dagster adds to a night: the run by the clock against the work inside its steps.

Belongs here: nights over simulated reports in an empty folder, timed from the run's own events. Does not belong here:
making documents, what a night does, showing figures.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from bench.corpus import build_corpus, write_documents
from pipeline.definitions import defs
from pipeline.orchestration.home import HOME_VARIABLE
from pipeline.orchestration.nightly import run_nightly
from pipeline.paths import DataPaths

_STEP_BEGAN = "STEP_START"
_STEP_ENDED = ("STEP_SUCCESS", "STEP_FAILURE")
_RUN_BEGAN, _RUN_ENDED = "PIPELINE_START", "PIPELINE_SUCCESS"


def measure_overhead(folder: Path, reports: int, seed: int) -> dict[str, object]:
    """Seconds of a first night over so many reports and of one with nothing new, and of starting a process.

    steps: inside steps, by the times of their events. events: of those, writing events. overhead_share: what is left of
    the run outside steps, and events, of the whole run.
    """
    write_documents(build_corpus(reports, seed), folder / "documents", folder / "truth")
    paths = DataPaths(folder / "data")
    os.environ.pop(HOME_VARIABLE, None)
    nights = {name: _time_night(paths, folder / "documents") for name in ("first", "nothing new")}
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import pipeline.definitions"], check=True)
    return {"reports": reports, "start_seconds": round(time.perf_counter() - began, 2), "nights": nights}


def _time_night(paths: DataPaths, documents: Path) -> dict[str, float | int]:
    with _timed_events() as events:
        outcome = run_nightly(defs, paths, [documents])
    if outcome.failed_steps:
        raise RuntimeError(f"the night failed, so its time means nothing: {outcome.failed_steps}")
    with dg.DagsterInstance.get() as instance:
        entries = [e for e in instance.all_logs(outcome.run_id) if e.dagster_event]
    moments = [(e.dagster_event.event_type_value, e.step_key, e.timestamp) for e in entries if e.dagster_event]
    began = {step: at for kind, step, at in moments if kind == _STEP_BEGAN}
    in_steps = {step: at - began[step] for kind, step, at in moments if kind in _STEP_ENDED}
    whole = next(at for kind, _, at in moments if kind == _RUN_ENDED) - next(
        at for kind, _, at in moments if kind == _RUN_BEGAN
    )
    outside, writing = whole - sum(in_steps.values()), min(sum(events), sum(in_steps.values()))
    return {
        "run": round(whole, 2),
        "steps": round(sum(in_steps.values()), 2),
        "reading": round(in_steps.get("stage__reading", 0.0), 2),
        "events": round(writing, 2),
        "event_count": len(events),
        "overhead_share": round((outside + writing) / whole, 3),
    }


@contextmanager
def _timed_events() -> Iterator[list[float]]:
    """The seconds that each event written meanwhile took."""
    seconds: list[float] = []
    write = dg.DagsterInstance.handle_new_event

    def timed(self: dg.DagsterInstance, event: dg.EventLogEntry, **options: Any) -> None:
        began = time.perf_counter()
        write(self, event, **options)
        seconds.append(time.perf_counter() - began)

    dg.DagsterInstance.handle_new_event = timed  # type: ignore[method-assign]
    try:
        yield seconds
    finally:
        dg.DagsterInstance.handle_new_event = write  # type: ignore[method-assign]
