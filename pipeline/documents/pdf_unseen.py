"""Text of a PDF page that is painted and yet not seen: in the colour of the paper, or painted over afterwards.

Belongs here: what must be noted of a page's objects in the order in which they are painted, to tell such text. Does not
belong here: text that is not painted at all, and the walk over the objects (pdf_paths.py).
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.documents import pdf_calls

# a, b, c, d, e, f of x' = ax + cy + e, y' = bx + dy + f
Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

# Of 255: paper, and what nobody would tell from it
_PALEST = 240
_OPAQUE = 250
# Part of a text's box, in each direction, from which on a fill over it hides some of its characters
_COVERED = 0.2
# More corners make no box
_MOST_CORNERS = 6
# A fill larger than this would hide a page; a clip that pdfium does not tell of keeps it from doing so
_LARGEST_COVER = 0.5


class Area(NamedTuple):
    """A box in points."""

    left: float
    right: float
    bottom: float
    top: float


class _Colour:
    """The variables that pdfium writes a colour to, made once."""

    def __init__(self) -> None:
        self._parts = (ctypes.c_uint * 4)()
        first, size = ctypes.addressof(self._parts), ctypes.sizeof(ctypes.c_uint)
        self._addresses = tuple(range(first, first + 4 * size, size))

    def read(self, item: int) -> tuple[bool, bool]:
        """Whether an object is filled with the colour of paper, and whether nothing shines through."""
        if not pdf_calls.read_fill(item, *self._addresses):
            return False, False
        red, green, blue, alpha = self._parts
        return alpha == 0 or min(red, green, blue) >= _PALEST, alpha >= _OPAQUE


class _Fill(NamedTuple):
    """A filled path: its box, whether it has the colour of paper, and whether it hides what is below it."""

    area: Area
    is_pale: bool
    is_cover: bool


@dataclass(slots=True)
class PaintedText:
    """The texts and fills of a page as they are painted one after the other. page_area: in square points.

    Whether a text is seen is found out when it is asked for: most have no digits, and nobody asks.
    """

    page_area: float
    read_area: Callable[[int, Matrix], Area]
    colour: _Colour = field(default_factory=_Colour)
    fills: list[_Fill] = field(default_factory=list)
    # Text object -> how many fills are below it, and the matrix of the form that it is in
    texts: dict[int, tuple[int, Matrix]] = field(default_factory=dict)
    known: dict[int, bool] = field(default_factory=dict)

    def note_text(self, item: int, container: Matrix) -> None:
        """A text object that is painted now."""
        self.texts[item] = (len(self.fills), container)

    def note_fill(self, item: int, area: Area, corner_count: int) -> None:
        """A filled path that is painted now, with its box."""
        is_pale, is_opaque = self.colour.read(item)
        is_cover = is_opaque and corner_count <= _MOST_CORNERS and not pdf_calls.has_transparency(item)
        clip = _read_clip(item) if is_cover and self.texts else None
        area = _cut(area, clip) if clip else area
        is_page = (area.right - area.left) * (area.top - area.bottom) > _LARGEST_COVER * self.page_area
        self.fills.append(_Fill(area, is_pale, is_cover and not is_page))

    def is_unseen(self, item: int) -> bool:
        """Whether some characters of a text are not seen: outside its clip, on their own colour, below a later fill."""
        if item not in self.known:
            self.known[item] = item in self.texts and self._find_out(item)
        return self.known[item]

    def _find_out(self, item: int) -> bool:
        count, container = self.texts[item]
        area = self.read_area(item, container)
        if self.colour.read(item)[0] and not _is_on_dark(area, self.fills[:count]):
            return True
        if any(fill.is_cover and _hides(fill.area, area) for fill in self.fills[count:]):
            return True
        clip = _read_clip(item) if container == IDENTITY else None
        return clip is not None and _is_cut(area, clip)


def _is_on_dark(area: Area, fills: Sequence[_Fill]) -> bool:
    """Whether the last fill behind the middle of a text has another colour than paper."""
    x, y = (area.left + area.right) / 2, (area.bottom + area.top) / 2
    for (left, right, bottom, top), is_pale, _ in reversed(fills):
        if left <= x <= right and bottom <= y <= top:
            return not is_pale
    return False


def _is_cut(text: Area, clip: Area) -> bool:
    """Whether a clip leaves less of a text than its box has, but for what the box is larger than the ink."""
    kept = _cut(text, clip)
    wide, high = text.right - text.left, text.top - text.bottom
    return kept.right - kept.left < (1 - _COVERED) * wide or kept.top - kept.bottom < (1 - 2 * _COVERED) * high


def _hides(cover: Area, text: Area) -> bool:
    wide = min(cover.right, text.right) - max(cover.left, text.left)
    high = min(cover.top, text.top) - max(cover.bottom, text.bottom)
    return wide > _COVERED * (text.right - text.left) and high > (1 - _COVERED) * (text.top - text.bottom) > 0


def _cut(area: Area, clip: Area) -> Area:
    return Area(
        max(area.left, clip.left), min(area.right, clip.right), max(area.bottom, clip.bottom), min(area.top, clip.top)
    )


def _read_clip(item: int) -> Area | None:
    """The box within which an object is painted, None for everywhere."""
    clip = pdf_calls.find_clip(item)
    count = pdf_calls.count_clip_paths(clip) if clip else 0
    found: Area | None = None
    x, y = ctypes.c_float(), ctypes.c_float()
    for path in range(max(count, 0)):
        points = []
        for index in range(max(pdf_calls.count_clip_segments(clip, path), 0)):
            segment = pdf_calls.find_clip_segment(clip, path, index)
            pdf_calls.read_point(segment, ctypes.addressof(x), ctypes.addressof(y))
            points.append((x.value, y.value))
        if points:
            xs, ys = [x for x, _ in points], [y for _, y in points]
            area = Area(min(xs), max(xs), min(ys), max(ys))
            found = _cut(found, area) if found else area
    return found
