"""How far long work is, told while it goes on to whoever looks; by itself it prints and keeps nothing.

Belongs here: passing it on, through whatever lies between the work and a terminal (a job of Dagster, a pool of
processes). Does not belong here: showing it (cli/progress.py), and what came of the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

# Called with what is being done, how much of it is done, and how much there is
WatchProgress = Callable[[str, int, int], None]
Item = TypeVar("Item")

_WATCHER: ContextVar[WatchProgress | None] = ContextVar("progress_watcher", default=None)


def tell_progress(stage: str, done: int, total: int) -> None:
    """Say how much of a stage is done; costs next to nothing where nobody looks."""
    watcher = _WATCHER.get()
    if watcher is not None:
        watcher(stage, done, total)


def each_told(stage: str, items: Sequence[Item]) -> Iterator[Item]:
    """The items, one after the other, each told as done once the next is asked for."""
    for done, item in enumerate(items):
        tell_progress(stage, done, len(items))
        yield item
    tell_progress(stage, len(items), len(items))


@contextmanager
def watching_progress(watcher: WatchProgress) -> Iterator[None]:
    """Within it, what this thread tells goes to the watcher."""
    token = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(token)
