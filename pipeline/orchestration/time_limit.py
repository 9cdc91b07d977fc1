"""A limit on how long one document may take.

Belongs here: the limit and the exception it raises. Does not belong here: what becomes of the document.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# A large page takes 0.1 s; what takes this long is not going to end.
SECONDS_PER_DOCUMENT = 60.0


class DocumentTimeoutError(BaseException):
    """One document took too long. Not an Exception: no `except Exception` on the way may take it for its own."""


@contextmanager
def limit_time(seconds: float = SECONDS_PER_DOCUMENT) -> Iterator[None]:
    """Raise DocumentTimeoutError in this block after so many seconds.

    Signals reach main threads only; in any other thread there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal_number: int, _frame: FrameType | None) -> None:
        raise DocumentTimeoutError(f"reading took longer than {seconds:g} s and was stopped")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
