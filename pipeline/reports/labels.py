"""How well a printed label names a row of the form: exactly, with few wrong characters, or not at all.

Belongs here: comparing label texts. Does not belong here: the order of rows (align.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from rapidfuzz.distance import Levenshtein

from pipeline.contract.editions import FormRow, FormTable
from pipeline.reports.normalise import compact_label, label_behind_ordinal
from pipeline.reports.patterns import load_patterns

# The column that the other columns of its row add up to, in every table that has one
SUM_COLUMN = "total"

# One wrong character is allowed in a label of four, two from eight on, …; never so many that two rows could be confused
_CHARACTERS_PER_ERROR = 4
_MOST_ERRORS = 5
_LEAST_CUT = 4
_LEAST_UNSURE = 5
_NOT_LETTERS = re.compile(r"[^\w]+|\d+")
_REMARK = re.compile(r"[(（][^()（）]*[)）]")
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
    """The labels of one table's rows, indexed so that the usual exact match costs a look-up.

    A label counts only where a word begins: behind white space, punctuation, an ordinal or other words of the form.
    What ends like a label and is a longer word names another row, which the form may not have.
    """

    def __init__(self, table: FormTable) -> None:
        self._rows: Sequence[FormRow] = table.rows
        self._has_units = bool(table.heading_lead)
        columns = (label for column in table.columns.values() for label in column.labels)
        groups = map(label_behind_ordinal, table.group_labels)
        self._leads = (*columns, *groups, *load_patterns().words_before_label)
        self._exact: dict[str, tuple[int, ...]] = {}
        for i, row in enumerate(table.rows):
            for label in row.labels:
                self._exact[label] = (*self._exact.get(label, ()), i)
        self._lengths = sorted({len(label) for label in self._exact}, reverse=True)

    def match_exactly(self, printed: str) -> tuple[tuple[int, ...], LabelMatch] | None:
        """The rows whose official label the printed text ends with, several where they share it; the longest wins."""
        named, unit = self._split(printed)
        for text, begins in _readings(named):
            if text in self._exact:
                return self._exact[text], LabelMatch(text, 0, unit)
            for length in self._lengths:
                rows = self._exact.get(text[-length:]) if len(text) >= length else None
                if rows is not None and self._begins_word(text, begins, len(text) - length):
                    return rows, LabelMatch(text[-length:], 0, unit)
        return None

    def match_loosely(self, printed: str, following: str, rows: Iterable[int]) -> dict[int, LabelMatch]:
        """The rows this text may name with wrong characters, or with its tail printed after the values.

        Of several, only the closest for their length: the tail of a long label may resemble a short one.
        """
        rest = compact_label(following)
        named, unit = self._split(printed)
        found: dict[int, LabelMatch] = {}
        for text, begins in _readings(named):
            tails = [text[i:] for i in range(len(text)) if self._begins_word(text, begins, i)]
            for row in rows:
                for label in self._rows[row].labels:
                    allowed = _count_errors_allowed(label, self._rows[row])
                    match = _compare_tails(tails, label, allowed) or _compare_cut(text, rest, label)
                    if match and (row not in found or match.distance < found[row].distance):
                        found[row] = match
        closest = min((m.error_share for m in found.values()), default=0.0)
        return {row: replace(match, unit=unit) for row, match in found.items() if match.error_share == closest}

    def _begins_word(self, text: str, begins: frozenset[int], position: int) -> bool:
        return position in begins or text[:position].endswith(self._leads)

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
def _readings(printed: str) -> tuple[tuple[str, frozenset[int]], ...]:
    """The label as printed, and without bracketed remarks such as a unit; each with the places where words begin."""
    whole = _read_words(printed)
    bare = _read_words(_REMARK.sub(" ", printed))
    return (whole,) if bare[0] == whole[0] else (whole, bare)


@lru_cache(maxsize=4096)
def _read_words(printed: str) -> tuple[str, frozenset[int]]:
    """The compact label, and the places in it before which something else than a letter is printed."""
    words = [compact_label(word) for word in _NOT_LETTERS.split(printed)]
    ends = accumulate(len(word) for word in words)
    return "".join(words), frozenset((0, *ends))


def _count_errors_allowed(label: str, row: FormRow) -> int:
    """How many characters of this row's label may be wrong.

    In a short label one other character makes another word, and no typo; only a row's own sum could tell.
    """
    if len(label) < _LEAST_UNSURE and row.columns[-1] != SUM_COLUMN:
        return 0
    return min(len(label) // _CHARACTERS_PER_ERROR, _MOST_ERRORS)


def _compare_tails(tails: Sequence[str], label: str, allowed: int) -> LabelMatch | None:
    comparable = [tail for tail in tails if allowed and abs(len(tail) - len(label)) <= allowed]
    best = min((Levenshtein.distance(tail, label, score_cutoff=allowed) for tail in comparable), default=allowed + 1)
    return LabelMatch(label, best) if best <= allowed else None


def _compare_cut(text: str, following: str, label: str) -> LabelMatch | None:
    """A label cut by its values: the beginning before them, exactly the rest after them."""
    for length in range(len(label) - 1, _LEAST_CUT - 1, -1):
        if text.endswith(label[:length]):
            return LabelMatch(label, 0) if following.startswith(label[length:]) else None
    return None
