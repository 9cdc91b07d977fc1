"""The calls into pdfium that every character and every line of a page needs, prepared to cost little.

Belongs here: pdfium's functions under our names, taking and giving addresses. Does not belong here: what is done with
the answers, and calls made once for a page or a file.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pypdfium2.raw as pdfium_c

_ADDRESS, _INT, _FLOAT = ctypes.c_void_p, ctypes.c_int, ctypes.c_float


def find_address(pointer: object) -> int:
    """Where a pointer object of pypdfium2 points to; 0 for nowhere."""
    return ctypes.cast(pointer, _ADDRESS).value or 0  # type: ignore[arg-type]


def _declare(function: object, result: Any, *arguments: Any) -> Callable[..., Any]:
    """The same function, its pointers as addresses: making pointer objects takes longer than most calls themselves."""
    return ctypes.CFUNCTYPE(result, *arguments)(find_address(function))


# Of a text page and the place of a character in it; the variables to write to come last
read_code = _declare(pdfium_c.FPDFText_GetUnicode, ctypes.c_uint, _ADDRESS, _INT)
is_generated = _declare(pdfium_c.FPDFText_IsGenerated, _INT, _ADDRESS, _INT)
read_angle = _declare(pdfium_c.FPDFText_GetCharAngle, _FLOAT, _ADDRESS, _INT)
read_box = _declare(pdfium_c.FPDFText_GetLooseCharBox, _INT, _ADDRESS, _INT, _ADDRESS)
read_origin = _declare(pdfium_c.FPDFText_GetCharOrigin, _INT, _ADDRESS, _INT, _ADDRESS, _ADDRESS)
read_ink = _declare(pdfium_c.FPDFText_GetCharBox, _INT, _ADDRESS, _INT, *(_ADDRESS,) * 4)
find_text_object = _declare(pdfium_c.FPDFText_GetTextObject, _ADDRESS, _ADDRESS, _INT)

# Of a page or a form, and of the objects in it
count_page_objects = _declare(pdfium_c.FPDFPage_CountObjects, _INT, _ADDRESS)
find_page_object = _declare(pdfium_c.FPDFPage_GetObject, _ADDRESS, _ADDRESS, _INT)
count_form_objects = _declare(pdfium_c.FPDFFormObj_CountObjects, _INT, _ADDRESS)
find_form_object = _declare(pdfium_c.FPDFFormObj_GetObject, _ADDRESS, _ADDRESS, ctypes.c_ulong)
read_kind = _declare(pdfium_c.FPDFPageObj_GetType, _INT, _ADDRESS)
read_bounds = _declare(pdfium_c.FPDFPageObj_GetBounds, _INT, _ADDRESS, *(_ADDRESS,) * 4)
read_matrix = _declare(pdfium_c.FPDFPageObj_GetMatrix, _INT, _ADDRESS, _ADDRESS)
read_fill = _declare(pdfium_c.FPDFPageObj_GetFillColor, _INT, _ADDRESS, *(_ADDRESS,) * 4)
has_transparency = _declare(pdfium_c.FPDFPageObj_HasTransparency, _INT, _ADDRESS)
find_clip = _declare(pdfium_c.FPDFPageObj_GetClipPath, _ADDRESS, _ADDRESS)
count_clip_paths = _declare(pdfium_c.FPDFClipPath_CountPaths, _INT, _ADDRESS)
count_clip_segments = _declare(pdfium_c.FPDFClipPath_CountPathSegments, _INT, _ADDRESS, _INT)
find_clip_segment = _declare(pdfium_c.FPDFClipPath_GetPathSegment, _ADDRESS, _ADDRESS, _INT, _INT)
read_text_mode = _declare(pdfium_c.FPDFTextObj_GetTextRenderMode, _INT, _ADDRESS)

# Of a path, and of the segments in it
read_draw_mode = _declare(pdfium_c.FPDFPath_GetDrawMode, _INT, _ADDRESS, _ADDRESS, _ADDRESS)
count_segments = _declare(pdfium_c.FPDFPath_CountSegments, _INT, _ADDRESS)
find_segment = _declare(pdfium_c.FPDFPath_GetPathSegment, _ADDRESS, _ADDRESS, _INT)
read_point = _declare(pdfium_c.FPDFPathSegment_GetPoint, _INT, _ADDRESS, _ADDRESS, _ADDRESS)
read_segment_kind = _declare(pdfium_c.FPDFPathSegment_GetType, _INT, _ADDRESS)
is_closed = _declare(pdfium_c.FPDFPathSegment_GetClose, _INT, _ADDRESS)
