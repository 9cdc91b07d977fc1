"""Pictures of pages to a Document: image files, and PDF and Word files that are nothing but pictures.

Belongs here: whether recognition is installed, the order of the steps. Does not belong here: any step. What recognition
needs is the extra touming[ocr], imported when the first picture is read and never before.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cache
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

from pipeline.documents.docx_package import read_pictures
from pipeline.documents.encoding import REPLACEMENT
from pipeline.documents.model import Document, Locator
from pipeline.documents.pdf import LaidOutPage, lay_out_page, write_blocks
from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import Issue, IssueCode

IMAGE_TYPES = ("image/bmp", "image/jpeg", "image/png", "image/tiff", "image/webp")

_READER = "scan"
_LIBRARIES = ("onnxruntime", "cv2", "numpy", "PIL")
_MODEL_PACKAGE = "rapidocr"
_MODELS = "models/*_rec_*.onnx"
# A stain or a logo, no page of a report
_FEWEST_CHARACTERS = 20


@cache
def find_model() -> Path | None:
    """The recognition model, None where the extra is not installed. Nothing is imported to find out."""
    package = find_spec(_MODEL_PACKAGE)
    if package is None or package.origin is None or any(find_spec(name) is None for name in _LIBRARIES):
        return None
    return next(iter(sorted(Path(package.origin).parent.glob(_MODELS))), None)


def _find_version() -> str:
    """With the model's own version: another one recognises other characters."""
    if find_model() is None:
        return f"{_READER}/none"
    from importlib.metadata import version

    return f"{_READER}/1-{version(_MODEL_PACKAGE)}"


# Differs where the extra is installed, so that what could not be read without it is read again by itself
VERSION = _find_version()


def read_image(content: bytes) -> Document:
    """The pages of an image file, reader 'scan': lines of text and ruled tables, as the PDF reader gives them.

    Locators are those of the PDF reader. U+FFFD stands for a digit outside tables that may be another one, and behind
    the number of a cell that is in doubt; DAMAGED_TEXT counts them by page. Raises DocumentRefused: NEEDS_OCR where the
    extra is not installed or no text is seen, DAMAGED_FILE, LIMIT_EXCEEDED.
    """
    return _read_pages(lambda pictures: pictures.read_image_pages(content))


def read_scanned_pdf(content: bytes) -> Document:
    """A PDF without text by pictures of its pages; else like read_image."""
    return _read_pages(lambda pictures: pictures.render_pdf_pages(content))


def read_scanned_docx(content: bytes) -> Document:
    """The pictures of a Word document, each a page, in the order of the document; else like read_image."""
    return _read_pages(lambda pictures: chain.from_iterable(map(pictures.read_image_pages, read_pictures(content))))


def _read_pages(open_pictures: Callable[[Any], Iterable[Any]]) -> Document:
    model = find_model()
    if model is None:
        message = "the document is a picture, and recognition is not installed here; install the extra touming[ocr]"
        raise DocumentRefused(IssueCode.NEEDS_OCR, f"{message} and read it again, or look for a copy with text")
    # Documents are read in as many processes as there are cores, and every thread would map memory of its own
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from pipeline.documents import scan_page, scan_pictures

    pages: list[LaidOutPage] = []
    for picture in open_pictures(scan_pictures):
        scan_pictures.check_page_count(len(pages) + 1)
        recognised = scan_page.recognise_page(picture, len(pages) + 1, model)
        pages.append(lay_out_page(recognised, are_places_exact=False))
    if sum(len(page.printed.characters) for page in pages) < _FEWEST_CHARACTERS:
        message = f"no text was recognised on {len(pages)} pages; look for a copy that is not a picture"
        raise DocumentRefused(IssueCode.NEEDS_OCR, message)
    issues = chain.from_iterable((*page.issues, *_report_doubts(page)) for page in pages)
    return Document(tuple(write_blocks(pages)), _READER, VERSION, {}, tuple(issues), is_recognised=True)


def _report_doubts(page: LaidOutPage) -> Iterable[Issue]:
    count = sum(1 for character in page.printed.characters if character.text == REPLACEMENT)
    if count:
        number = page.printed.number
        message = f"{count} numbers of page {number} were not recognised beyond doubt"
        yield Issue(IssueCode.DAMAGED_TEXT, message, str(Locator(page=number)))
