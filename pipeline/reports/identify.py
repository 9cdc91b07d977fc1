"""Whose report is it, of which year, over which period, published when: what stands around the tables.

Belongs here: title, agency name as printed, years and dates. Not here: which organ the name means (agencies/).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from pipeline.documents.model import Document
from pipeline.reports.normalise import simplify, squeeze_as_printed
from pipeline.reports.patterns import load_patterns
from pipeline.reports.vectors import Item

_LONGEST_TITLE = 90
_LONGEST_DATE_LINE = 200
_LINES_SEARCHED = 400
_LINES_JOINED = 3
_OPENING_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Title:
    """A title as printed (white space removed), the agency name in it ('' for none) and its year (None for none)."""

    text: str
    agency: str
    year: int | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Everything that says whose report of which year a document is. title is None where no line reads like one."""

    title: Title | None
    year: int | None
    period_start: dt.date | None
    period_end: dt.date | None
    published: dt.date | None
    section_count: int | None
    publisher: str = ""
    opening: str = ""


def identify(document: Document, items: Sequence[Item], first_table_item: int) -> Identity:
    """What the title, the page's head and the opening say. first_table_item bounds where a title may stand."""
    opening = items[: min(first_table_item, _LINES_SEARCHED)] or items[:_LINES_SEARCHED]
    title = _find_title(document.metadata, opening)
    text = "".join(item.squeezed for item in opening)
    start, end = _find_period(text)
    year = title.year if title else None
    if year is None:
        in_text = load_patterns().title_in_text.search(text)
        year = int(in_text["year"]) if in_text else (start.year if start else None)
    return Identity(
        title,
        year,
        start,
        end,
        _find_published(document.metadata, opening),
        _find_section_count(text),
        _find_publisher(opening),
        _text_behind_title(text, title),
    )


def titles_of(metadata: Mapping[str, str], items: Sequence[Item]) -> Iterator[str]:
    """What may be the page's title, best evidence first: head metadata, headings, the browser title, then lines."""
    yield from (metadata[name] for name in load_patterns().title_metadata if metadata.get(name))
    yield from (item.text for item in items if item.style)
    if metadata.get("title"):
        yield metadata["title"]
    for item in items:
        yield from item.texts


def _find_title(metadata: Mapping[str, str], opening: Sequence[Item]) -> Title | None:
    nameless: Title | None = None
    for title in chain(_single_titles(metadata, opening), _wrapped_titles(opening)):
        if title.agency and title.year:
            return title
        nameless = nameless or title
    return nameless


def _single_titles(metadata: Mapping[str, str], opening: Sequence[Item]) -> Iterator[Title]:
    for text in titles_of(metadata, opening):
        yield from _titles_in(squeeze_as_printed(text))


def _wrapped_titles(items: Sequence[Item]) -> Iterator[Title]:
    """Titles over two or three neighbouring lines, the shorter first.

    A line above a title may as well be a menu's: what is joined is a title only where it begins like an organ's name.
    """
    for count in range(2, _LINES_JOINED + 1):
        for i in range(len(items) - count + 1):
            text = "".join(squeeze_as_printed(item.text) for item in items[i : i + count])
            for title in _titles_in(text):
                if load_patterns().organ_ending.search(simplify(title.agency)):
                    yield title


def _titles_in(text: str) -> Iterator[Title]:
    """The titles that a squeezed line reads as, whole or in part between the separators of site names."""
    patterns = load_patterns()
    label = patterns.title_label.match(simplify(text))
    text = text[label.end() :] if label else text
    parts = [part for separator in patterns.site_separators if separator in text for part in text.split(separator)]
    for candidate in (text, *parts):
        title = parse_title(candidate) if len(candidate) <= _LONGEST_TITLE else None
        if title:
            yield title


def parse_title(text: str) -> Title | None:
    """A squeezed line read as a report's title, None when it is none. Text and agency keep the characters printed."""
    patterns = load_patterns()
    ordinary = simplify(text)
    for pattern in patterns.titles:
        match = pattern.match(ordinary)
        if match:
            groups = match.groupdict()
            printed = text[slice(*match.span("agency"))] if groups.get("agency") else ""
            prefix = patterns.agency_prefix.match(simplify(printed))
            agency = printed[prefix.end() :] if prefix else printed
            if not patterns.not_agency.search(simplify(agency)):
                return Title(text, agency, _parse_year(groups["year"]) if groups.get("year") else None)
    return None


def _parse_year(text: str) -> int:
    digits = load_patterns().chinese_digits
    return int(text) if text.isdigit() and text.isascii() else int("".join(str(digits[c]) for c in text))


def _find_period(text: str) -> tuple[dt.date | None, dt.date | None]:
    match = load_patterns().period.search(text)
    if not match:
        return None, None
    y1 = int(match["y1"])
    start = _date(y1, match["m1"], match["d1"])
    end = _date(int(match["y2"] or y1), match["m2"], match["d2"])
    return start, end


def _find_published(metadata: Mapping[str, str], opening: Sequence[Item]) -> dt.date | None:
    patterns = load_patterns()
    for name in patterns.published_metadata:
        match = re.match(r"\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", metadata.get(name, ""))
        if match:
            return _date(int(match[1]), match[2], match[3])
    for item in opening:
        match = patterns.published.search(item.squeezed) if len(item.text) <= _LONGEST_DATE_LINE else None
        if match:
            return _date(int(match["y"]), match["m"], match["d"])
    return None


def _find_publisher(opening: Sequence[Item]) -> str:
    lines = [item.squeezed for item in opening if len(item.text) <= _LONGEST_DATE_LINE]
    for pattern in load_patterns().publishers:
        found = next(filter(None, map(pattern.search, lines)), None)
        if found:
            return found["name"]
    return ""


def _text_behind_title(text: str, title: Title | None) -> str:
    """The beginning of the report's own text: what stands before its title is the page's."""
    start = text.find(title.text) + len(title.text) if title and title.text in text else 0
    return text[start : start + _OPENING_CHARACTERS]


def _find_section_count(text: str) -> int | None:
    patterns = load_patterns()
    match = patterns.section_count.search(text)
    if not match:
        return None
    return patterns.chinese_digits[match["n"]] if match["n"] in patterns.chinese_digits else int(match["n"])


def _date(year: int, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(year, int(month), int(day))
    except ValueError:  # a printed date such as 2月30日 dates nothing
        return None
