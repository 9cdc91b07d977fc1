"""Numbers as sentences print them: digits with separators, Chinese numerals, multipliers.

Belongs here: turning one printed numeral into a number, or refusing it. Does not belong here: finding numerals
(claims.py), or cells of tables, which have stricter rules (values.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from pipeline.contract.claims import load_claims_file

# Ten digits and more without a separator are a telephone number
_DIGITS = re.compile(r"(?:0|[1-9]\d{0,8}|[1-9]\d{0,2}(?:,\d{3}){1,3})(?:\.\d{1,8})?", re.ASCII)
_GROUP = 10_000
_CEILING = 10**14


@dataclass(frozen=True, slots=True)
class _Words:
    """digits[n] is n's character, tens[n] that of 10**n (from 1); same maps spellings to these."""

    digits: str
    tens: Mapping[str, int]
    same: Mapping[int, str]
    multipliers: Mapping[str, int]


def parse_numeral(printed: str) -> Decimal | None:
    """The number of one numeral, half width and without white space; None for what is not exactly one number.

    A Chinese numeral counts only when it is written in the one regular way, below 100 million; digits below 10**14.
    """
    words = _load_words()
    exponent = words.multipliers.get(printed[-1:], 0)
    plain = printed[:-1] if exponent else printed
    if _DIGITS.fullmatch(plain):
        number = Decimal(plain.replace(",", "")).scaleb(exponent)
        return number if number < _CEILING else None
    return _parse_chinese(printed.translate(words.same), words)


def _parse_chinese(text: str, words: _Words) -> Decimal | None:
    if not text or any(c not in words.digits and c not in words.tens for c in text.replace(_ten_thousand(words), "")):
        return None
    high, _, low = text.rpartition(_ten_thousand(words))
    number = _sum_places(high, words) * _GROUP + _sum_places(low, words)
    # Writing it again finds left out zeros, doubled places and bare digits, which have several readings
    written = _write_number(number, words)
    ten = next(iter(words.tens))
    spoken = written.removeprefix(words.digits[1]) if written.startswith(words.digits[1] + ten) else written
    return Decimal(number) if text in (written, spoken) else None


def _sum_places(text: str, words: _Words) -> int:
    number, digit = 0, 0
    for place, character in enumerate(text):
        if character in words.digits:
            digit = words.digits.index(character)
        elif character in words.tens:
            # 10 to 19 begin with their ten
            number += (digit or (1 if place == 0 else 0)) * int(10 ** words.tens[character])
            digit = 0
    return number + digit


def _write_number(number: int, words: _Words) -> str:
    zero = words.digits[0]
    high, low = divmod(number, _GROUP)
    if not high:
        return _write_places(low, words) or zero
    joined = zero if 0 < low < _GROUP // 10 else ""
    return _write_places(high, words) + _ten_thousand(words) + joined + _write_places(low, words)


def _write_places(number: int, words: _Words) -> str:
    """The numeral of 1 to 9999, '' for 0."""
    text, gap = "", False
    for character, exponent in sorted(words.tens.items(), key=lambda item: -item[1]):
        digit = number // 10**exponent % 10
        if digit:
            text += (words.digits[0] if gap and text else "") + words.digits[digit] + character
        gap = not digit
    if number % 10:
        text += (words.digits[0] if gap and text else "") + words.digits[number % 10]
    return text


def _ten_thousand(words: _Words) -> str:
    return next(iter(words.multipliers))


@cache
def _load_words() -> _Words:
    raw = load_claims_file()["chinese"]
    return _Words(raw["digits"], raw["tens"], str.maketrans(raw["same"]), raw["multipliers"])
