"""What a run came to, as an exit code.

Belongs here: which failure of a run or of the disk is which exit code. Does not belong here: running anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.errors import CommandError, Exit

if TYPE_CHECKING:
    from pipeline.orchestration.instance import JobOutcome

_GATE_ERROR = "WarehouseRejected"
_DISK_ERROR = "WarehouseUnwritable"
_HISTORY_ERROR = "RunHistoryUnwritable"


def raise_on_unread(outcome: JobOutcome) -> None:
    """Raise the CommandError for documents that this run read in vain; not for what failed in an earlier one."""
    if failed_count := outcome.metadata_totals.get(("stage/reading", "failed now"), 0):
        raise CommandError(
            Exit.UNREAD_DOCUMENTS,
            "documents_unread",
            f"{failed_count} document(s) could not be read; everything else is published",
            "docs/errors.md explains the codes above; touming reparse --only-failed reads them again",
        )


def raise_on_failure(outcome: JobOutcome) -> None:
    """Raise the CommandError for a run that failed; nothing for one that succeeded."""
    if not outcome.failed_steps:
        return
    if gate := next((step for step in outcome.failed_steps if step.error_class == _GATE_ERROR), None):
        raise CommandError(
            Exit.GATE_FAILED,
            "gate_failed",
            gate.message,
            f"make ui shows the rows behind each check, run {outcome.run_id}; analysts still have yesterday's file",
        )
    if disk := next((step for step in outcome.failed_steps if step.error_class == _DISK_ERROR), None):
        raise CommandError(
            Exit.UNEXPECTED,
            "warehouse_unwritable",
            disk.message,
            "once that is done, run again; analysts still have yesterday's file",
        )
    if history := next((step for step in outcome.failed_steps if step.error_class == _HISTORY_ERROR), None):
        raise CommandError(
            Exit.UNEXPECTED,
            "run_history_unwritable",
            history.message,
            "once that is done, run again; analysts still have the file that was published last",
        )
    steps = "; ".join(f"step {s.step}: {s.error_class}: {s.message}" for s in outcome.failed_steps)
    raise CommandError(
        Exit.UNEXPECTED, "run_failed", steps, f"make ui shows the whole log of run {outcome.run_id}; then run again"
    )


@contextmanager
def refuse_unwritable(folder: Path) -> Iterator[None]:
    """Turn what a full or closed disk raises within into the CommandError that says so."""
    from pipeline.warehouse.errors import WarehouseUnwritable
    from pipeline.warehouse.swap import explain_disk

    try:
        with explain_disk(folder):
            yield
    except WarehouseUnwritable as error:
        raise CommandError(
            Exit.UNEXPECTED, "warehouse_unwritable", str(error), "once that is done, run again"
        ) from error
