"""A process and all it starts, watched from outside: memory and CPU of the whole tree, several times a second.

Belongs here: reading /proc of Linux. Does not belong here: what the processes do.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_SECONDS_BETWEEN = 0.25
_TICKS = os.sysconf("SC_CLK_TCK")
_MEBIBYTE_IN_KIBIBYTES = 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """A tree at a moment (seconds since the epoch): CPU seconds spent so far; MiB held, shared pages counted once."""

    moment: float
    cpu_seconds: float
    mebibytes: float


@dataclass(slots=True)
class Watch:
    """Samples of the tree below a process, taken by a thread until the process ends or stop() is called."""

    root: int
    samples: list[Sample] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to take samples."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            sample = take_sample(self.root)
            if sample is None:
                return
            self.samples.append(sample)
            self._ended.wait(_SECONDS_BETWEEN)


def take_sample(root: int) -> Sample | None:
    """The tree now; None where the process is gone or /proc is not that of Linux."""
    parents = _list_parents()
    if root not in parents:
        return None
    tree = {root}
    size = 0
    while size != len(tree):
        size = len(tree)
        tree |= {process for process, parent in parents.items() if parent in tree}
    return Sample(time.time(), sum(map(_read_cpu_seconds, tree)), sum(map(_read_mebibytes, tree)))


def peak_between(samples: Sequence[Sample], start: float, end: float) -> float:
    """The most MiB held between two moments, the last sample before them included; 0 where none was taken."""
    before = [each for each in samples if each.moment < start][-1:]
    during = [each for each in samples if start <= each.moment <= end]
    return max((each.mebibytes for each in (*before, *during)), default=0.0)


def cpu_between(samples: Sequence[Sample], start: float, end: float) -> float:
    """CPU seconds spent between two moments, as the line through the samples has it."""
    return max(0.0, _cpu_at(samples, end) - _cpu_at(samples, start))


def _cpu_at(samples: Sequence[Sample], moment: float) -> float:
    before = [each for each in samples if each.moment <= moment][-1:]
    after = [each for each in samples if each.moment > moment][:1]
    if not (before and after):
        return (before or after)[0].cpu_seconds if before or after else 0.0
    share = (moment - before[0].moment) / (after[0].moment - before[0].moment)
    return before[0].cpu_seconds + share * (after[0].cpu_seconds - before[0].cpu_seconds)


def _list_parents() -> dict[int, int]:
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _read_stat(int(folder.name))
        if fields:
            parents[int(folder.name)] = int(fields[1])
    return parents


def _read_stat(process: int) -> list[str]:
    """The fields after the name of the program, [] for a process that is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _read_cpu_seconds(process: int) -> float:
    """What a process spent, with its children that have ended."""
    fields = _read_stat(process)
    return sum(map(int, fields[11:15])) / _TICKS if fields else 0.0


def _read_mebibytes(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / _MEBIBYTE_IN_KIBIBYTES
