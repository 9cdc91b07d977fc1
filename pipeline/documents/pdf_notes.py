"""What is printed on a page of a PDF besides its content: filled form fields, typed notes, stamps.

Belongs here: finding them and making them part of the page. Does not belong here: reading them (pdf_page.py).
"""

from __future__ import annotations

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

_PRINTED = frozenset([pdfium_c.FPDF_ANNOT_FREETEXT, pdfium_c.FPDF_ANNOT_STAMP, pdfium_c.FPDF_ANNOT_WIDGET])
# Pages of reports link to a few dozen places
_MOST_LOOKED_AT = 2_000


def flatten_notes(page: pdfium.PdfPage) -> bool:
    """Make what is typed or stamped onto a page part of its content; whether that changed the page.

    The change shows once the page is loaded again.
    """
    count = min(pdfium_c.FPDFPage_GetAnnotCount(page.raw), _MOST_LOOKED_AT)
    if not any(_read_kind(page, index) in _PRINTED for index in range(count)):
        return False
    return bool(pdfium_c.FPDFPage_Flatten(page.raw, pdfium_c.FLAT_PRINT) == pdfium_c.FLATTEN_SUCCESS)


def _read_kind(page: pdfium.PdfPage, index: int) -> int:
    note = pdfium_c.FPDFPage_GetAnnot(page.raw, index)
    kind = int(pdfium_c.FPDFAnnot_GetSubtype(note))
    pdfium_c.FPDFPage_CloseAnnot(note)
    return kind
