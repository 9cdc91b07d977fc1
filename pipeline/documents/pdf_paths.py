"""What a page of a PDF draws besides text: ruling lines, pictures, and which text objects are not painted.

Belongs here: the walk over pdfium's page objects. Does not belong here: which lines make a table (pdf_tables.py).
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import pypdfium2.raw as pdfium_c

from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import IssueCode

MAX_OBJECTS = 50_000
MAX_DEPTH = 8
# A line, or a filled box so thin that it is printed as one; in points
_THICKEST_RULING = 3.5
_SHORTEST_RULING = 2.0
_MAX_SEGMENTS = 4_000
_NOT_PAINTED = (pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP)
# a, b, c, d, e, f of x' = ax + cy + e, y' = bx + dy + f
Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Ruling(NamedTuple):
    """The box of one straight line, in points; it is horizontal when the box is wider than high."""

    left: float
    right: float
    bottom: float
    top: float


@dataclass(frozen=True, slots=True)
class Drawings:
    """rulings: all painted straight lines. hidden_texts: addresses of the text objects that leave no trace on paper.

    picture_area: of the largest picture, in square points.
    """

    rulings: tuple[Ruling, ...]
    hidden_texts: frozenset[int]
    picture_area: float


def read_drawings(page: object, number: int) -> Drawings:
    """Everything drawn on the page, in the page's own coordinates. DocumentRefused (LIMIT_EXCEEDED) for too much."""
    walk = _Walk(number)
    for index in range(pdfium_c.FPDFPage_CountObjects(page)):
        walk.read(pdfium_c.FPDFPage_GetObject(page, index), _IDENTITY, 1)
    return Drawings(tuple(walk.rulings), frozenset(walk.hidden_texts), walk.picture_area)


@dataclass(slots=True)
class _Walk:
    """One pass over the objects of a page, those inside forms included."""

    number: int
    rulings: list[Ruling] = field(default_factory=list)
    hidden_texts: set[int] = field(default_factory=set)
    picture_area: float = 0.0
    object_count: int = 0

    def read(self, item: ctypes._Pointer, container: Matrix, depth: int) -> None:  # type: ignore[type-arg]
        self.object_count += 1
        if self.object_count > MAX_OBJECTS or depth > MAX_DEPTH:
            message = (
                f"page {self.number} draws more than {MAX_OBJECTS} objects, or nests them more than {MAX_DEPTH} deep; "
                "look for the report by itself"
            )
            raise DocumentRefused(IssueCode.LIMIT_EXCEEDED, message)
        kind = pdfium_c.FPDFPageObj_GetType(item)
        if kind == pdfium_c.FPDF_PAGEOBJ_PATH:
            self.rulings.extend(_read_path(item, container))
        elif kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            if pdfium_c.FPDFTextObj_GetTextRenderMode(item) in _NOT_PAINTED:
                self.hidden_texts.add(ctypes.addressof(item.contents))
        elif kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            box = _bounds_of(item, container)
            self.picture_area = max(self.picture_area, (box.right - box.left) * (box.top - box.bottom))
        elif kind == pdfium_c.FPDF_PAGEOBJ_FORM:
            inner = _chain(_matrix_of(item), container)
            for index in range(pdfium_c.FPDFFormObj_CountObjects(item)):
                self.read(pdfium_c.FPDFFormObj_GetObject(item, index), inner, depth + 1)


def _read_path(path: object, container: Matrix) -> Iterator[Ruling]:
    """The straight lines of a path: thin boxes however painted, and the level edges of what is stroked."""
    fill, stroke = ctypes.c_int(), pdfium_c.FPDF_BOOL()
    pdfium_c.FPDFPath_GetDrawMode(path, fill, stroke)
    if not fill.value and not stroke.value:
        return
    whole = _bounds_of(path, container)
    if _is_thin(whole):
        if _is_long(whole):
            yield whole
        return
    count = pdfium_c.FPDFPath_CountSegments(path)
    if count > _MAX_SEGMENTS:  # a seal or an emblem
        return
    matrix = _chain(_matrix_of(path), container)
    for points in _read_outlines(path, count, matrix):
        outline = _box_around(points)
        if _is_thin(outline):
            if _is_long(outline):
                yield outline
        elif stroke.value:
            edges = (_box_around(pair) for pair in pairwise(points))
            yield from (edge for edge in edges if _is_thin(edge) and _is_long(edge))


def _read_outlines(path: object, count: int, matrix: Matrix) -> Iterator[list[Point]]:
    """The corners of each part of a path, the first one again at the end of a closed part. Curves are chords."""
    a, b, c, d, e, f = matrix
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[Point] = []
    for index in range(count):
        segment = pdfium_c.FPDFPath_GetPathSegment(path, index)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        if pdfium_c.FPDFPathSegment_GetType(segment) == pdfium_c.FPDF_SEGMENT_MOVETO and points:
            yield points
            points = []
        points.append((a * x.value + c * y.value + e, b * x.value + d * y.value + f))
        if pdfium_c.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if points:
        yield points


def _matrix_of(item: object) -> Matrix:
    matrix = pdfium_c.FS_MATRIX()
    pdfium_c.FPDFPageObj_GetMatrix(item, matrix)
    return (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _chain(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that applies inner, then outer."""
    if outer == _IDENTITY:
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


def _bounds_of(item: object, container: Matrix) -> Ruling:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium_c.FPDFPageObj_GetBounds(item, left, bottom, right, top)
    if container == _IDENTITY:
        return Ruling(left.value, right.value, bottom.value, top.value)
    a, b, c, d, e, f = container
    corners = ((x.value, y.value) for x in (left, right) for y in (bottom, top))
    return _box_around([(a * x + c * y + e, b * x + d * y + f) for x, y in corners])


def _box_around(points: list[Point] | tuple[Point, Point]) -> Ruling:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Ruling(min(xs), max(xs), min(ys), max(ys))


def _is_thin(box: Ruling) -> bool:
    return min(box.right - box.left, box.top - box.bottom) < _THICKEST_RULING


def _is_long(box: Ruling) -> bool:
    """Whether it is a line rather than a dot: dashes and the lines through single digits are short."""
    sides = sorted((box.right - box.left, box.top - box.bottom))
    return sides[1] > _SHORTEST_RULING and sides[1] >= 2 * sides[0]
