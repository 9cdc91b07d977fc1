"""Pictures of pages, thousands of them: black and white, a little askew, as an office's copier sends them.

Belongs here: drawing a report's PDF as pictures with the fonts of this machine. Does not belong here: scans with grey
paper, noise and blur (bench/render_scan.py), which take a hundred times as long.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache

import pypdfium2 as pdfium

from bench.model import SimulatedReport
from bench.render_pdf import make_stream, pack_objects, render_pdf
from bench.simulate import simulate_report

_DPI = (150, 200)
_MOST_SKEW = 0.6
_POINTS = 72
_BLACK_AND_WHITE = bytes(255 * (grey > 160) for grey in range(256))
# Width and height in pixels, and a byte a pixel
_Picture = tuple[int, int, bytes]


def scan_report(report: SimulatedReport, rng: random.Random) -> bytes:
    """A PDF of pictures; the same report and rng state give the same bytes where the fonts are the same."""
    dpi, skew = rng.choice(_DPI), rng.uniform(-_MOST_SKEW, _MOST_SKEW)
    return _bind(list(_draw_pages(render_pdf(report, skew), dpi)), dpi)


@cache
def explain_missing_fonts() -> str:
    """Why nothing can be scanned here, '' where Chinese characters are drawn."""
    report = simulate_report(0, 0)
    drawn = {next(_draw_pages(render_pdf(replace(report, title=title)), _DPI[0])) for title in ("一一一", "二二二")}
    return "" if len(drawn) > 1 else "no Chinese font is installed here; install the package fonts-noto-cjk"


def _draw_pages(content: bytes, dpi: int) -> Iterator[_Picture]:
    with closing(pdfium.PdfDocument(content)) as file:
        for page in file:
            drawn = page.render(scale=dpi / _POINTS, grayscale=True)
            rows, stride = bytes(drawn.buffer), drawn.stride
            packed = rows if stride == drawn.width else _drop_padding(rows, stride, drawn.width)
            yield drawn.width, drawn.height, packed.translate(_BLACK_AND_WHITE)


def _drop_padding(rows: bytes, stride: int, width: int) -> bytes:
    return b"".join(rows[start : start + width] for start in range(0, len(rows), stride))


def _bind(pages: list[_Picture], dpi: int) -> bytes:
    """A PDF with one picture a page."""
    kids = " ".join(f"{3 + 3 * number} 0 R" for number in range(len(pages)))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode()]
    for number, (width, height, dots) in enumerate(pages):
        across, down = width * _POINTS / dpi, height * _POINTS / dpi
        first = 3 + 3 * number
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {across:.2f} {down:.2f}]"
            f"/Resources<</XObject<</P {first + 2} 0 R>>>>/Contents {first + 1} 0 R>>".encode()
        )
        objects.append(make_stream(f"{across:.2f} 0 0 {down:.2f} 0 0 cm /P Do".encode()))
        kind = f"/Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceGray/BitsPerComponent 8"
        objects.append(make_stream(dots, kind))
    return pack_objects(objects)
