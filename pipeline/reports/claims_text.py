"""A section's text as sentences and clauses in which claims are looked for.

Belongs here: where sentences and clauses begin and end in text whose lines may be wrapped, and the way back from a
compact sentence to the characters of the body. Does not belong here: what a sentence claims (claims.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pipeline.contract.claims import load_claims_file

_SPACE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")
_SPLIT_DIGITS = re.compile(r"[\d.,][\s\u200b-\u200f\u2060\ufeff\u00ad]+[\d.,]")
# A longer run without a full stop is no sentence but a table or a list, in which words and numbers part company
_LONGEST_SENTENCE = 2000
# A wrapped line is about as long as the others
_WRAPPED_SHARE = 0.7
# Replaced one character for one, so that places stay right: full width ASCII but for its comma, which separates no
# thousands, and the radicals that PDF producers print for ordinary ideographs
_WIDE = re.compile("[\uff01-\uff0b\uff0d-\uff5e\u2f00-\u2fd5]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a body: body[start:end]. text is that sentence, half width and without white space.

    before is the sentence ahead of it in the same form, '' at the beginning of the body.
    """

    body: str
    start: int
    end: int
    text: str
    before: str

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """The places in the body of text[start:end], which must not be empty."""
        return self._locate_one(start), self._locate_one(end - 1) + 1

    def _locate_one(self, index: int) -> int:
        place = self.start + index
        for gap in _SPACE.finditer(self.body, self.start, self.end):
            if gap.start() > place:
                break
            place += gap.end() - gap.start()
        return place


def read_sentences(body: str) -> Iterator[Sentence]:
    """Every sentence in order, overlong ones left out. A line break ends one only where the line is not wrapped."""
    before = ""
    for start, end in _split_sentences(body):
        if end - start > _LONGEST_SENTENCE:
            before = ""
            continue
        text = _WIDE.sub(_narrow, _SPACE.sub("", body[start:end]))
        if text:
            yield Sentence(body, start, end, text, before)
            before = text


def split_clauses(text: str) -> Iterator[tuple[int, int]]:
    """First and last place of every clause of a compact sentence; a comma between digits separates nothing."""
    start = 0
    for match in _load_breaks().clause.finditer(text):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def is_split_number(printed: str) -> bool:
    """Whether white space stands inside the digits: then they may be one number or two."""
    return _SPLIT_DIGITS.search(printed) is not None


def _narrow(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])


def _split_sentences(body: str) -> Iterator[tuple[int, int]]:
    start = 0
    for begin, end in _split_paragraphs(body):
        start = begin
        for match in _load_breaks().sentence.finditer(body, begin, end):
            yield start, match.end()
            start = match.end()
        if start < end:
            yield start, end


def _split_paragraphs(body: str) -> Iterator[tuple[int, int]]:
    lines = body.split("\n")
    longest = max(len(line) for line in lines)
    breaks = _load_breaks()
    start = place = 0
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        place += len(line) + 1
        is_wrapped = len(line) >= longest * _WRAPPED_SHARE and not breaks.line_begin.match(following)
        if not is_wrapped or place > len(body):
            yield start, min(place, len(body))
            start = place


@dataclass(frozen=True, slots=True)
class _Breaks:
    clause: re.Pattern[str]
    sentence: re.Pattern[str]
    line_begin: re.Pattern[str]


@cache
def _load_breaks() -> _Breaks:
    raw = load_claims_file()
    others = re.escape("".join(c for c in raw["clause_ends"] + raw["sentence_ends"] if c not in ",\uff0c"))
    return _Breaks(
        clause=re.compile(rf"[{others}]|[,\uff0c](?!\d)|(?<!\d)[,\uff0c]"),
        sentence=re.compile(f"[{re.escape(raw['sentence_ends'])}]+"),
        line_begin=re.compile(raw["line_begins"]),
    )
