"""Characters of a page to lines of text, and the lines of one table cell to its text.

Belongs here: which characters stand on one line, where a blank separates words, and how wrapped lines run on. A doubt
about whether digits are one number leaves a blank between them. Does not belong here: tables, pages, reading order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

from pipeline.documents.pdf_page import Character

# All in heights of a character (an ideograph is about as wide, a digit half)
_LINE_STEP = 0.35
# Between ideographs, which may be spread out; and beside digits and letters, where half a blank is enough
_WIDE_GAP = 0.45
_NARROW_GAP = 0.15
# Word processors set digits and letters this far at most from the ideographs around them, the same on both sides
_SCRIPT_GAP = 0.28
_SAME_GAP = 0.03
_OVERLAP = 0.25
_SAME_SIZE = 0.85
# The digits of one number stand on one baseline
_RAISED = 0.1
# What is left of a line when the next digit did not fit: that digit and the margins of the cell
_NO_ROOM = 1.7

_BASELINE = itemgetter(Character._fields.index("baseline"))

# Between digits of two lines that may be one number: only the row can tell (pdf_tables.py)
WRAP = "\n"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: its words separated by single blanks, and the box around them in points."""

    text: str
    left: float
    right: float
    bottom: float
    top: float


def read_lines(characters: Sequence[Character]) -> list[Line]:
    """The lines that the characters form, from the top down; lines of nothing but blanks are left out."""
    if not characters:
        return []
    return [line for group in _group_lines(characters) if (line := _read_line(group)).text]


def read_cell_text(lines: Sequence[Line], width: float) -> str:
    """The text of a cell `width` points wide: lines run on without a blank, as ideographs wrap anywhere.

    Where a line ends and the next begins with a digit, WRAP separates them if the first line is full, else a blank:
    two numbers below each other, or a footnote mark that wrapped.
    """
    parts: list[str] = []
    previous: Line | None = None
    for line in lines:
        if previous is not None and previous.text[-1].isdigit() and line.text[0].isdigit():
            is_one_number = measure_room(previous, width) < _NO_ROOM and _is_same_size(previous, line)
            parts.append(WRAP if is_one_number else " ")
        parts.append(line.text)
        previous = line
    return "".join(parts)


def _is_same_size(one: Line, other: Line) -> bool:
    small, large = sorted((one.top - one.bottom, other.top - other.bottom))
    return small >= _SAME_SIZE * large


def measure_room(line: Line, width: float) -> float:
    """How much of `width` points the line leaves free, in heights of its characters."""
    return (width - (line.right - line.left)) / max(line.top - line.bottom, 1.0)


def _group_lines(characters: Sequence[Character]) -> Iterator[list[Character]]:
    group: list[Character] = []
    if len(characters) == 1:
        yield [*characters]
        return
    baseline = size = 0.0
    for character in sorted(characters, key=_BASELINE, reverse=True):
        _, _, _, bottom, top, own_baseline = character
        if group and baseline - own_baseline > _LINE_STEP * max(size, top - bottom):
            yield group
            group = []
        if not group:
            baseline, size = own_baseline, top - bottom
        group.append(character)
    yield group


def _read_line(group: list[Character]) -> Line:
    if len(group) == 1:
        text, left, right, bottom, top, _ = group[0]
        return Line(text.strip(), left, right, bottom, top)
    group.sort(key=lambda c: c.left + c.right)
    once: list[Character] = []
    for character in group:
        if not once or not _is_printed_twice(once[-1], character):
            once.append(character)
    blanks = [place for place, pair in enumerate(pairwise(once), start=1) if _are_apart(*pair)]
    texts = [character.text for character in once]
    for place in set(blanks) - _list_script_gaps(once, blanks):
        texts[place] = " " + texts[place]
    text = "".join(texts)
    _, lefts, rights, bottoms, tops, _ = zip(*([c for c in group if c.text != " "] or group), strict=True)
    return Line(" ".join(text.split()), min(lefts), max(rights), min(bottoms), max(tops))


def _list_script_gaps(line: Sequence[Character], blanks: Sequence[int]) -> set[int]:
    """The gaps around digits and letters within a sentence of ideographs, by the place of the character behind each."""
    found: set[int] = set()
    for first, end in pairwise(blanks):
        before, behind = line[first - 1], line[end]
        if before.text.isascii() or behind.text.isascii() or not all(c.text.isascii() for c in line[first:end]):
            continue
        em = before.right - before.left
        gaps = line[first].left - before.right, behind.left - line[end - 1].right
        if max(gaps) <= _SCRIPT_GAP * em and abs(gaps[0] - gaps[1]) <= _SAME_GAP * em:
            found |= {first, end}
    return found


def _is_printed_twice(one: Character, other: Character) -> bool:
    """Bold letters that are printed again, slightly shifted."""
    return one.text == other.text and abs(other.left - one.left) < 0.3 * (one.right - one.left)


def _are_apart(one: Character, other: Character) -> bool:
    # Taken apart at once: this is asked for every two neighbours of a page
    text, _, right, bottom, top, baseline = one
    other_text, left, _, other_bottom, other_top, other_baseline = other
    size, other_size = top - bottom, other_top - other_bottom
    larger, gap = max(size, other_size), left - right
    narrow = text.isascii() or other_text.isascii()
    if gap > (_NARROW_GAP if narrow else _WIDE_GAP) * larger:
        return True
    if not (text.isdigit() and other_text.isdigit()):
        return False
    # Overprinted, or a footnote mark beside a number: digits, but not of one number
    is_raised = abs(baseline - other_baseline) > _RAISED * larger
    return is_raised or gap < -_OVERLAP * larger or min(size, other_size) < _SAME_SIZE * larger
