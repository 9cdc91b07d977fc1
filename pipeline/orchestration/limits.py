"""How much one document may take of the machine, and what the end of a process at a limit means.

Belongs here: the limits by media type, setting them in a process, explaining an exit code. Does not belong here: the
processes themselves (workers.py), and the limits that a reader sets itself on sizes (documents/).
"""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.documents.office import CONVERTED_TYPES
from pipeline.documents.scan import IMAGE_TYPES, find_model
from pipeline.issues import Issue, IssueCode

# Exit status of a process that ran into its memory limit and could still say so
OUT_OF_MEMORY = 77
# Shells report death by signal n as 128 + n; a worker passes the death of its child on in the same way
SIGNAL_STATUS = 128

_GIB = 1024**3
_STATEMENT_OF_PAGES = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may take: seconds by the clock, bytes of address space beyond what the process began with."""

    seconds: float
    memory_bytes: int


# A large page takes 0.1 s; what takes this long is not going to end
_QUICK = Limits(20, 2 * _GIB)
# The converter has 60 s of its own, after which its result is still to be read; it maps more than it uses
_CONVERTED = Limits(90, 6 * _GIB)
# Recognition takes two seconds a page and 0.6 GiB, of which libraries map several times as much
_RECOGNISED = Limits(120, 4 * _GIB)
_WITH_PICTURES: Mapping[str, Limits] = {
    "application/pdf": Limits(60, 2 * _GIB),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": _QUICK,
}
_LIMITS: Mapping[str, Limits] = {
    **{media_type: _RECOGNISED if find_model() else limits for media_type, limits in _WITH_PICTURES.items()},
    **dict.fromkeys(IMAGE_TYPES, _RECOGNISED),
    **dict.fromkeys(CONVERTED_TYPES, _CONVERTED),
}


def limits_of(media_type: str) -> Limits:
    """The limits for one document of a media type."""
    return _LIMITS.get(media_type, _QUICK)


def measure_mapped_bytes() -> int:
    """The address space that this process has now, 0 where the system does not tell."""
    try:
        pages = int(_STATEMENT_OF_PAGES.read_text(encoding="ascii").split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()


@contextmanager
def enforce_limits(limits: Limits, mapped_bytes: int) -> Iterator[None]:
    """Let the kernel end this process when the block takes too long, and refuse it memory beyond the limit.

    Only for processes made for the purpose. Past the time there is no exception: SIGALRM ends the process, whatever
    native code it is in. Refused memory is a MemoryError where Python asked for it, often an abort where a library did.
    """
    _set_soft_limit(resource.RLIMIT_CORE, 0)
    _set_soft_limit(resource.RLIMIT_AS, mapped_bytes + limits.memory_bytes)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def explain_end(exit_code: int, limits: Limits) -> Issue:
    """What the end of the process that was reading a document says about the document.

    exit_code is that of the multiprocessing module (-n for death by signal n) or of a shell (128 + n).
    """
    number = -exit_code if exit_code < 0 else exit_code - SIGNAL_STATUS
    advice = "the bytes stay archived; try it alone with touming report"
    if number == signal.SIGALRM:
        what = f"reading took longer than {limits.seconds:g} s and was stopped"
        return Issue(IssueCode.LIMIT_EXCEEDED, f"{what}; {advice}")
    if exit_code == OUT_OF_MEMORY:
        what = f"reading ran out of memory at {limits.memory_bytes / _GIB:g} GiB"
        return Issue(IssueCode.LIMIT_EXCEEDED, f"{what}; {advice}")
    if number > 0:
        names = {known.value: f" ({known.name})" for known in signal.Signals}
        what = f"the process reading it was killed by signal {number}{names.get(number, '')}"
    else:
        what = f"the process reading it ended with status {exit_code}"
    return Issue(IssueCode.READER_CRASHED, f"{what}; {advice}")


def _set_soft_limit(which: int, wanted: int) -> None:
    _, hard = resource.getrlimit(which)
    resource.setrlimit(which, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
