"""The picture of one page to the characters and ruling lines that a PDF page with text would give.

Belongs here: the order of the steps, which ink is one line of one cell, and marking numbers that are in doubt. Does not
belong here: any step; tables and reading order, which are the PDF reader's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path

import cv2
import numpy as np

from pipeline.documents.encoding import REPLACEMENT
from pipeline.documents.grid import GridLimitError
from pipeline.documents.pdf_page import Character, PrintedPage
from pipeline.documents.pdf_paths import Ruling
from pipeline.documents.pdf_rulings import Frame, find_frames
from pipeline.documents.pdf_tables import is_number
from pipeline.documents.scan_lines import cut_line, drop_specks, find_lines, measure_height
from pipeline.documents.scan_numbers import agrees_with_shapes
from pipeline.documents.scan_pictures import POINTS_PER_PIXEL
from pipeline.documents.scan_recogniser import recognise_lines
from pipeline.documents.scan_rulings import Box, erase_rulings, find_rulings
from pipeline.documents.scan_straighten import mark_ink, straighten_page

# Nothing that was recognised wrongly has been seen above this
_SURE = 0.9
_WHITE = 255
# How much more white there is around a number when it is looked at again
_SECOND_LOOK = 1.5
_NARROW = 0.5
# Categories of characters with which no line begins; brackets, quotation marks and U+FFFD are others
_MARKS = ("Po", "Pd", "Pc", "Sm", "Sk")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A straight page and its ink, both without rulings; in cells: the lines in the cells of tables, else outside."""

    page: np.ndarray
    ink: np.ndarray
    in_cells: tuple[Box, ...]
    outside: tuple[Box, ...]


def recognise_page(grey: np.ndarray, number: int, model: Path) -> PrintedPage:
    """The page, counted from 1, as PDF readers take it; characters of a line share its width evenly.

    U+FFFD stands for a digit outside tables that the model is not sure of, and behind the number of a cell unless two
    looks at it and the count of its shapes agree.
    """
    cv2.setNumThreads(1)
    page = straighten_page(grey)
    ink = mark_ink(page)
    horizontal, vertical = find_rulings(ink)
    height, width = page.shape[:2]
    rulings = tuple(_to_points(box, height) for box in (*horizontal, *vertical))
    erase_rulings(page, [*horizontal, *vertical], _WHITE)
    erase_rulings(ink, [*horizontal, *vertical], 0)
    sheet = _find_text(page, drop_specks(ink), _list_cells(rulings, height))
    lines = [*_recognise_cells(sheet, model), *_recognise_outside(sheet, model)]
    characters = tuple(character for box, text in lines for character in _place(text, box, height))
    return PrintedPage(
        number=number,
        left=0.0,
        right=width * POINTS_PER_PIXEL,
        bottom=0.0,
        top=height * POINTS_PER_PIXEL,
        characters=characters,
        rulings=rulings,
        tilted="",
        picture_share=1.0,
    )


def _list_cells(rulings: Sequence[Ruling], height: int) -> Iterator[Box]:
    """The boxes of all cells of all tables; of none where there are more than any form has."""
    try:
        frames = find_frames(rulings)
    except GridLimitError:  # the PDF reader finds the same and reports it
        frames = []
    for frame in frames:
        yield from (_box_cell(frame, index, height) for index in range(len(frame.regions)))


def _box_cell(frame: Frame, index: int, height: int) -> Box:
    region = frame.regions[index]
    return Box(
        round(frame.columns[region.column] / POINTS_PER_PIXEL),
        round(height - frame.rows[region.row] / POINTS_PER_PIXEL),
        round(frame.columns[region.column + region.column_span] / POINTS_PER_PIXEL),
        round(height - frame.rows[region.row + region.row_span] / POINTS_PER_PIXEL),
    )


def _find_text(page: np.ndarray, ink: np.ndarray, cells: Iterator[Box]) -> _Sheet:
    in_cells: list[Box] = []
    outside = ink.copy()
    for cell in cells:
        area = slice(cell.top, cell.bottom), slice(cell.left, cell.right)
        in_cells += [_move(line, cell.left, cell.top) for line in find_lines(ink[area])]
        outside[area] = 0
    return _Sheet(page, ink, tuple(in_cells), tuple(find_lines(outside)))


def _recognise_cells(sheet: _Sheet, model: Path) -> Iterator[tuple[Box, str]]:
    """The lines in cells, each number marked that is in doubt, and what cannot be made out."""
    letter = measure_height(sheet.in_cells)
    first = recognise_lines([cut_line(sheet.page, box, letter) for box in sheet.in_cells], model)
    numbers = [(box, seen) for box, seen in zip(sheet.in_cells, first, strict=True) if is_number(seen.text)]
    # In black and white, and smaller
    pictures = [cut_line(_WHITE - sheet.ink, box, round(letter * _SECOND_LOOK)) for box, _ in numbers]
    certain = {
        box
        for (box, one), other in zip(numbers, recognise_lines(pictures, model), strict=True)
        if one.text == other.text and min(one.least, other.least) >= _SURE and _has_shapes(one.text, sheet.ink, box)
    }
    # Ink as high as letters in which nothing is seen: the cell is not blank
    unseen = {box for box, seen in zip(sheet.in_cells, first, strict=True) if not seen.text and box.height * 2 > letter}
    in_doubt = unseen | {box for box, _ in numbers} - certain
    for box, seen in zip(sheet.in_cells, first, strict=True):
        yield box, seen.text + (REPLACEMENT if box in in_doubt else "")


def _has_shapes(text: str, ink: np.ndarray, box: Box) -> bool:
    return agrees_with_shapes(text, ink[box.top : box.bottom, box.left : box.right])


def _recognise_outside(sheet: _Sheet, model: Path) -> Iterator[tuple[Box, str]]:
    """The lines outside tables, each digit replaced that is in doubt."""
    letter = measure_height(sheet.outside)
    seen = recognise_lines([cut_line(sheet.page, box, letter) for box in sheet.outside], model)
    for box, line in zip(sheet.outside, seen, strict=True):
        doubtful = (c.isdigit() and sure < _SURE for c, sure in zip(line.text, line.confidences, strict=True))
        text = "".join(REPLACEMENT if doubt else c for c, doubt in zip(line.text, doubtful, strict=True))
        # Dirt beside a line reads as a mark
        yield box, "".join(dropwhile(lambda c: unicodedata.category(c) in _MARKS, text))


def _place(text: str, box: Box, height: int) -> Iterator[Character]:
    """The characters of a line side by side, so that nothing but a blank that was recognised parts two of them."""
    widths = [_NARROW if c.isascii() else 1.0 for c in text]
    unit = box.width * POINTS_PER_PIXEL / max(sum(widths), _NARROW)
    right = box.left * POINTS_PER_PIXEL
    bottom, top = ((height - y) * POINTS_PER_PIXEL for y in (box.bottom, box.top))
    for character, width in zip(text, widths, strict=True):
        left, right = right, right + width * unit
        yield Character(character, left, right, bottom, top, bottom)


def _to_points(box: Box, height: int) -> Ruling:
    """A line as a PDF has it: points, from the bottom of the page up."""
    return Ruling(
        box.left * POINTS_PER_PIXEL,
        box.right * POINTS_PER_PIXEL,
        (height - box.bottom) * POINTS_PER_PIXEL,
        (height - box.top) * POINTS_PER_PIXEL,
    )


def _move(box: Box, right: int, down: int) -> Box:
    return Box(box.left + right, box.top + down, box.right + right, box.bottom + down)
