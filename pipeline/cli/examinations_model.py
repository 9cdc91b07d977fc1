"""One thing that `touming doctor` looked at, as a value.

Belongs here: the record. Does not belong here: looking (examinations.py, production_examinations.py).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Examination:
    """One thing looked at: level green (well), amber (works, but something is missing) or red (must be mended)."""

    name: str
    level: str
    found: str
    next_step: str = ""
