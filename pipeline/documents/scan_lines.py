"""Ink to lines of text: where each one stands, and its picture alone.

Belongs here: which ink belongs together. Does not belong here: what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np

from pipeline.documents.scan_rulings import Box, list_boxes

# Pixels at 300 to an inch. Letters of a line are nearer to each other than this, lines are farther apart
_LETTER_GAP, _LINE_GAP = 45, 5
# Anything smaller is dirt; a full stop is larger
_SPECK = 5
_LOWEST_LINE = 8
# Lower than this is a part of a letter
_LOWEST_LETTER = 20
# Of the height of a line: what two parts of it have in common, and what at least is free between two lines
_SAME_LINE, _LEAST_LEADING = 0.5, 0.18
_MARGIN = 0.12


def drop_specks(ink: np.ndarray) -> np.ndarray:
    """The ink without dirt."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    large = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= _SPECK
    large[0] = False
    return np.where(large[labels], ink, 0).astype(np.uint8)


def find_lines(ink: np.ndarray) -> list[Box]:
    """The lines of text from the top down; pieces at the same height are one line."""
    thick = cv2.dilate(ink, np.ones((_LINE_GAP, _LETTER_GAP), np.uint8))
    pieces = [tight for box in list_boxes(thick) if (tight := _tighten(ink, box)) is not None]
    parts = (part for piece in pieces for part in _split(ink, piece))
    lines: list[Box] = []
    for part in sorted(parts, key=lambda box: (box.top, box.left)):
        together = next((i for i, line in enumerate(lines) if _is_of(line, part)), None)
        if together is None:
            lines.append(part)
        else:
            lines[together] = _unite(lines[together], part)
    return [line for line in lines if max(line.height, line.width) >= _LOWEST_LINE]


def cut_line(page: np.ndarray, line: Box, least_height: int) -> np.ndarray:
    """The picture of one line with a white margin, at least so high."""
    margin = max(round(line.height * _MARGIN), (least_height - line.height) // 2, 2)
    picture = page[line.top : line.bottom, line.left : line.right]
    return cv2.copyMakeBorder(picture, margin, margin, margin + 4, margin + 4, cv2.BORDER_CONSTANT, value=255)


def measure_height(lines: Sequence[Box]) -> int:
    """How high a line of letters is on this page."""
    heights = sorted(line.height for line in lines if line.height >= 2 * _LOWEST_LINE)
    return heights[len(heights) // 2] if heights else 0


def _tighten(ink: np.ndarray, box: Box) -> Box | None:
    """The box around the ink within a box."""
    inked = ink[box.top : box.bottom, box.left : box.right]
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows):
        return None
    return Box(
        box.left + int(columns[0]),
        box.top + int(rows[0]),
        box.left + int(columns[-1]) + 1,
        box.top + int(rows[-1]) + 1,
    )


def _is_of(line: Box, part: Box) -> bool:
    """Whether a part stands beside the line, or so close below a part of it that both are of one letter."""
    common = min(line.bottom, part.bottom) - max(line.top, part.top)
    if common >= _SAME_LINE * min(line.height, part.height):
        return True
    overlaps = min(line.right, part.right) > max(line.left, part.left)
    return overlaps and -common < _LEAST_LEADING * max(line.height, part.height)


def _unite(one: Box, other: Box) -> Box:
    return Box(
        min(one.left, other.left), min(one.top, other.top), max(one.right, other.right), max(one.bottom, other.bottom)
    )


def _split(ink: np.ndarray, line: Box) -> Iterator[Box]:
    """The lines in a box: parted by rows without ink, where each part is high enough to be one."""
    inked = ink[line.top : line.bottom, line.left : line.right].any(axis=1)
    ends = [0, *(np.flatnonzero(np.diff(inked.astype(np.int8))) + 1).tolist(), line.height]
    runs = [(start, end) for start, end in pairwise(ends) if inked[start]]
    higher = max(end - start for start, end in runs)
    gaps = [below - above for (_, above), (below, _) in pairwise(runs)]
    is_one = min(end - start for start, end in runs) < _LOWEST_LETTER or min(gaps, default=0) < _LEAST_LEADING * higher
    if len(runs) == 1 or is_one:
        yield line
        return
    for start, end in runs:
        part = _tighten(ink, Box(line.left, line.top + start, line.right, line.top + end))
        if part is not None:
            yield part
