"""One night over a data folder in a process of its own, watched: what each step took, in seconds, CPU and memory.

Belongs here: running pipeline.orchestration.nightly on a folder, and the steps as Dagster's event log has them. Does
not belong here: which nights there are (measure.py), what they came to (judge.py).
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from typing import Any

from bench.nation.watching import Watch, cpu_between, peak_between
from pipeline.paths import DATA_VARIABLE, REPO_ROOT, DataPaths

_MOST_RUNS = 100
# Parts of steps that Dagster shows as one: name -> the function, where the step looks it up
TIMED_PARTS = {
    "mart: load": ("pipeline.orchestration.mart_assets", "load_core"),
    "mart: models": ("pipeline.orchestration.mart_assets", "run_models"),
    "warehouse__published: checks": ("pipeline.warehouse.publish", "run_gate"),
}
_Span = tuple[str, float, float]


@dataclass(frozen=True, slots=True)
class Step:
    """One step over all runs of the night: seconds and CPU seconds together, MiB the tree held at most meanwhile.

    name: as Dagster shows it, or one of TIMED_PARTS, which counts within its step.
    """

    name: str
    seconds: float
    cpu_seconds: float
    peak_mebibytes: float


@dataclass(frozen=True, slots=True)
class Night:
    """One night. seconds, CPU and peak are the whole process's, its start and that of its workers included."""

    seconds: float
    cpu_seconds: float
    peak_mebibytes: float
    steps: tuple[Step, ...]
    failed_steps: tuple[str, ...]


def run_night(paths: DataPaths, sources: Sequence[Path], log: Path) -> Night:
    """Ingest the sources and bring everything up to date; RuntimeError with the end of the log where it breaks."""
    environment = {key: value for key, value in os.environ.items() if key != "DAGSTER_HOME"}
    environment |= {DATA_VARIABLE: str(paths.root), "DAGSTER_DISABLE_TELEMETRY": "1"}
    answer = log.with_suffix(".json")
    answer.unlink(missing_ok=True)
    command = [sys.executable, "-m", "bench.nation.night", str(answer), *map(str, sources)]
    started = time.perf_counter()
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=REPO_ROOT, env=environment, stdout=stream, stderr=stream)
        watch = Watch(process.pid)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
    seconds = time.perf_counter() - started
    if process.returncode or not answer.is_file():
        end = log.read_text(encoding="utf-8", errors="replace")[-2_000:]
        raise RuntimeError(f"the night ended with status {process.returncode}; its log is {log}: {end}")
    told = json.loads(answer.read_text(encoding="utf-8"))
    return Night(
        round(seconds, 2),
        round(usage.ru_utime + usage.ru_stime, 2),
        round(peak_between(watch.samples, 0, float("inf")), 1),
        tuple(_measure_steps(told["steps"], watch)),
        tuple(told["failed_steps"]),
    )


def describe_night(night: Night) -> dict[str, Any]:
    """A night as a JSON object, its steps by name."""
    described = asdict(night)
    return described | {"steps": {step["name"]: step for step in described["steps"]}}


def _measure_steps(spans: Sequence[_Span], watch: Watch) -> list[Step]:
    names = list(dict.fromkeys(name for name, _, _ in spans))
    steps = []
    for name in names:
        own = [(start, end) for each, start, end in spans if each == name]
        seconds = sum(end - start for start, end in own)
        cpu_seconds = sum(cpu_between(watch.samples, *span) for span in own)
        peak = max(peak_between(watch.samples, *span) for span in own)
        steps.append(Step(name, round(seconds, 2), round(cpu_seconds, 2), round(peak, 1)))
    return steps


def time_parts(spans: list[_Span]) -> None:
    """Let every call of a function of TIMED_PARTS in this process leave its span."""
    for name, (module_name, function_name) in TIMED_PARTS.items():
        module = importlib.import_module(module_name)
        setattr(module, function_name, _leave_span(name, getattr(module, function_name), spans))


def _leave_span(name: str, function: Callable[..., Any], spans: list[_Span]) -> Callable[..., Any]:
    @wraps(function)
    def timed(*arguments: Any, **named: Any) -> Any:
        started = time.time()
        try:
            return function(*arguments, **named)
        finally:
            spans.append((name, started, time.time()))

    return timed


def main() -> None:
    """In the process of the night: run it, and write its steps to the file that the first argument names."""
    answer, *sources = map(Path, sys.argv[1:])
    from pipeline.definitions import defs
    from pipeline.orchestration.instance import open_instance
    from pipeline.orchestration.nightly import run_nightly

    started = time.time()
    spans: list[_Span] = []
    time_parts(spans)
    paths = DataPaths.from_environment()
    paths.inbox.mkdir(parents=True, exist_ok=True)
    outcome = run_nightly(defs, paths, sources or [paths.inbox])
    with open_instance(paths) as instance:
        for record in instance.get_run_records(limit=_MOST_RUNS):
            if record.create_timestamp.timestamp() >= started:
                stats = instance.get_run_step_stats(record.dagster_run.run_id)
                spans += [(s.step_key, s.start_time, s.end_time) for s in stats if s.start_time and s.end_time]
    spans.sort(key=lambda span: span[1])
    failed = [f"{each.step}: {each.error_class}: {each.message}"[:300] for each in outcome.failed_steps]
    answer.write_text(json.dumps({"steps": spans, "failed_steps": failed}), encoding="utf-8")


if __name__ == "__main__":
    main()
