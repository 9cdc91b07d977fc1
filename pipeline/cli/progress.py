"""Long work on a terminal: a bar for each stage, gone when it ends; and what Ctrl-C comes to.

Belongs here: when there are bars, how they look, and the error of a command that was stopped. Does not belong here:
telling how far the work is (pipeline/progress.py).
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from pipeline.cli.errors import CommandError, Exit
from pipeline.progress import WatchProgress, watching_progress

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, TaskID


@dataclass(slots=True)
class Watched:
    """The stage that work is in, as told last ('' before anything was), and where a pipe tells of Ctrl-C."""

    signals: int
    stage: str = ""
    done: int = 0
    total: int = 0
    is_stopped: bool = False

    def note(self, stage: str, done: int, total: int) -> None:
        """Keep how far the work is."""
        self.stage, self.done, self.total = stage, done, total

    def look_for_stop(self) -> bool:
        """Whether Ctrl-C was pressed since the work began, whoever caught it."""
        with suppress(BlockingIOError):
            self.is_stopped |= signal.SIGINT in os.read(self.signals, 4096)
        return self.is_stopped

    def raise_if_stopped(self) -> None:
        """Raise KeyboardInterrupt when Ctrl-C was pressed, for work that returns all the same."""
        if self.look_for_stop():
            raise KeyboardInterrupt

    def describe_stop(self, kept: str) -> CommandError:
        """The error of a command that was stopped here; kept: what stands, and how to go on."""
        where = f" while {self.stage}, {self.done:,} of {self.total:,} done" if self.stage else ""
        return CommandError(Exit.INTERRUPTED, "interrupted", f"stopped by Ctrl-C{where}", kept)


def is_terminal() -> bool:
    """Whether stderr is a terminal that can move its cursor; anywhere else not one control character is written."""
    return sys.stderr.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")


def open_bars(*columns: ProgressColumn, terminal: TextIO | None = None) -> Progress:
    """Bars that vanish when they are closed, on stderr, whose other lines go above them; or on a terminal of their own.

    stdout is for data and stays as it is.
    """
    from rich.console import Console
    from rich.progress import Progress

    console = Console(file=terminal or sys.stderr)
    return Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=terminal is None)


@contextmanager
def show_progress(kept: str) -> Iterator[Watched]:
    """Show what is told within, a bar for each stage, on a terminal.

    Ctrl-C ends the command with the code `interrupted` and with kept, which says what stands and how to go on.
    """
    with _listen_for_signals() as signals:
        watched = Watched(signals)
        try:
            with _show_bars(watched) if is_terminal() else watching_progress(watched.note):
                yield watched
        except BaseException as error:
            # DuckDB and Dagster make errors of their own of it
            if isinstance(error, KeyboardInterrupt) or watched.look_for_stop():
                raise watched.describe_stop(kept) from error
            raise


@contextmanager
def _listen_for_signals() -> Iterator[int]:
    """A pipe that every signal is written to: while a step runs, Dagster takes Ctrl-C for itself."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False) if is_main else -1
    try:
        yield reading
    finally:
        if is_main:
            signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)


@contextmanager
def _show_bars(watched: Watched) -> Iterator[None]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", justify="right", markup=False),
        TimeElapsedColumn(),
        TextColumn("left", markup=False),
        TimeRemainingColumn(compact=True),
    )
    with (
        _hold_stderr(watched) as terminal,
        open_bars(*columns, terminal=terminal) as bars,
        watching_progress(_draw_on(bars, watched)),
    ):
        yield


def _draw_on(bars: Progress, watched: Watched) -> WatchProgress:
    tasks: dict[str, TaskID] = {}

    def show(stage: str, done: int, total: int) -> None:
        watched.note(stage, done, total)
        if stage not in tasks:
            tasks[stage] = bars.add_task(stage, total=total, rate="")
        speed = next(task.speed for task in bars.tasks if task.id == tasks[stage])
        bars.update(tasks[stage], completed=done, total=total, rate=f"{speed:,.1f}/s" if speed else "")

    return show


@contextmanager
def _hold_stderr(watched: Watched) -> Iterator[TextIO]:
    """The terminal, for the bars alone: what anything else writes to stderr is printed once they are gone.

    Not after Ctrl-C: all it would add are the last words of Dagster's helpers, which it reaches as well. And what a
    step writes while Dagster keeps a log of it would take the bars into that log.
    """
    number = sys.stderr.fileno()
    with os.fdopen(os.dup(number), "w", encoding="utf-8") as terminal, tempfile.TemporaryFile() as held:
        sys.stderr.flush()
        os.dup2(held.fileno(), number)
        try:
            yield terminal
        finally:
            sys.stderr.flush()
            os.dup2(terminal.fileno(), number)
            if not watched.look_for_stop():
                held.seek(0)
                shutil.copyfileobj(held, terminal.buffer)
