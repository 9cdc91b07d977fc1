"""What a page of a PDF draws besides text: ruling lines, pictures, and which text objects are not painted.

Belongs here: the walk over pdfium's page objects. Does not belong here: which lines make a table (pdf_tables.py).
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium_c

from pipeline.documents import pdf_calls
from pipeline.documents.pdf_unseen import IDENTITY, Area, Matrix, PaintedText
from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import IssueCode

MAX_OBJECTS = 50_000
MAX_DEPTH = 8
# A line, or a filled box so thin that it is printed as one; in points
_THICKEST_RULING = 3.5
_SHORTEST_RULING = 2.0
_MAX_SEGMENTS = 4_000
_TEXT, _PATH = pdfium_c.FPDF_PAGEOBJ_TEXT, pdfium_c.FPDF_PAGEOBJ_PATH
_NOT_PAINTED = (pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP)
Point = tuple[float, float]


class Ruling(NamedTuple):
    """The box of one straight line, in points; it is horizontal when the box is wider than high."""

    left: float
    right: float
    bottom: float
    top: float


@dataclass(frozen=True, slots=True)
class Drawings:
    """rulings: all painted straight lines. hidden_texts: addresses of the text objects that leave no trace on paper.

    painted: tells of the others which are not seen all the same, while the page is open. picture_area: of the largest
    picture, in square points.
    """

    rulings: tuple[Ruling, ...]
    hidden_texts: frozenset[int]
    painted: PaintedText
    picture_area: float


def read_drawings(page: object, number: int, page_area: float) -> Drawings:
    """Everything drawn on the page, in the page's own coordinates. DocumentRefused (LIMIT_EXCEEDED) for too much."""
    walk = _Walk(number, page_area)
    address = pdf_calls.find_address(page)
    for index in range(pdf_calls.count_page_objects(address)):
        walk.read(pdf_calls.find_page_object(address, index), IDENTITY, 1)
    return Drawings(tuple(walk.rulings), frozenset(walk.hidden_texts), walk.painted, walk.picture_area)


class _Answer:
    """Variables that pdfium writes to, made once."""

    def __init__(self, kind: type[ctypes.c_float] | type[ctypes.c_int], count: int) -> None:
        self._variables = (kind * count)()
        first, size = ctypes.addressof(self._variables), ctypes.sizeof(kind)
        self.addresses = tuple(range(first, first + count * size, size))

    def read(self) -> list[Any]:
        """What was written last."""
        return self._variables[:]


@dataclass(slots=True)
class _Walk:
    """One pass over the objects of a page, those inside forms included."""

    number: int
    page_area: float
    rulings: list[Ruling] = field(default_factory=list)
    hidden_texts: set[int] = field(default_factory=set)
    picture_area: float = 0.0
    object_count: int = 0
    modes: _Answer = field(default_factory=lambda: _Answer(ctypes.c_int, 2))
    sides: _Answer = field(default_factory=lambda: _Answer(ctypes.c_float, 4))
    numbers: _Answer = field(default_factory=lambda: _Answer(ctypes.c_float, 6))
    painted: PaintedText = field(init=False)

    def __post_init__(self) -> None:
        """Let what is painted ask for the boxes of texts."""
        self.painted = PaintedText(self.page_area, self._read_area)

    def read(self, item: int, container: Matrix, depth: int) -> None:
        """One object, by its address, and all objects inside it."""
        self.object_count += 1
        if self.object_count > MAX_OBJECTS or depth > MAX_DEPTH:
            message = (
                f"page {self.number} draws more than {MAX_OBJECTS} objects, or nests them more than {MAX_DEPTH} deep; "
                "look for the report by itself"
            )
            raise DocumentRefused(IssueCode.LIMIT_EXCEEDED, message)
        kind = pdf_calls.read_kind(item)
        if kind == _TEXT:
            if pdf_calls.read_text_mode(item) in _NOT_PAINTED:
                self.hidden_texts.add(item)
            else:
                self.painted.note_text(item, container)
        elif kind == _PATH:
            self.rulings.extend(self._read_path(item, container))
        elif kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            box = self._read_bounds(item, container)
            self.picture_area = max(self.picture_area, (box.right - box.left) * (box.top - box.bottom))
        elif kind == pdfium_c.FPDF_PAGEOBJ_FORM:
            inner = _chain(self._read_matrix(item), container)
            for index in range(pdf_calls.count_form_objects(item)):
                self.read(pdf_calls.find_form_object(item, index), inner, depth + 1)

    def _read_path(self, path: int, container: Matrix) -> Iterator[Ruling]:
        """The straight lines of a path: thin boxes however painted, and the level edges of what is stroked."""
        pdf_calls.read_draw_mode(path, *self.modes.addresses)
        fill, stroke = self.modes.read()
        if not fill and not stroke:
            return
        whole = self._read_bounds(path, container)
        if _is_thin(whole):
            if _is_long(whole):
                yield whole
            return
        count = pdf_calls.count_segments(path)
        if fill:
            self.painted.note_fill(path, Area(*whole), count)
        if count > _MAX_SEGMENTS:  # a seal or an emblem
            return
        for points in self._read_outlines(path, count, _chain(self._read_matrix(path), container)):
            outline = _box_around(points)
            if _is_thin(outline):
                if _is_long(outline):
                    yield outline
            elif stroke:
                edges = (_box_around(pair) for pair in pairwise(points))
                yield from (edge for edge in edges if _is_thin(edge) and _is_long(edge))

    def _read_outlines(self, path: int, count: int, matrix: Matrix) -> Iterator[list[Point]]:
        """The corners of each part of a path, the first one again at the end of a closed part. Curves are chords."""
        a, b, c, d, e, f = matrix
        points: list[Point] = []
        for index in range(count):
            segment = pdf_calls.find_segment(path, index)
            pdf_calls.read_point(segment, *self.sides.addresses[:2])
            x, y = self.sides.read()[:2]
            if pdf_calls.read_segment_kind(segment) == pdfium_c.FPDF_SEGMENT_MOVETO and points:
                yield points
                points = []
            points.append((a * x + c * y + e, b * x + d * y + f))
            if pdf_calls.is_closed(segment):
                points.append(points[0])
        if points:
            yield points

    def _read_area(self, item: int, container: Matrix) -> Area:
        return Area(*self._read_bounds(item, container))

    def _read_matrix(self, item: int) -> Matrix:
        pdf_calls.read_matrix(item, self.numbers.addresses[0])
        a, b, c, d, e, f = self.numbers.read()
        return a, b, c, d, e, f

    def _read_bounds(self, item: int, container: Matrix) -> Ruling:
        pdf_calls.read_bounds(item, *self.sides.addresses)
        left, bottom, right, top = self.sides.read()
        if container == IDENTITY:
            return Ruling(left, right, bottom, top)
        a, b, c, d, e, f = container
        corners = ((x, y) for x in (left, right) for y in (bottom, top))
        return _box_around([(a * x + c * y + e, b * x + d * y + f) for x, y in corners])


def _chain(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that applies inner, then outer."""
    if outer == IDENTITY:
        return inner
    a, b, c, d, e, f = inner
    oa, ob, oc, od, oe, of = outer
    return (
        a * oa + b * oc,
        a * ob + b * od,
        c * oa + d * oc,
        c * ob + d * od,
        e * oa + f * oc + oe,
        e * ob + f * od + of,
    )


def _box_around(points: list[Point] | tuple[Point, Point]) -> Ruling:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Ruling(min(xs), max(xs), min(ys), max(ys))


def _is_thin(box: Ruling) -> bool:
    return min(box.right - box.left, box.top - box.bottom) < _THICKEST_RULING


def _is_long(box: Ruling) -> bool:
    """Whether it is a line rather than a dot: dashes and the lines through single digits are short."""
    across, up = box.right - box.left, box.top - box.bottom
    short, long = (across, up) if across < up else (up, across)
    return long > _SHORTEST_RULING and long >= 2 * short
