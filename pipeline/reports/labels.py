"""How well a printed label names a row of the form: exactly, with few wrong characters, or not at all.

Belongs here: comparing label texts. Does not belong here: the order of rows (align.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from pipeline.contract.editions import FormRow
from pipeline.reports.normalise import compact_label, without_brackets
from pipeline.reports.patterns import load_patterns

# One wrong character is allowed in a label of four, two from eight on, …; never so many that two rows could be confused
_CHARACTERS_PER_ERROR = 4
_MOST_ERRORS = 5
_LEAST_CUT = 4


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """A printed label taken for a row: the official label it was compared with and the edit distance to it."""

    label: str
    distance: int

    @property
    def error_share(self) -> float:
        """Wrong characters per character of the official label."""
        return self.distance / max(len(self.label), 1)


class RowLabels:
    """The labels of one table's rows, indexed so that the usual exact match costs a look-up."""

    def __init__(self, rows: Sequence[FormRow]) -> None:
        self._rows = rows
        self._exact: Mapping[str, int] = {label: i for i, row in enumerate(rows) for label in row.labels}
        self._lengths = sorted({len(label) for label in self._exact}, reverse=True)

    def match_exactly(self, printed: str) -> tuple[int, LabelMatch] | None:
        """The row whose official label the printed text ends with; the longest label wins."""
        for text in _readings(printed):
            for length in self._lengths:
                row = self._exact.get(text[-length:]) if len(text) >= length else None
                if row is not None:
                    return row, LabelMatch(text[-length:], 0)
        return None

    def match_loosely(self, printed: str, following: str, rows: Iterable[int]) -> dict[int, LabelMatch]:
        """The rows this text may name with wrong characters, or with its tail printed after the values.

        Of several, only the closest for their length: the tail of a long label may resemble a short one.
        """
        rest = compact_label(following)
        found: dict[int, LabelMatch] = {}
        for text in _readings(printed):
            for row in rows:
                for label in self._rows[row].labels:
                    match = _compare_tail(text, label) or _compare_cut(text, rest, label)
                    if match and (row not in found or match.distance < found[row].distance):
                        found[row] = match
        closest = min((m.error_share for m in found.values()), default=0.0)
        return {row: match for row, match in found.items() if match.error_share == closest}


def label_as_printed(printed: str, match: LabelMatch) -> str:
    """The part of the text before a row's values that is its label, with the ordinal if one is printed.

    In a run of text everything since the previous values stands there, narrative included; none of that may be kept.
    """
    wanted, position = len(match.label), len(printed)
    while position > 0 and wanted > 0:
        position -= 1
        wanted -= len(compact_label(printed[position]))
    ordinal = load_patterns().ordinal_before.search(printed[:position])
    return printed[ordinal.start() if ordinal else position :].strip()


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
