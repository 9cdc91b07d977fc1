"""Files to grey pictures of their pages, all at one scale: image files, and the pages of a PDF.

Belongs here: decoding with limits, turning upright as the file says, scaling. Does not belong here: what the pictures
show.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import closing

import cv2
import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageOps

from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import IssueCode

# All that follows counts in pixels of this size, 300 to an inch
POINTS_PER_PIXEL = 72 / 300
MAX_PAGES = 60
MAX_PIXELS = 40_000_000

# A4. A picture's own statement of its size is missing or made up as often as not
_PAPER_WIDTH, _PAPER_HEIGHT = 2480, 3508
_SMALLEST_PICTURE = 64
# A smaller picture is no page but a piece of one, such as a table alone
_MAX_ENLARGEMENT = 3.0
_RAISED_BY_DECODERS = (OSError, SyntaxError, ValueError, EOFError, RuntimeError)


def read_image_pages(content: bytes) -> Iterator[np.ndarray]:
    """The pages of an image file; only TIFF has several. A line or a bullet is none and left out.

    Raises DocumentRefused: DAMAGED_FILE, LIMIT_EXCEEDED.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(content))
            # What other formats hold beside the picture are previews and animations
            count = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
            check_page_count(count)
            for number in range(count):
                image.seek(number)
                if min(image.size) >= _SMALLEST_PICTURE:
                    yield _decode(image)
    except Image.DecompressionBombError as error:
        message = f"the picture is too large: {error}; look for another copy of the report"
        raise DocumentRefused(IssueCode.LIMIT_EXCEEDED, message) from None
    except _RAISED_BY_DECODERS as error:
        message = f"the picture cannot be decoded ({type(error).__name__}); fetch it again from its origin"
        raise DocumentRefused(IssueCode.DAMAGED_FILE, message) from None


def render_pdf_pages(content: bytes) -> Iterator[np.ndarray]:
    """The pages of a PDF as printed. Raises DocumentRefused: DAMAGED_FILE, LIMIT_EXCEEDED."""
    try:
        with closing(pdfium.PdfDocument(content)) as file:
            check_page_count(len(file))
            for index in range(len(file)):
                with closing(file[index]) as page:
                    width, height = (side / POINTS_PER_PIXEL for side in page.get_size())
                    _check_pixels(width, height)
                    bitmap = page.render(scale=1 / POINTS_PER_PIXEL, grayscale=True)
                    # A copy, because the bitmap's memory goes with it
                    yield np.array(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width)
    except pdfium.PdfiumError as error:
        message = f"the PDF cannot be opened: {error}; look for a copy that opens without a password or an error"
        raise DocumentRefused(IssueCode.DAMAGED_FILE, message) from error


def check_page_count(count: int) -> None:
    """Raises DocumentRefused (LIMIT_EXCEEDED) for more pages than are read."""
    if count > MAX_PAGES:
        message = f"{count} pages to recognise, the limit is {MAX_PAGES}; look for the report by itself"
        raise DocumentRefused(IssueCode.LIMIT_EXCEEDED, message)


def _check_pixels(width: float, height: float) -> None:
    if width * height > MAX_PIXELS:
        message = f"a page of {width:.0f} x {height:.0f} pixels at 300 to an inch, the limit is {MAX_PIXELS}"
        raise DocumentRefused(IssueCode.LIMIT_EXCEEDED, f"{message}; look for another copy of the report")


def _decode(image: Image.Image) -> np.ndarray:
    """One picture in grey on white, upright, as large as it would be on paper at 300 pixels to an inch."""
    width, height = image.size
    _check_pixels(width, height)
    paper = _PAPER_WIDTH if width <= height else _PAPER_HEIGHT
    factor = min(paper / max(width, 1), _MAX_ENLARGEMENT)
    _check_pixels(width * factor, height * factor)
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        coloured = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", coloured.size, "white"), coloured)
    grey = np.asarray(upright.convert("L"))
    size = max(round(grey.shape[1] * factor), 1), max(round(grey.shape[0] * factor), 1)
    smaller = factor < 1
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
