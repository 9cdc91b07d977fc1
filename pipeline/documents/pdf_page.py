"""One page of a PDF as pdfium gives it: printed characters with their boxes, ruling lines, and how much is a picture.

Belongs here: what pdfium says about a page (pdf_calls.py) as records, and turning the page so that its text stands
upright. Does not belong here: opening the file (pdf.py), lines of text (pdf_lines.py), tables (pdf_tables.py).
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pipeline.documents import pdf_calls
from pipeline.documents.encoding import REPLACEMENT
from pipeline.documents.pdf_paths import Drawings, Ruling, read_drawings
from pipeline.documents.refusal import DocumentRefused
from pipeline.documents.whitespace import ZERO_WIDTH
from pipeline.issues import IssueCode

MAX_CHARACTERS = 100_000

_LINE_ENDS = (10, 13)
# What pdfium puts where a hyphen ends a line
_HYPHENS = (0x2, 0xFFFE)
_QUARTER = math.pi / 2
_LEVEL = 0.02  # radians
# A box this many times higher than usual is the font's mistake, or else mended without harm
_OUT_OF_SCALE = 4.0
_SAMPLE = 60
# Of a character's height, what is below its baseline, and what a narrow character leaves free beside it
_DESCENT = 0.12
_SIDE_BEARING = 0.12
_SAME = 0.01  # points


class Character(NamedTuple):
    """One printed character and its box in points, as wide as it moves the text on; y grows upwards.

    A named tuple, because a page has thousands of them. text is U+FFFD where the file does not say which character
    it prints, and ' ' for every kind of blank. Some fonts give no more than the box of the ink, so that only the
    baseline tells which characters stand on one line.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    baseline: float

    @property
    def middle(self) -> tuple[float, float]:
        """The point in the middle of the box."""
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    @property
    def size(self) -> float:
        """Height of the box."""
        return self.top - self.bottom


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """What one page prints, turned so that most of its text reads from left to right.

    tilted holds what stands at any other angle (watermarks, labels on their side); it takes part in nothing.
    picture_share is the largest picture's part of the page, 0 to 1.
    """

    number: int
    left: float
    right: float
    bottom: float
    top: float
    characters: tuple[Character, ...]
    rulings: tuple[Ruling, ...]
    tilted: str
    picture_share: float


def read_page(page: pdfium.PdfPage, number: int) -> PrintedPage:
    """The page, counted from 1. Text that is not painted (the hidden layer of a scan) is left out.

    Digits painted where nobody sees them come as U+FFFD: what stands beside them is no longer to be relied on.
    Raises DocumentRefused (LIMIT_EXCEEDED) for more characters or objects than any report has.
    """
    box = pdfium_c.FS_RECTF()
    pdfium_c.FPDF_GetPageBoundingBox(page.raw, box)
    area = (box.right - box.left) * (box.top - box.bottom)
    drawings = read_drawings(page.raw, number, area)
    with closing(page.get_textpage()) as text_page:
        placed = list(_read_characters(text_page.raw, drawings, number))
    turns = Counter(turn for turn, character in placed if character.text != " " and turn >= 0)
    turn = turns.most_common(1)[0][0] if turns else 0
    corners = _turn_box(box.left, box.right, box.bottom, box.top, turn)
    return PrintedPage(
        number,
        *corners,
        characters=tuple(_turn_character(c, turn) if turn else c for own, c in placed if own == turn),
        rulings=tuple(_turn_ruling(ruling, turn) for ruling in drawings.rulings) if turn else drawings.rulings,
        tilted="".join(c.text for own, c in placed if own != turn),
        picture_share=drawings.picture_area / area if area > 0 else 0.0,
    )


class _TextPage:
    """The text of one page as pdfium holds it, and the variables that its calls write to, made once."""

    def __init__(self, handle: object, count: int) -> None:
        self.address = pdf_calls.find_address(handle)
        self.box, self.x, self.y = pdfium_c.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
        self.ink = tuple(ctypes.c_double() for _ in range(4))
        self.to_box, self.to_x, self.to_y = map(ctypes.addressof, (self.box, self.x, self.y))
        self.to_ink = tuple(map(ctypes.addressof, self.ink))
        sample = (self.read_ink(index) for index in range(0, count, max(count // _SAMPLE, 1)))
        sizes = [max(right - left, top - bottom) for left, right, bottom, top in sample if right > left]
        # Height of an ordinary character of the page, from the ink of some of them
        self.usual = median(sizes) if sizes else math.inf
        self.last_size = 0.0

    def read_character(self, index: int, text: str, turn: int) -> Character:
        """The character with its box, not turned yet; its baseline is an x where it is turned to the side."""
        pdf_calls.read_box(self.address, index, self.to_box)
        pdf_calls.read_origin(self.address, index, self.to_x, self.to_y)
        box, x, y = self.box, self.x.value, self.y.value
        left, right, bottom, top = box.left, box.right, box.bottom, box.top
        if turn % 2:
            return Character(text, left, right, bottom, top, x)
        if text != " " and top - bottom > self.usual * _OUT_OF_SCALE:
            return self._mend_box(index, text)
        if text.isascii() and right > left and abs(self.read_ink(index)[1] - right) < _SAME:
            right += _SIDE_BEARING * (top - bottom)
        return Character(text, left if left < x else x, right, bottom, top, y)

    def read_ink(self, index: int) -> tuple[float, float, float, float]:
        """Left, right, bottom and top of what is printed black."""
        pdf_calls.read_ink(self.address, index, *self.to_ink)
        left, right, bottom, top = self.ink
        return left.value, right.value, bottom.value, top.value

    def _mend_box(self, index: int, text: str) -> Character:
        """A character whose font states a wrong size: as large as its ink, punctuation as the character before it."""
        left, right, bottom, top = self.read_ink(index)
        size, base = max(right - left, top - bottom), self.y.value
        if size < self.last_size / 2:
            size = self.last_size
        self.last_size = size
        return Character(text, left, right, base - _DESCENT * size, base + (1 - _DESCENT) * size, base)


def _read_characters(handle: object, drawings: Drawings, number: int) -> Iterator[tuple[int, Character]]:
    """(quarter turns of the text or -1, character) of all that is painted, in the file's order."""
    count = pdfium_c.FPDFText_CountChars(handle)
    if count > MAX_CHARACTERS:
        message = f"page {number} has {count} characters, the limit is {MAX_CHARACTERS}; look for the report by itself"
        raise DocumentRefused(IssueCode.LIMIT_EXCEEDED, message)
    page = _TextPage(handle, count)
    address, read_code, read_angle = page.address, pdf_calls.read_code, pdf_calls.read_angle
    hidden, is_unseen = drawings.hidden_texts, drawings.painted.is_unseen
    for index in range(count):
        code = read_code(address, index)
        # Blanks and line ends that pdfium makes up: pdf_lines.py judges distances itself
        if code in _LINE_ENDS or (code == 0x20 and pdf_calls.is_generated(address, index) == 1):
            continue
        text = _decode_character(code)
        if text in ZERO_WIDTH or (hidden and pdf_calls.find_text_object(address, index) in hidden):
            continue
        if text.isdigit() and is_unseen(pdf_calls.find_text_object(address, index)):
            text = REPLACEMENT
        angle = read_angle(address, index)
        turn = _count_turns(angle) if angle else 0
        yield turn, page.read_character(index, text, turn)


def _count_turns(angle: float) -> int:
    """Quarter turns of text at an angle, counterclockwise; -1 for one between them. pdfium measures clockwise."""
    turns = -angle / _QUARTER
    return round(turns) % 4 if abs(turns - round(turns)) * _QUARTER < _LEVEL else -1


@lru_cache(maxsize=8192)
def _decode_character(code: int) -> str:
    if code in _HYPHENS:
        return "-"
    text = chr(code)
    if text.isspace():
        return " "
    return REPLACEMENT if code < 0x20 or code in (0xFFFF, 0xFFFD) or 0xD800 <= code < 0xE000 else text


def _turn_character(character: Character, turn: int) -> Character:
    text, left, right, bottom, top, baseline = character
    return Character(text, *_turn_box(left, right, bottom, top, turn), baseline if turn == 3 else -baseline)


def _turn_ruling(ruling: Ruling, turn: int) -> Ruling:
    return Ruling(*_turn_box(ruling.left, ruling.right, ruling.bottom, ruling.top, turn))


def _turn_box(left: float, right: float, bottom: float, top: float, turn: int) -> tuple[float, float, float, float]:
    """left, right, bottom, top after turning clockwise by quarters about the origin."""
    for _ in range(turn):
        left, right, bottom, top = bottom, top, -right, -left
    return left, right, bottom, top
