"""Masking personal names and contact data in narrative text before it is stored.

Belongs here: finding them by rule (contract/vocab/masking.yml) and covering them, length kept. Does not belong here:
names of organisations, which stay, or any judgement about who a person is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from pipeline.contract.load import CONTRACT_ROOT, load_yaml

MASK = "＊"

_HAN = r"\u3400-\u9fff"
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_SENTENCE_END = re.compile("[\u3002\uff01\uff1f!?;\uff1b]")  # full stops, exclamation and question marks, semicolons
_PRINTED = re.compile(r"\S+")
_NAME_LENGTHS = (4, 3, 2)
# More than the longest context or glue word has; looking no further back keeps long texts linear
_LONGEST_GLUE = 8
# Names of other peoples written in characters, joined by a middle dot
_DOTTED_NAME = re.compile(
    rf"(?P<before>[{_HAN}]{{1,6}}(?:[\u00b7\u2022\u30fb][{_HAN}]{{1,6}}){{0,3}})[\u00b7\u2022\u30fb][{_HAN}]{{1,6}}"
)

_CONTACTS = (
    # (bounded as mail addresses are, so that a long run of such characters costs no more)
    re.compile(r"[\w.+-]{1,64}[@\uff20][\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.ASCII),
    # identity card: region, date of birth, number
    re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"),
    re.compile(r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\.?\d)"),
    # area code and number, the code in brackets or not
    re.compile(r"(?<![\d.])[(\uff08]?0[1-9]\d{1,2}[)\uff09]?[-\u2010-\u2015\uff0d ]{0,3}\d{7,8}(?:-\d{1,5})?(?!\d)"),
)


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    surnames: frozenset[str]
    compound_surnames: frozenset[str]
    not_names: frozenset[str]
    not_name_endings: frozenset[str]
    never_in_names: frozenset[str]
    request: re.Pattern[str]
    neutral: re.Pattern[str]
    context: re.Pattern[str]
    left_boundary: re.Pattern[str]
    title: re.Pattern[str]
    separator: re.Pattern[str]
    tail: re.Pattern[str]
    contact_number: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Compact:
    """A text without its white space: characters, where each stood, and before which of them there was white space."""

    text: str
    origins: tuple[int, ...]
    gaps: frozenset[int]


# A report's title and sections are asked for more than once: for themselves and for the claims in them
@lru_cache(maxsize=32)
def mask_personal(text: str) -> str:
    """The text with personal names and contact data covered by a full-width asterisk, character for character.

    Covered are: names in lists (two or more) in a sentence about requests or proceedings, a name right after a word
    such as "applicant" or right before a title of address, mobile and fixed telephone numbers, identity card numbers,
    e-mail addresses. White space inside a name (a wrapped line) stays. Where a rule is in doubt within such a sentence,
    it masks.
    """
    words = load_vocabulary()
    covered = {place for start, end in _find_contacts(text, words) for place in range(start, end)}
    # Most addresses of pages have none
    if _HAN_CHARACTER.search(text):
        compact = _compact(text)
        for start, end in _find_names(compact, words):
            covered.update(compact.origins[start:end])
    if not covered:
        return text
    return "".join(MASK if place in covered else character for place, character in enumerate(text))


def _find_contacts(text: str, words: _Vocabulary) -> Iterator[tuple[int, int]]:
    for pattern in _CONTACTS:
        for match in pattern.finditer(text):
            yield match.span()
    for match in words.contact_number.finditer(text):
        yield match.span("number")


def _find_names(compact: _Compact, words: _Vocabulary) -> Iterator[tuple[int, int]]:
    for match in words.context.finditer(compact.text):
        end = _name_end(compact, match.end(), words)
        if end:
            yield match.end(), end
    for match in words.title.finditer(compact.text):
        start = _name_start(compact.text, match.start(), words)
        if start is not None:
            yield start, match.start()
    for start, end in _sentences(compact.text):
        if words.request.search(words.neutral.sub("", compact.text[start:end])):
            yield from _find_listed_names(compact, start, end, words)


def _find_listed_names(compact: _Compact, start: int, end: int, words: _Vocabulary) -> Iterator[tuple[int, int]]:
    """Names beside the separators of one sentence, if at least two of them certainly begin where they seem to."""
    certain: set[tuple[int, int]] = set()
    leading: set[tuple[int, int]] = set()
    for separator in words.separator.finditer(compact.text, start, end):
        after_end = _name_end(compact, separator.end(), words)
        if after_end:
            certain.add((separator.end(), after_end))
        before = _name_start(compact.text, separator.start(), words)
        if before is None:
            continue
        if before in compact.gaps or before == start or _begins_here(compact.text, before, words):
            certain.add((before, separator.start()))
        elif after_end:
            leading.add((before, separator.start()))
    if len(certain) > 1:
        yield from certain | leading


def _name_end(compact: _Compact, start: int, words: _Vocabulary) -> int:
    """Where the name that begins at start ends, the longest that something other than a word follows; 0 for none."""
    dotted = _DOTTED_NAME.match(compact.text, start)
    if dotted:
        shortest = start + len(dotted["before"]) + 1
        return next((end for end in range(dotted.end(), shortest, -1) if _ends_here(compact, end, words)), dotted.end())
    for length in _NAME_LENGTHS:
        end = start + length
        if _is_name(compact.text[start:end], length, words) and _ends_here(compact, end, words):
            return end
    return 0


def _name_start(text: str, end: int, words: _Vocabulary) -> int | None:
    """Where the name that ends at end begins, the longest one; None for none."""
    for length in _NAME_LENGTHS:
        if end >= length and _is_name(text[end - length : end], length, words):
            return end - length
    return None


def _begins_here(text: str, place: int, words: _Vocabulary) -> bool:
    """Whether what stands before a place is no part of a name: punctuation, a separator or a glue word."""
    return words.left_boundary.search(text, max(0, place - _LONGEST_GLUE), place) is not None


def _ends_here(compact: _Compact, place: int, words: _Vocabulary) -> bool:
    """Whether what follows a place is no part of a name: white space, punctuation or a word of the tails."""
    return place in compact.gaps or words.tail.match(compact.text, place) is not None


def _is_name(text: str, length: int, words: _Vocabulary) -> bool:
    if len(text) != length or not all("\u3400" <= character <= "\u9fff" for character in text):
        return False
    if text[:2] in words.not_names or text[-1] in words.not_name_endings or words.never_in_names.intersection(text):
        return False
    if text[:2] in words.compound_surnames:
        return length > 2
    return length < 4 and text[0] in words.surnames


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE_END.finditer(text):
        yield start, match.end()
        start = match.end()
    yield start, len(text)


def _compact(text: str) -> _Compact:
    origins: list[int] = []
    gaps: set[int] = set()
    for printed in _PRINTED.finditer(text):
        origins.extend(range(*printed.span()))
        gaps.add(len(origins))
    gaps.add(len(origins))
    return _Compact("".join(text.split()), tuple(origins), frozenset(gaps))


@cache
def load_vocabulary() -> _Vocabulary:
    """What names and contacts are told by, compiled."""
    raw = load_yaml(CONTRACT_ROOT / "vocab" / "masking.yml")
    separators = _any_of(raw["separators"])
    return _Vocabulary(
        surnames=frozenset("".join(raw["surnames"].split())),
        compound_surnames=frozenset(raw["compound_surnames"]),
        not_names=frozenset(raw["not_names"].split()),
        not_name_endings=frozenset(raw["not_name_endings"]),
        never_in_names=frozenset(raw["never_in_names"]),
        request=re.compile(_any_of(raw["request_words"])),
        neutral=re.compile(_any_of(raw["neutral_phrases"])),
        context=re.compile(rf"(?:{_any_of(raw['context_words'])})[:\uff1a(\uff08]?"),
        left_boundary=re.compile(
            rf"(?:[^{_HAN}]|{separators}|{_any_of(raw['glue'])}|{_any_of(raw['context_words'])})$"
        ),
        title=re.compile(_any_of(raw["titles_after"])),
        separator=re.compile(separators),
        tail=re.compile(rf"$|[^{_HAN}]|{_any_of(raw['tails'])}|{_any_of(raw['titles_after'])}"),
        contact_number=re.compile(
            rf"(?:{_any_of(raw['contact_words'])})[^\d\u3002;\uff1b\n]{{0,8}}(?P<number>\d[\d-]{{5,}}\d)"
        ),
    )


def _any_of(words: list[str]) -> str:
    """An alternation of literal words, longest first so that a long one is never cut short."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"
