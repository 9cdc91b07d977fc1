"""Processes in which untrusted documents are read: whatever one does to its process, the caller gets a value.

Belongs here: starting, feeding, replacing and ending processes. Does not belong here: what is done in them (a function
is passed in), which limits there are (limits.py), and how many workers share the work (readers.py).

A worker is two processes. The outer one is a fresh interpreter that imports the readers once and never sees a document;
it forks the inner one, which reads, and forks the next when that has done its share, for a hundredth of what a new
interpreter costs. When an inner process dies the outer one ends with the same status, so a pipe cut off in the middle
of a result is never read on.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from typing import Any, Generic, TypeVar

from pipeline.issues import Issue
from pipeline.orchestration.limits import (
    OUT_OF_MEMORY,
    SIGNAL_STATUS,
    Limits,
    enforce_limits,
    explain_end,
    measure_mapped_bytes,
)

Argument = TypeVar("Argument")
Result = TypeVar("Result")

# What leaks or lies about after a document does not outlive this many
DOCUMENTS_PER_PROCESS = 200
_RECYCLED = 79
_SECONDS_TO_END = 1.0
# How often a process is started again that was killed before it was ready
_MOST_STARTS = 5


class WorkerStartError(RuntimeError):
    """A worker process ended before it was given anything: the installation is at fault, no document."""


@dataclass(frozen=True, slots=True)
class Died(Generic[Argument]):
    """The process ended on this argument; `issue` says how."""

    argument: Argument
    issue: Issue


class Worker(Generic[Argument, Result]):
    """One process at a time that calls `function` on what it is given; started at first use.

    `prepare` is called once in the outer process, for what all its forks are to share. Both are importable by name.
    """

    def __init__(self, function: Callable[[Argument], Result], prepare: Callable[[], None] | None = None) -> None:
        self._function = function
        self._prepare = prepare
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Worker[Argument, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(self, tasks: Sequence[tuple[Argument, Limits]]) -> Iterator[Result | Died[Argument]]:
        """The result of each task in order. Tasks after one that ended the process go to its successor.

        Several tasks at once must be small: they are sent ahead, and a full pipe waits for both sides.
        """
        sent_count = 0
        for number, task in enumerate(tasks):
            answer: Result | Died[Argument]
            try:
                connection = self._connect()
                for later in tasks[max(sent_count, number) :]:
                    connection.send(later)
                sent_count = len(tasks)
                answer = connection.recv()
            except (EOFError, OSError):
                answer = Died(task[0], explain_end(self.stop(), task[1]))
                sent_count = number + 1
            yield answer

    def stop(self) -> int:
        """End the process and return its exit code, 0 when there was none."""
        if self._process is None or self._connection is None:
            return 0
        self._connection.close()
        self._process.join(_SECONDS_TO_END)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
        exit_code = self._process.exitcode
        self._process = self._connection = None
        return exit_code or 0

    def _connect(self) -> Connection:
        if self._connection is not None:
            return self._connection
        status = -signal.SIGKILL
        starts = 0
        # Nothing here kills a process that starts: somebody did, or the machine was short of memory for a moment
        while status == -signal.SIGKILL and starts < _MOST_STARTS:
            connection = self._start()
            try:
                connection.recv()
            except (EOFError, OSError):
                status = self.stop()
                starts += 1
            else:
                return connection
        raise WorkerStartError(
            f"a process for reading ended with status {status} before it read anything; its message stands above, "
            "touming doctor examines the installation"
        )

    def _start(self) -> Connection:
        # spawn: the parent holds threads of Dagster and Polars, which a fork would copy half-locked
        context = multiprocessing.get_context("spawn")
        self._connection, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there, self._function, self._prepare), daemon=True)
        self._process.start()
        there.close()
        return self._connection


def run_apart(function: Callable[[Argument], Result], argument: Argument, limits: Limits) -> Result | Died[Argument]:
    """Call a function once in a fork of this process, for a tenth of what a new interpreter costs.

    For a process without threads, such as a command that has only read its arguments.
    """
    here, there = Pipe(duplex=False)
    process = os.fork()
    if process == 0:
        here.close()
        os._exit(_answer(there, function, (argument, limits), measure_mapped_bytes()))
    there.close()
    answer: Result | None = None
    is_whole = False
    try:
        answer = here.recv()
        is_whole = True
    except (EOFError, OSError):
        pass
    here.close()
    exit_code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return answer if is_whole else Died(argument, explain_end(exit_code, limits))  # type: ignore[return-value]


def _serve(connection: Connection, function: Callable[[Any], Any], prepare: Callable[[], None] | None) -> None:
    """The outer process: fork an inner one, and the next one, until the caller hangs up or an inner one dies."""
    # Ctrl-C reaches the whole group; the caller hangs up, and that ends the workers in order
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if prepare is not None:
        prepare()
    # What is there already never goes, and looking at it would copy its memory into every fork
    gc.freeze()
    connection.send(None)
    exit_code = _RECYCLED
    while exit_code == _RECYCLED:
        process = os.fork()
        if process == 0:
            os._exit(_answer_many(connection, function))
        exit_code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    os._exit(SIGNAL_STATUS - exit_code if exit_code < 0 else exit_code)


def _answer_many(connection: Connection, function: Callable[[Any], Any]) -> int:
    """The inner process: answer tasks until it has done its share; the exit status that says why it stopped."""
    mapped_bytes = measure_mapped_bytes()
    for _ in range(DOCUMENTS_PER_PROCESS):
        try:
            task = connection.recv()
        except (EOFError, OSError):
            return 0
        status = _answer(connection, function, task, mapped_bytes)
        if status:
            return status
    return _RECYCLED


def _answer(connection: Connection, function: Callable[[Any], Any], task: tuple[Any, Limits], mapped_bytes: int) -> int:
    """Send the result of one task; 0, or the status to exit with. Nothing is raised: above is a copy of the caller."""
    argument, limits = task
    try:
        with enforce_limits(limits, mapped_bytes):
            result = function(argument)
        connection.send(result)
    except MemoryError:
        return OUT_OF_MEMORY
    except BaseException:  # the message could quote the document, and the caller is told the status
        return 1
    return 0
