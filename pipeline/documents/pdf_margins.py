"""What pages print in their margins: page numbers, and lines that come again on every page.

Belongs here: telling such lines from the text by their place and their repetition. Does not belong here: tables; what
stands in one is never a margin line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.documents.pdf_lines import Line

# At the top and at the bottom of a page: an inch, or this share of a larger page
_MARGIN_POINTS = 72.0
_MARGIN_SHARE = 0.1
# Points by which a repeated line may be higher or lower from page to page
_SAME_HEIGHT = 3.0
# Heights of the line between a page number and the next line of text: more than the text's own spacing
_LEAST_DISTANCE = 1.0
_FEWEST_LETTERS = 4
_MOST_LETTERS = 6
# "- 3 -", "3", "3/5", or as few words around it as "page 3 of 5" needs
_PAGE_NUMBER = re.compile(r"\D{0,8}(\d{1,3})(?:\D{1,6}\d{1,3})?\D{0,6}")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class TextPage:
    """The lines of one page outside its tables, from the top down, and the lowest and highest point of the page."""

    lines: tuple[Line, ...]
    bottom: float
    top: float


def measure_margin(bottom: float, top: float) -> float:
    """How far the margins of a page reach into it."""
    return max(_MARGIN_POINTS, _MARGIN_SHARE * (top - bottom))


def drop_margin_lines(pages: Sequence[TextPage]) -> list[list[tuple[int, Line]]]:
    """For each page its lines with their numbers, counted from 1, page numbers and repeated lines left out.

    A repeated line at the top of the first page stays: it may be the only place that prints the title.
    """
    dropped = {*_find_page_numbers(pages), *_find_repeated(pages)}
    return [
        [(place + 1, line) for place, line in enumerate(page.lines) if (number, place) not in dropped]
        for number, page in enumerate(pages)
    ]


def _find_page_numbers(pages: Sequence[TextPage]) -> Iterator[tuple[int, int]]:
    """(page, line) of the numbers that count up with the pages at one height, or stand alone and are the page's own."""
    found = [(number, place, printed - number) for number, place, printed in _list_lone_numbers(pages)]
    for number, place, step in found:
        height = pages[number].lines[place].bottom
        in_sequence = any(
            n != number and s == step and abs(pages[n].lines[p].bottom - height) <= _SAME_HEIGHT for n, p, s in found
        )
        # pages are counted from 0 here
        if in_sequence or (step == 1 and _stands_alone(pages[number].lines, place)):
            yield number, place


def _list_lone_numbers(pages: Sequence[TextPage]) -> Iterator[tuple[int, int, int]]:
    """(page, line, number) of the outermost lines in the margins that are hardly more than a number."""
    for number, page in enumerate(pages):
        for place in {0, len(page.lines) - 1} if page.lines else ():
            text = page.lines[place].text
            match = _PAGE_NUMBER.fullmatch(text)
            if match and _count_letters(text) <= _MOST_LETTERS and _is_in_margin(page, place):
                yield number, place, int(match[1])


def _find_repeated(pages: Sequence[TextPage]) -> Iterator[tuple[int, int]]:
    """(page, line) of the lines that another page prints at the same height, numbers in them aside."""
    by_text: dict[str, list[tuple[int, int, float]]] = {}
    for number, page in enumerate(pages):
        for place, line in enumerate(page.lines):
            fewest = 1 if _stands_alone(page.lines, place) else _FEWEST_LETTERS
            if _is_in_margin(page, place) and _count_letters(line.text) >= fewest:
                by_text.setdefault(_DIGITS.sub("#", line.text), []).append((number, place, line.bottom))
    for places in by_text.values():
        for number, place, height in places:
            again = any(n != number and abs(height - h) <= _SAME_HEIGHT for n, _, h in places)
            page = pages[number]
            is_first_head = number == 0 and page.lines[place].bottom > (page.bottom + page.top) / 2
            if again and not is_first_head:
                yield number, place


def _is_in_margin(page: TextPage, place: int) -> bool:
    line, depth = page.lines[place], measure_margin(page.bottom, page.top)
    return line.top < page.bottom + depth or line.bottom > page.top - depth


def _stands_alone(lines: tuple[Line, ...], place: int) -> bool:
    line = lines[place]
    distance = _LEAST_DISTANCE * (line.top - line.bottom)
    others = lines[max(place - 1, 0) : place] + lines[place + 1 : place + 2]
    return all(other.bottom - line.top > distance or line.bottom - other.top > distance for other in others)


def _count_letters(text: str) -> int:
    return sum(1 for character in text if character.isalpha())
