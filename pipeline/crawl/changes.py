"""Whether a page is the one that was seen before, counters and the like left aside.

Belongs here: the content of a page in a form that visits don't change. Does not belong here: what follows for the next
visit (verdicts.py). In doubt a page has changed: it is then kept and read once more, while a change taken for noise
would be lost.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NOISE_FILE = Path(__file__).resolve().parent / "noise.toml"
_PAGE_TYPES = frozenset(["text/html", "application/xml"])
_SPACE = re.compile(r"\s+")
# Records of a list and the text of a report may stand in a script; what ordinary scripts hold is code
_TEXT_IN_SCRIPT = re.compile("[\u4e00-\u9fff]|\\\\u[4-9][0-9a-fA-F]{3}|<record")
_OPENINGS = (("<!--", "-->"), ("<style", "</style"), ("<script", "</script"))


@dataclass(frozen=True, slots=True)
class _Noise:
    """The patterns of noise.toml, each with what is left in its place."""

    patterns: tuple[tuple[re.Pattern[str], str], ...]


def hash_content(content: bytes, media_type: str) -> str:
    """sha256 of what a page says; of a file that is no page, of its bytes. Never raises."""
    if media_type not in _PAGE_TYPES:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha256(normalise_page(content).encode("utf-8", "surrogatepass")).hexdigest()


def normalise_page(content: bytes) -> str:
    """The source of a page without comments, styles, code, counters, date widgets, nonces and cache breakers."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    for opening, closing in _OPENINGS:
        text = _cut_spans(text, opening, closing, _keeps_script if opening == "<script" else _keeps_nothing)
    for pattern, left in _load_noise().patterns:
        text = pattern.sub(left, text)
    return _SPACE.sub(" ", text).strip()


def _keeps_script(span: str) -> bool:
    return bool(_TEXT_IN_SCRIPT.search(span))


def _keeps_nothing(span: str) -> bool:  # noqa: ARG001 (the other rule looks at it)
    return False


def _cut_spans(text: str, opening: str, closing: str, keeps: Callable[[str], bool]) -> str:
    """The text without everything from an opening to its closing; an opening without one stays, with what follows."""
    lowered = text.lower()
    # Folding case may change a length, and places would then no longer fit
    if len(lowered) != len(text):
        lowered = text
    kept: list[str] = []
    place = 0
    while (start := lowered.find(opening, place)) >= 0:
        end = lowered.find(closing, start + len(opening))
        if end < 0:
            break
        end += len(closing)
        kept.append(text[place : end if keeps(text[start:end]) else start])
        place = end
    kept.append(text[place:])
    return "".join(kept)


@cache
def _load_noise() -> _Noise:
    with NOISE_FILE.open("rb") as stream:
        lists: dict[str, list[str]] = tomllib.load(stream)
    counters, widgets = "|".join(lists["counters"]), "|".join(lists["widgets"])
    attributes = "|".join(map(re.escape, lists["attributes"]))
    fields = "|".join(map(re.escape, lists["query_fields"]))
    flags = re.IGNORECASE
    return _Noise(
        (
            (re.compile(r"<input\b[^<>]{0,500}\btype=[\"']?hidden[^<>]{0,2000}>", flags), ""),
            (re.compile(r"<meta\b[^<>]{0,200}csrf[^<>]{0,500}>", flags), ""),
            (re.compile(rf"\s(?:{attributes})=(?:\"[^\"<>]{{0,500}}\"|'[^'<>]{{0,500}}')", flags), ""),
            (re.compile(r";jsessionid=[\w.!-]{1,200}", flags), ""),
            (re.compile(rf"(?:\?|&amp;|&)(?:{fields})=[\w.%-]{{0,100}}(?=[\"'&#\s])", flags), ""),
            (re.compile(rf"((?:{counters})[:：]?(?:\s|<[^<>]{{0,300}}>|\[|【){{0,8}})\d[\d,]{{0,12}}"), r"\1"),
            (re.compile(rf"((?:{widgets}))[^<]{{0,80}}"), r"\1"),
        )
    )
