"""One grey page to straight black on white: paper evened out, skew taken back.

Belongs here: what is done to a picture before anything is looked for in it. Does not belong here: looking.
"""

from __future__ import annotations

import cv2
import numpy as np

# Degrees; more than this is no sheet laid on a scanner
_MOST_SKEW = 5.0
# (step, how far around the best angle so far), in degrees
_SEARCHES = ((0.5, _MOST_SKEW), (0.1, 0.5), (0.02, 0.1))
# A line a page wide is then straight to a pixel
_SEARCH_HEIGHT = 1200
# Larger than any letter, smaller than shadows
_PAPER_PATCH = 61
_WHITE = 255


def straighten_page(grey: np.ndarray) -> np.ndarray:
    """The page with even white paper and level lines of text; turned by the angle that makes rows most unlike."""
    flat = _even_out(grey)
    angle = _find_skew(flat)
    if abs(angle) < _SEARCHES[-1][0]:
        return flat
    return _turn(flat, angle)


def mark_ink(page: np.ndarray) -> np.ndarray:
    """255 where there is ink, 0 on paper: dark, by what parts the page best, once specks of noise are smoothed away."""
    smooth = cv2.GaussianBlur(page, (3, 3), 0)
    threshold, _ = cv2.threshold(smooth, 0, _WHITE, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    # On an almost empty page the best parting is within the noise
    return cv2.threshold(smooth, min(max(threshold, 110), 200), _WHITE, cv2.THRESH_BINARY_INV)[1]


def _even_out(grey: np.ndarray) -> np.ndarray:
    """Brightness relative to the paper around: shadows and grey paper become white."""
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), _PAPER_PATCH)
    paper = cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(grey, np.maximum(paper, 1), scale=_WHITE)


def _find_skew(page: np.ndarray) -> float:
    """Degrees to turn the page by, counterclockwise."""
    factor = min(1.0, _SEARCH_HEIGHT / max(page.shape))
    ink = mark_ink(cv2.resize(page, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA))
    best = 0.0
    for step, reach in _SEARCHES:
        angles = np.arange(best - reach, best + reach + step / 2, step)
        best = max(angles, key=lambda angle: _measure_rows(ink, angle))
    return float(best)


def _measure_rows(ink: np.ndarray, angle: float) -> float:
    """How sharply the rows of the turned page differ in ink."""
    height, width = ink.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    rows = cv2.warpAffine(ink, turn, (width, height), flags=cv2.INTER_LINEAR).sum(axis=1, dtype=np.float64)
    return float(np.square(np.diff(rows)).sum())


def _turn(page: np.ndarray, angle: float) -> np.ndarray:
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    return cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=_WHITE)
