"""Ruling lines in the ink of a page, as boxes, and the ink without them.

Belongs here: telling lines from letters. Does not belong here: what the lines enclose (pdf_rulings.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

# Pixels at 300 to an inch. A third of an inch is longer than any stroke of a letter
_SHORTEST_HORIZONTAL = 100
# Rows are at least this high; so is a stroke of a large letter, so more is asked of short vertical lines
_SHORTEST_VERTICAL = 40
_SURE_VERTICAL = 140
_THICKEST = 24
# Tables hang together by their lines; letters that touch none of them hang together with nothing
_SMALLEST_TABLE = 240
_TOUCHING = 14
_SAME_COLUMN = 8
# A faint line is broken by this much, and not often; strokes of letters in a row are
_BREAK = 7
_LEAST_INKED = 0.95


class Box(NamedTuple):
    """A rectangle in pixels, right and bottom exclusive; y grows downwards."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """From top to bottom."""
        return self.bottom - self.top


def find_rulings(ink: np.ndarray) -> tuple[list[Box], list[Box]]:
    """The horizontal and the vertical lines of a level page."""
    tables = _keep_tables(ink)
    horizontal = list(_find_lines(tables, _SHORTEST_HORIZONTAL, is_horizontal=True))
    vertical = list(_find_lines(tables, _SHORTEST_VERTICAL, is_horizontal=False))
    return horizontal, list(_drop_strokes(vertical, horizontal))


def erase_rulings(page: np.ndarray, rulings: list[Box], colour: int) -> None:
    """Paint over the lines and their soft edges."""
    for box in rulings:
        cv2.rectangle(page, (box.left - 2, box.top - 2), (box.right + 1, box.bottom + 1), colour, thickness=cv2.FILLED)


def _find_lines(ink: np.ndarray, length: int, *, is_horizontal: bool) -> Iterator[Box]:
    """What goes straight on for so long, breaks mended; a pixel up or down on the way does not matter."""

    def shape(along: int, across: int) -> np.ndarray:
        return np.ones((across, along) if is_horizontal else (along, across), np.uint8)

    thick = cv2.dilate(ink, shape(1, 3))
    mended = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, shape(_BREAK, 1))
    long = cv2.erode(cv2.morphologyEx(mended, cv2.MORPH_OPEN, shape(length, 1)), shape(1, 3))
    for box in list_boxes(long):
        inked = ink[box.top : box.bottom, box.left : box.right].any(axis=0 if is_horizontal else 1)
        is_thin = (box.height if is_horizontal else box.width) <= _THICKEST
        if is_thin and inked.mean() >= _LEAST_INKED:
            yield box


def _keep_tables(ink: np.ndarray) -> np.ndarray:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(ink, np.ones((3, 3), np.uint8)))
    large = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= _SMALLEST_TABLE
    large[0] = False
    return np.where(large[labels], ink, 0).astype(np.uint8)


def list_boxes(mask: np.ndarray) -> Iterator[Box]:
    """The boxes of the connected pieces."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    for left, top, width, height, _ in stats[1:].tolist():
        yield Box(left, top, left + width, top + height)


def _drop_strokes(vertical: list[Box], horizontal: list[Box]) -> Iterator[Box]:
    """Without the strokes of letters that touch a line: a short line goes from line to line, or others stand above."""
    for box in vertical:
        middle = (box.left + box.right) // 2
        ends = [any(_touches(middle, y, line) for line in horizontal) for y in (box.top, box.bottom)]
        in_column = (o for o in vertical if o is not box and abs((o.left + o.right) // 2 - middle) <= _SAME_COLUMN)
        if box.height >= _SURE_VERTICAL or all(ends) or (any(ends) and next(in_column, None)):
            yield box


def _touches(x: int, y: int, line: Box) -> bool:
    return line.left - _TOUCHING <= x <= line.right + _TOUCHING and line.top - _TOUCHING <= y <= line.bottom + _TOUCHING
