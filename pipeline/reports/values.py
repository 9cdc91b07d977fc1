"""One printed value: a number, a mark, a blank, or something that must not be taken for any of them.

Belongs here: what the characters of one cell mean. Does not belong here: which cell of the form they belong to.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pipeline.reports.claims_numbers import parse_numeral
from pipeline.reports.model import CellState
from pipeline.reports.normalise import squeeze
from pipeline.reports.patterns import load_patterns

# 0 | 14 | 5,069 | -15 | 12.3456, then perhaps a unit and a bracketed remark. A leading zero is two numbers in one.
_NUMBER = r"(?P<digits>\d{1,3}(?:,\d{3})+|0|[1-9]\d*)(?P<fraction>\.\d+)?"
_REMARK = r"(?:\([^()]*\))?"
# What readers put in the place of characters that print nothing to be relied on
_UNREADABLE = frozenset("\ufffc\ufffd")
_DIGIT_GAP = re.compile(r"[0-9０-９][\s\u00a0\u3000]+[0-9０-９]")


@dataclass(frozen=True, slots=True)
class PrintedValue:
    """What one cell prints. value is set only for `reported`; unit only where the cell itself prints one."""

    state: CellState
    value: Decimal | None = None
    unit: str = ""


@lru_cache(maxsize=4096)
def parse_value(raw: str) -> PrintedValue | None:
    """The meaning of a cell's characters; None when they are neither a value nor a mark (a label, a sentence).

    Digits that are there but cannot be read as exactly one number give `illegible`, never a guess.
    """
    text = squeeze(raw)
    if not text:
        return PrintedValue(CellState.BLANK)
    mark = load_patterns().marks.get(text)
    if mark is not None:
        return PrintedValue(mark)
    if not any(character.isdigit() for character in text):
        return PrintedValue(CellState.ILLEGIBLE) if set(text) <= _UNREADABLE else _parse_words(text)
    if _has_odd_digits(raw) or _DIGIT_GAP.search(raw):
        return PrintedValue(CellState.ILLEGIBLE) if _mostly_digits(text) else None
    match = _number_pattern().match(text)
    if match:
        return PrintedValue(CellState.REPORTED, _decimal(match), match["unit"] or "")
    return PrintedValue(CellState.ILLEGIBLE) if _mostly_digits(text) or _is_approximate(text) else None


def _parse_words(text: str) -> PrintedValue | None:
    """A number in Chinese numerals; None for other words, and for a single numeral, which is an ordinal or a dash.

    Without a unit a longer numeral may still be an ordinal, and is none that can be relied on.
    """
    patterns = load_patterns()
    match = patterns.chinese_numeral.match(text)
    if match is None:
        return None
    digits, unit = match["digits"], match["unit"] or ""
    if digits in patterns.zeros_in_words:
        return PrintedValue(CellState.REPORTED, Decimal(0), unit)
    if len(digits) == 1 and not unit:
        return None
    number = parse_numeral(digits) if unit else None
    return PrintedValue(CellState.ILLEGIBLE if number is None else CellState.REPORTED, number, unit)


@lru_cache(maxsize=1)
def _number_pattern() -> re.Pattern[str]:
    signs = "|".join(re.escape(sign) for sign in ("+", "-", *load_patterns().signs))
    units = "|".join(re.escape(unit) for unit in load_patterns().units)
    return re.compile(f"^(?P<sign>{signs})?{_NUMBER}(?P<unit>{units})?{_REMARK}$", re.ASCII)


def _decimal(match: re.Match[str]) -> Decimal:
    sign = match["sign"] or ""
    number = Decimal(match["digits"].replace(",", "") + (match["fraction"] or ""))
    return -number if number and load_patterns().signs.get(sign, sign) == "-" else number


def _has_odd_digits(raw: str) -> bool:
    # Circled and superscript digits: NFKC would make an ordinary digit of a footnote mark
    return any(unicodedata.category(c) == "No" for c in raw)


def _is_approximate(text: str) -> bool:
    patterns = load_patterns()
    return patterns.approximate.match(text) is not None and not patterns.counted_words.match(text)


def _mostly_digits(text: str) -> bool:
    """Whether a reader would take this for a number gone wrong rather than for words with a number in them."""
    digits = sum(c.isdigit() or c in ",.+-%" or c in _UNREADABLE for c in text)
    return digits * 2 >= len(text) and not load_patterns().counted_words.match(text)
