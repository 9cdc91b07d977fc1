"""Whether the picture of a number is beyond doubt the number that was recognised in it.

Belongs here: what the shapes say without any model: how many digits there are, how high, and the holes in them.
Does not belong here: recognition, and what a number means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import cv2
import numpy as np

# Shares of the height of the highest digit
_LOWEST_DIGIT, _HIGHEST_MARK = 0.75, 0.5
# Of a digit's height, how high the hole of a 0 is at least and that of any other digit at most
_HOLE_OF_ZERO = 0.55
_SMALLEST_HOLE = 4
# A stroke that leans to the right is no 1 but the mark of a cell without a number
_MOST_LEAN = 0.08
# Pixels at 300 to an inch
_BREAK = 5
_MARKS = ".,"


class Piece(NamedTuple):
    """One connected piece of ink, from the left: its size, the heights of its holes from the top down, its lean.

    lean: how far the ink moves to the right on its way up, for each pixel of height.
    """

    left: int
    width: int
    height: int
    holes: tuple[int, ...]
    lean: float


# Digit → the numbers of holes it may have; print fills the small one of 4
HOLES: Mapping[str, tuple[int, ...]] = {
    "0": (1,),
    "1": (0,),
    "2": (0,),
    "3": (0,),
    "4": (0, 1),
    "5": (0,),
    "6": (1,),
    "7": (0,),
    "8": (2,),
    "9": (1,),
}


def agrees_with_shapes(text: str, ink: np.ndarray) -> bool:
    """Whether the ink has one piece for every digit, with its holes, and one for every point or comma.

    Thin strokes may be broken; digits that touch are in doubt.
    """
    framed = cv2.copyMakeBorder(ink, _BREAK, _BREAK, _BREAK, _BREAK, cv2.BORDER_CONSTANT, value=0)
    mended = cv2.morphologyEx(framed, cv2.MORPH_CLOSE, np.ones((_BREAK, _BREAK), np.uint8))
    return any(_agree(text, list_pieces(variant)) for variant in (framed, mended))


def _agree(text: str, pieces: Sequence[Piece]) -> bool:
    if len(pieces) != len(text):
        return False
    highest = max(piece.height for piece in pieces)
    return all(_fits(character, piece, highest) for character, piece in zip(text, pieces, strict=True))


def _fits(character: str, piece: Piece, highest: int) -> bool:
    """Whether a piece may be this character; anything but digits, points and commas fits none."""
    if character in _MARKS:
        return piece.height < _HIGHEST_MARK * highest
    is_digit = character in HOLES and max(_LOWEST_DIGIT * highest, piece.width) <= piece.height
    if not is_digit or len(piece.holes) not in HOLES[character] or (character == "1" and piece.lean > _MOST_LEAN):
        return False
    return not piece.holes or (max(piece.holes) >= _HOLE_OF_ZERO * piece.height) == (character == "0")


def list_pieces(ink: np.ndarray) -> Sequence[Piece]:
    """The connected pieces of ink from the left; none reaches the edge of the picture."""
    contours, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    holes: dict[int, list[tuple[int, int]]] = {}
    for number, contour in enumerate(contours):
        _, top, _, height = cv2.boundingRect(contour)
        parent = int(tree[0][number][3])
        # A hole's contour runs along the ink around it
        if parent >= 0 and height - 2 >= _SMALLEST_HOLE:
            holes.setdefault(parent, []).append((top, height - 2))
    pieces = []
    for number, contour in enumerate(contours):
        if tree[0][number][3] < 0:
            left, _, width, height = cv2.boundingRect(contour)
            inside = tuple(high for _, high in sorted(holes.get(number, ())))
            pieces.append(Piece(left, width, height, inside, _measure_lean(contour)))
    return sorted(pieces)


def _measure_lean(contour: np.ndarray) -> float:
    moments = cv2.moments(contour)
    return -float(moments["mu11"] / moments["mu02"]) if moments["mu02"] else 0.0
