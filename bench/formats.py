"""The formats by name: what a document is drawn as, and which program makes the file out of the drawing, if one does.

Belongs here: the one list of formats. Does not belong here: layouts (render_*.py) and running programs (producers.py).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from bench.layouts import LAYOUTS
from bench.model import SimulatedReport
from bench.render_docx import VARIANTS, render_docx
from bench.render_scan import style_page

PAGE_LAYOUTS = ("page", "word")
_RULED_TABLE = b'<table border="1" cellpadding="2" style="border-collapse:collapse">'


@dataclass(frozen=True, slots=True)
class Format:
    """One way a report is published.

    drawing: a layout, or a DOCX variant. producer: '' where the drawing is the file, else the program that converts it.
    is_ruled: whether the cells of a page get borders, which its layout leaves to a style sheet of the site.
    shows_blanks: whether a blank cell is visible; without cell borders it leaves no trace, so a slash is printed.
    is_scanned: whether the produced PDF is printed and scanned, and only the pictures are left.
    share: how often the format is drawn; the old word processor files cost two seconds each to read, a scan twenty.
    """

    name: str
    drawing: str
    suffix: str
    producer: str = ""
    shows_blanks: bool = True
    is_ruled: bool = False
    is_scanned: bool = False
    share: int = 10

    @property
    def drawing_suffix(self) -> str:
        """The file name suffix of the drawing."""
        if self.drawing in VARIANTS:
            return "docx"
        return "html" if self.drawing in PAGE_LAYOUTS else "txt"


_DIRECT = (
    *(Format(layout, layout, "txt", shows_blanks=False) for layout in ("plain", "lines", "tabs")),
    Format("markdown", "markdown", "md", shows_blanks=False),
    *(Format(layout, layout, "html") for layout in PAGE_LAYOUTS),
    *(Format(f"docx-{variant}", variant, "docx") for variant in VARIANTS),
)
_PRODUCED = (
    Format("pdf-chromium-page", "page", "pdf", "chromium", shows_blanks=False),
    Format("pdf-chromium-ruled", "page", "pdf", "chromium", is_ruled=True),
    Format("pdf-chromium-word", "word", "pdf", "chromium"),
    Format("pdf-soffice-page", "page", "pdf", "soffice", shows_blanks=False),
    Format("pdf-soffice-ruled", "page", "pdf", "soffice", is_ruled=True),
    Format("pdf-soffice-docx", "clean", "pdf", "soffice"),
    Format("doc", "clean", "doc", "soffice", share=3),
    Format("rtf", "clean", "rtf", "soffice", share=3),
    Format("scan-pdf", "page", "pdf", "chromium", is_ruled=True, is_scanned=True, share=1),
    Format("scan-tiff", "page", "tiff", "chromium", is_ruled=True, is_scanned=True, share=1),
)
FORMATS: Mapping[str, Format] = {each.name: each for each in (*_DIRECT, *_PRODUCED)}
# Formats that need no other program, the same bytes on every machine
DIRECT_FORMATS = tuple(each.name for each in _DIRECT)


def draw_document(report: SimulatedReport, drawn_as: Format, rng: random.Random) -> bytes:
    """The drawing of a report in a format; the same rng state gives the same bytes."""
    if drawn_as.drawing in VARIANTS:
        return render_docx(report, drawn_as.drawing, rng)
    content = LAYOUTS[drawn_as.drawing](report).content
    content = content.replace(b"<table>", _RULED_TABLE) if drawn_as.is_ruled else content
    return style_page(content, rng) if drawn_as.is_scanned else content
