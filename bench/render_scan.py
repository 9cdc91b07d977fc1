"""Pages of a PDF to pictures of them, as an office's scanner gives them: askew, grey, noisy, blurred, compressed.

Belongs here: the pictures and the files around them. Does not belong here: the drawing that is printed and scanned.
Needs what the extra touming[ocr] brings (OpenCV, NumPy).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from importlib.util import find_spec
from io import BytesIO
from typing import Any

import pypdfium2 as pdfium

DPI = (150, 200, 300)
MOST_SKEW = 1.5
# What the pages are set in: songti, heiti, and western digits beside either
FONTS = (
    '"Noto Serif CJK SC"',
    '"Noto Sans CJK SC"',
    '"Liberation Serif","Noto Serif CJK SC"',
    '"Liberation Sans","Noto Sans CJK SC"',
)
SIZES = (10.5, 11, 12)
LIBRARIES = ("cv2", "numpy", "PIL")
_POINTS = 72
_BLACK_BELOW = 150


def explain_missing_libraries() -> str:
    """Why nothing can be scanned here, '' when everything needed is installed."""
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    return f"{', '.join(missing)} not installed here; install the extra touming[ocr]" if missing else ""


def style_page(page: bytes, rng: random.Random) -> bytes:
    """An HTML page set in a drawn typeface and size."""
    style = f"<style>body,td{{font-family:{rng.choice(FONTS)};font-size:{rng.choice(SIZES)}pt}}</style></head>"
    return page.replace(b"</head>", style.encode(), 1)


def scan_document(content: bytes, suffix: str, rng: random.Random) -> bytes:
    """The pages of a PDF as a scan of them; suffix: pdf (a grey JPEG a page) or tiff (black and white, as a fax)."""
    dpi = rng.choice(DPI)
    pages = [scan_page(page, dpi, rng) for page in _draw_pages(content, dpi)]
    return _bind_tiff(pages, dpi) if suffix == "tiff" else _bind_pdf(pages, dpi, rng.randint(55, 85))


def scan_page(page: Any, dpi: int, rng: random.Random) -> Any:
    """One grey page (rows of bytes) as a scanner sees it."""
    import cv2
    import numpy as np

    height, width = page.shape
    angle = rng.uniform(-MOST_SKEW, MOST_SKEW)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    page = cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)
    page = cv2.GaussianBlur(page, (0, 0), rng.uniform(0.3, 0.6) * dpi / 150)
    # Grey paper, faded ink, light that falls off to one side, noise of the sensor
    ink, paper = rng.uniform(0.65, 0.95), rng.uniform(225, 250)
    seen = paper - (255 - page.astype(np.float32)) * ink
    seen += np.linspace(0, rng.uniform(-15, 15), width, dtype=np.float32)[None, :]
    grain = np.random.default_rng(rng.getrandbits(32))
    seen += grain.normal(0, rng.uniform(2, 12), seen.shape).astype(np.float32)
    return np.clip(seen, 0, 255).astype(np.uint8)


def _draw_pages(content: bytes, dpi: int) -> Iterator[Any]:
    with closing(pdfium.PdfDocument(content)) as file:
        for page in file:
            # A copy: the bitmap's memory goes with the page
            yield page.render(scale=dpi / _POINTS, grayscale=True).to_numpy()[:, :].copy()


def _bind_tiff(pages: Sequence[Any], dpi: int) -> bytes:
    """A TIFF file with a page for each, every pixel black or white."""
    from PIL import Image

    first, *others = (Image.fromarray(page).point(lambda grey: 255 * (grey > _BLACK_BELOW), "1") for page in pages)
    target = BytesIO()
    settings = {"compression": "group4", "dpi": (dpi, dpi)}
    first.save(target, "TIFF", save_all=True, append_images=others, **settings)
    return target.getvalue()


def _bind_pdf(pages: Sequence[Any], dpi: int, quality: int) -> bytes:
    """A PDF with one picture a page."""
    import cv2

    with closing(pdfium.PdfDocument.new()) as file:
        for seen in pages:
            size = tuple(side * _POINTS / dpi for side in reversed(seen.shape))
            page = file.new_page(*size)
            picture = pdfium.PdfImage.new(file)
            encoded = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            picture.load_jpeg(BytesIO(encoded.tobytes()))
            picture.set_matrix(pdfium.PdfMatrix().scale(*size))
            page.insert_obj(picture)
            page.gen_content()
        target = BytesIO()
        file.save(target)
    return target.getvalue()
