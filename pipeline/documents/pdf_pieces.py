"""Characters of a page to pieces of text: what stands on one line without a gap, and lines of pieces.

Belongs here: cutting lines finer than words, so that the cells of tables without borders come apart. Does not belong
here: which piece is in which cell (pdf_borderless.py), and words for reading (pdf_lines.py).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from pipeline.documents.encoding import REPLACEMENT
from pipeline.documents.pdf_page import Character

# All in ems, the width of an ideograph. Cells are a quarter apart at least; some fonts state boxes a little too narrow
_GAP = 0.2
SAME_LEVEL = 0.1
SAME_LEFT = 0.15
_STROKES = ("/", "\\", REPLACEMENT)


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of one line with nothing but their own spacing or printed blanks between them; lengths in points."""

    characters: tuple[Character, ...]
    left: float
    right: float
    baseline: float
    is_value: bool


@dataclass(frozen=True, slots=True)
class PieceLine:
    """Pieces on one baseline, from the left."""

    pieces: tuple[Piece, ...]
    baseline: float

    @property
    def values(self) -> tuple[Piece, ...]:
        """The pieces behind the last word that print a number or a mark each."""
        last_word = max((place for place, piece in enumerate(self.pieces) if not piece.is_value), default=-1)
        return self.pieces[last_word + 1 :]


def measure_em(characters: Sequence[Character]) -> float:
    """Width of an ideograph in points: the measure of distances, as boxes are higher or lower from font to font."""
    widths = [c.right - c.left for c in characters if not c.text.isascii() and c.text.isalpha()]
    return median(widths or [c.size for c in characters if c.text != " "] or [1.0])


def cut_lines(characters: Sequence[Character], em: float) -> list[PieceLine]:
    """The lines of pieces, from the top down."""
    lines: list[list[Character]] = []
    for character in sorted(characters, key=lambda c: -c.baseline):
        if not lines or lines[-1][0].baseline - character.baseline > SAME_LEVEL * em:
            lines.append([])
        lines[-1].append(character)
    cut = ((tuple(_cut_pieces(line, em)), line[0].baseline) for line in lines)
    return [PieceLine(pieces, baseline) for pieces, baseline in cut if pieces]


def _cut_pieces(line: list[Character], em: float) -> Iterator[Piece]:
    line.sort(key=lambda c: c.left)
    group: list[Character] = []
    right = 0.0
    for character in line:
        if group and character.left - right > _GAP * em:
            yield from _make_piece(group)
            group = []
        right = max(right, character.right) if group else character.right
        group.append(character)
    yield from _make_piece(group)


def _make_piece(group: Sequence[Character]) -> Iterator[Piece]:
    """The piece without the blanks at its ends; none of blanks alone."""
    printed = [place for place, character in enumerate(group) if character.text != " "]
    if printed:
        kept = tuple(group[printed[0] : printed[-1] + 1])
        text = "".join(c.text for c in kept)
        yield Piece(kept, kept[0].left, max(c.right for c in kept), kept[0].baseline, _is_value(text))


def _is_value(text: str) -> bool:
    """Whether a piece prints digits in one run and no words, or nothing but a dash or a stroke."""
    if any(c.isalpha() or c == " " for c in text):
        return False
    return any(c.isdigit() for c in text) or all(c in _STROKES or unicodedata.category(c) == "Pd" for c in text)


def join_pieces(one: Piece, other: Piece) -> Piece:
    """Two pieces of one line as one."""
    return Piece((*one.characters, *other.characters), one.left, other.right, one.baseline, False)


def list_steps(pieces: Sequence[Piece], em: float) -> list[float]:
    """The distances from each piece down to the next one that begins at the same x."""
    ordered = sorted(pieces, key=lambda p: (round(p.left / (SAME_LEFT * em)), -p.baseline))
    return [
        one.baseline - other.baseline
        for one, other in pairwise(ordered)
        if abs(one.left - other.left) <= SAME_LEFT * em and one.baseline - other.baseline > SAME_LEVEL * em
    ]
