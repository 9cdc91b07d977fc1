"""Processes in which untrusted documents are read: whatever one does to its process, the caller gets a value.

Belongs here: starting, feeding, replacing and ending processes. Does not belong here: what is done in them (a function
is passed in), which limits there are (limits.py), and how many workers share the work (readers.py).

A worker answers a few tasks at a time: it says when each is done, and sends what all of them came to, packed, once.
What was done and not yet sent when a process ends is done again by the next.

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
Answer = TypeVar("Answer")
Task = tuple[Argument, Limits]

# What leaks or lies about after a document does not outlive this many
DOCUMENTS_PER_PROCESS = 200
# What is new between two looks for garbage: more than reading most documents leaves, little enough for hostile ones
_NEW_BETWEEN_COLLECTIONS = 50_000
_DONE = b""
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


class Worker(Generic[Argument, Answer]):
    """One process at a time that calls `function` on each of some arguments and `pack` on the results of them all.

    It is started at first use. `prepare` is called once in the outer process, for what all its forks are to share. All
    three are importable by name.
    """

    def __init__(
        self,
        function: Callable[[Argument], Result],
        pack: Callable[[list[Result]], Answer],
        prepare: Callable[[], None] | None = None,
    ) -> None:
        self._calls = _Calls(function, pack, prepare)
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Worker[Argument, Answer]:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(self, tasks: Sequence[Task[Argument]]) -> Iterator[Answer | Died[Argument]]:
        """Died for each task that ended the process, then the packed results of the others, if there are any.

        When it ends while packing the results of several tasks, any of them may be the cause: all of them Died then.
        Tasks must be small: a full pipe waits for both sides.
        """
        left = list(tasks)
        while left:
            done_count = 0
            try:
                connection = self._connect()
                connection.send(left)
                for _ in left:
                    connection.recv_bytes()
                    done_count += 1
                answer: Answer = connection.recv()
            except (EOFError, OSError):
                exit_code = self.stop()
                was_packing = done_count == len(left)
                lost = left if was_packing else [left[done_count]]
                left = [] if was_packing else left[:done_count] + left[done_count + 1 :]
                yield from (Died(argument, explain_end(exit_code, limits)) for argument, limits in lost)
            else:
                yield answer
                return

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
        self._process = context.Process(target=_serve, args=(there, self._calls), daemon=True)
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
        os._exit(_answer(there, function, argument, limits))
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


@dataclass(frozen=True, slots=True)
class _Calls:
    """What a worker calls."""

    function: Callable[[Any], Any]
    pack: Callable[[list[Any]], Any]
    prepare: Callable[[], None] | None


def _serve(connection: Connection, calls: _Calls) -> None:
    """The outer process: fork an inner one, and the next one, until the caller hangs up or an inner one dies."""
    # Ctrl-C reaches the whole group; the caller hangs up, and that ends the workers in order
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if calls.prepare is not None:
        calls.prepare()
    # What is there already never goes, and looking at it would copy its memory into every fork
    gc.freeze()
    gc.set_threshold(_NEW_BETWEEN_COLLECTIONS)
    connection.send(None)
    exit_code = _RECYCLED
    while exit_code == _RECYCLED:
        process = os.fork()
        if process == 0:
            os._exit(_answer_many(connection, calls))
        exit_code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    os._exit(SIGNAL_STATUS - exit_code if exit_code < 0 else exit_code)


def _answer_many(connection: Connection, calls: _Calls) -> int:
    """The inner process: answer tasks until it has done its share; the exit status that says why it stopped."""
    mapped_bytes = measure_mapped_bytes()
    done_count = 0
    while done_count < DOCUMENTS_PER_PROCESS:
        try:
            tasks = connection.recv()
        except (EOFError, OSError):
            return 0
        done_count += len(tasks)
        try:
            connection.send(_do_tasks(connection, calls, tasks, mapped_bytes))
        except MemoryError:
            return OUT_OF_MEMORY
        except BaseException:  # the message could quote the document, and the caller is told the status
            return 1
    return _RECYCLED


def _do_tasks(connection: Connection, calls: _Calls, tasks: Sequence[Task[Any]], mapped_bytes: int) -> Any:
    results = []
    for argument, limits in tasks:
        with enforce_limits(limits, mapped_bytes):
            results.append(calls.function(argument))
        connection.send_bytes(_DONE)
    # No more than the last document may take; packing them all takes less than reading one
    with enforce_limits(tasks[-1][1], mapped_bytes):
        return calls.pack(results)


def _answer(connection: Connection, function: Callable[[Any], Any], argument: Any, limits: Limits) -> int:
    """Send the result of one call; 0, or the status to exit with. Nothing is raised: above is a copy of the caller."""
    try:
        with enforce_limits(limits, measure_mapped_bytes()):
            result = function(argument)
        connection.send(result)
    except MemoryError:
        return OUT_OF_MEMORY
    except BaseException:  # the message could quote the document, and the caller is told the status
        return 1
    return 0
