"""How well a printed label names a row of the form: exactly, with few wrong characters, or not at all.

Belongs here: comparing label texts. Does not belong here: the order of rows (align.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from pipeline.contract.editions import FormRow
from pipeline.reports.normalise import compact_label, without_brackets
from pipeline.reports.patterns import load_patterns

# One wrong character is allowed in a label of four, two from eight on, …; never so many that two rows could be confused
_CHARACTERS_PER_ERROR = 4
_MOST_ERRORS = 5
_LEAST_CUT = 4
_REMARK_BEHIND = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """A printed label taken for a row: the official label it was compared with and the edit distance to it.

    unit is the one printed behind the label, '' for none.
    """

    label: str
    distance: int
    unit: str = ""

    @property
    def error_share(self) -> float:
        """Wrong characters per character of the official label."""
        return self.distance / max(len(self.label), 1)


class RowLabels:
    """The labels of one table's rows, indexed so that the usual exact match costs a look-up."""

    def __init__(self, rows: Sequence[FormRow], *, has_units: bool = False) -> None:
        """has_units: whether the table prints a unit between a row's label and its values."""
        self._rows = rows
        self._has_units = has_units
        self._exact: dict[str, tuple[int, ...]] = {}
        for i, row in enumerate(rows):
            for label in row.labels:
                self._exact[label] = (*self._exact.get(label, ()), i)
        self._lengths = sorted({len(label) for label in self._exact}, reverse=True)

    def match_exactly(self, printed: str) -> tuple[tuple[int, ...], LabelMatch] | None:
        """The rows whose official label the printed text ends with, several where they share it; the longest wins."""
        named, unit = self._split(printed)
        for text in _readings(named):
            if text in self._exact:
                return self._exact[text], LabelMatch(text, 0, unit)
            for length in self._lengths:
                rows = self._exact.get(text[-length:]) if len(text) >= length else None
                if rows is not None:
                    return rows, LabelMatch(text[-length:], 0, unit)
        return None

    def match_loosely(self, printed: str, following: str, rows: Iterable[int]) -> dict[int, LabelMatch]:
        """The rows this text may name with wrong characters, or with its tail printed after the values.

        Of several, only the closest for their length: the tail of a long label may resemble a short one.
        """
        rest = compact_label(following)
        named, unit = self._split(printed)
        found: dict[int, LabelMatch] = {}
        for text in _readings(named):
            for row in rows:
                for label in self._rows[row].labels:
                    match = _compare_tail(text, label) or _compare_cut(text, rest, label)
                    if match and (row not in found or match.distance < found[row].distance):
                        found[row] = match
        closest = min((m.error_share for m in found.values()), default=0.0)
        return {row: replace(match, unit=unit) for row, match in found.items() if match.error_share == closest}

    def _split(self, printed: str) -> tuple[str, str]:
        return split_unit(printed) if self._has_units else (printed, "")


def split_unit(printed: str) -> tuple[str, str]:
    """The text before a row's values as label and unit; '' for no unit."""
    text = printed.rstrip()
    match = load_patterns().unit_behind_label.search(unicodedata.normalize("NFKC", text))
    # Only where normalising kept every character's place can the label be cut from the text as printed
    if match is None or match.end() != len(text):
        return text, ""
    return text[: match.start()].rstrip(), match["unit"] or match["bracketed"]


def label_as_printed(printed: str, match: LabelMatch) -> str:
    """The part of the text before a row's values that is its label, with the ordinal if one is printed.

    In a run of text everything since the previous values stands there, narrative included; none of that may be kept.
    """
    if match.unit:
        printed = split_unit(printed)[0]
    if match.distance == 0 and not compact_label(printed).endswith(match.label):
        printed = _REMARK_BEHIND.sub("", printed)
    wanted, position = len(match.label), len(printed)
    while position > 0 and wanted > 0:
        position -= 1
        wanted -= len(compact_label(printed[position]))
    ordinal = load_patterns().ordinal_before.search(printed[:position])
    return printed[ordinal.start() if ordinal else position :].strip()


@lru_cache(maxsize=4096)
def _readings(printed: str) -> tuple[str, ...]:
    """The label as printed, and without bracketed remarks such as a unit."""
    whole = compact_label(printed)
    bare = compact_label(without_brackets(printed))
    return (whole,) if bare == whole else (whole, bare)


def _compare_tail(text: str, label: str) -> LabelMatch | None:
    allowed = min(len(label) // _CHARACTERS_PER_ERROR, _MOST_ERRORS)
    if allowed == 0:
        return None
    best = min(
        Levenshtein.distance(text[-length:], label, score_cutoff=allowed)
        for length in range(max(1, len(label) - allowed), len(label) + allowed + 1)
    )
    return LabelMatch(label, best) if best <= allowed else None


def _compare_cut(text: str, following: str, label: str) -> LabelMatch | None:
    """A label cut by its values: the beginning before them, exactly the rest after them."""
    for length in range(len(label) - 1, _LEAST_CUT - 1, -1):
        if text.endswith(label[:length]):
            return LabelMatch(label, 0) if following.startswith(label[length:]) else None
    return None
