"""Versions of one agency's report of one year: which documents are copies, and which changes what.

Belongs here: the order of versions and the way a version departs from those before it. Does not belong here: whose
report a document is (agencies/), and which cells a version changed (sql/meta/revision.sql).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class VersionChange(StrEnum):
    """How a document departs from the earlier captures of the same agency's report of the same year."""

    FIRST = "first"
    COPY = "copy"  # same figures and sentences as an earlier one: another address or format of the same version
    TEXT = "text"  # same figures as some earlier version, other sentences
    FIGURES = "figures"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One document as far as versions need it. captured_at is when its bytes were first seen."""

    report_id: str
    captured_at: dt.datetime
    figures_hash: str
    text_hash: str


@dataclass(frozen=True, slots=True)
class Version:
    """The version a document stands for, counted from 1. Copies share the number of what they copy.

    is_latest is true for one document: the first captured of the version with the highest number.
    """

    report_id: str
    number: int
    change: VersionChange
    is_latest: bool


def number_versions(candidates: Iterable[Candidate]) -> tuple[Version, ...]:
    """The documents of one agency and year in order of capture, each with its version.

    A copy of an older version stays a copy however late it is found: a stale mirror is no revision.
    """
    ordered = sorted(candidates, key=lambda one: (one.captured_at, one.report_id))
    number_of: dict[tuple[str, str], int] = {}
    figures_seen: set[str] = set()
    numbered: list[tuple[Candidate, int, VersionChange]] = []
    for one in ordered:
        content = (one.figures_hash, one.text_hash)
        if content in number_of:
            change = VersionChange.COPY
        elif not numbered:
            change = VersionChange.FIRST
        else:
            change = VersionChange.TEXT if one.figures_hash in figures_seen else VersionChange.FIGURES
        number = number_of.setdefault(content, len(number_of) + 1)
        figures_seen.add(one.figures_hash)
        numbered.append((one, number, change))
    return _mark_latest(numbered)


def _mark_latest(numbered: Sequence[tuple[Candidate, int, VersionChange]]) -> tuple[Version, ...]:
    newest = max((number for _, number, _ in numbered), default=0)
    latest = next((one.report_id for one, number, _ in numbered if number == newest), "")
    return tuple(Version(one.report_id, number, change, one.report_id == latest) for one, number, change in numbered)
