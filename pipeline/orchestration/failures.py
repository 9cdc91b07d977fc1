"""The last run that failed, as a file that `touming status` shows and other programs can watch.

Belongs here: the record, its code, and the file. It names run, step and error class, never a message: messages quote
names. Does not belong here: noticing a failure (sensors.py, nightly.py), and Dagster.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pipeline.contract.command_errors import load_command_errors
from pipeline.paths import DataPaths
from pipeline.whole_files import replace_file

# What the run itself can tell apart; anything else is a failed step, or a process that was killed
_CODES = {
    "WarehouseRejected": "gate_failed",
    "WarehouseUnwritable": "warehouse_unwritable",
    "DagsterExecutionInterruptedError": "interrupted",
}
_STEP_FAILED, _NO_STEP_FAILED = "run_failed", "run_killed"


@dataclass(frozen=True, slots=True)
class RunFailure:
    """One run that failed. step and error_class are '' when it failed outside its steps; failed_at is ISO 8601, UTC."""

    run_id: str
    job: str
    step: str
    error_class: str
    code: str
    next_step: str
    failed_at: str


def describe_run_failure(run_id: str, job: str, steps: Sequence[tuple[str, str]], failed_at: str) -> RunFailure:
    """The record of a run; steps: name and error class of each step that failed, in order."""
    known = next(((step, error) for step, error in steps if error in _CODES), None)
    step, error_class = known or (steps[0] if steps else ("", ""))
    code = _CODES.get(error_class, _STEP_FAILED if steps else _NO_STEP_FAILED)
    return RunFailure(run_id, job, step, error_class, code, load_command_errors()[code].next_step, failed_at)


def write_last_failure(paths: DataPaths, failure: RunFailure) -> None:
    """Replace the file in one step. OSError where it cannot be written."""
    paths.last_failure.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps(asdict(failure), ensure_ascii=False, indent=1) + "\n"
    replace_file(paths.last_failure, content.encode())


def read_last_failure(paths: DataPaths) -> RunFailure | None:
    """The last failure; None when no run ever failed, or the file is not what was written."""
    try:
        return RunFailure(**json.loads(paths.last_failure.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
