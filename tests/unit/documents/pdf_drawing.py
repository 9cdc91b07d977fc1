"""A few lines of PDF: text in a base font and ruling lines, for tests that need to know every point of a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

PAGE_WIDTH, PAGE_HEIGHT = 600, 800
Grid = Sequence[Sequence[str]]


@dataclass
class Sheet:
    """One page; y grows upwards, in points. `commands` is its content stream."""

    commands: list[str] = field(default_factory=list)
    turned: int = 0

    def write(self, x: float, y: float, text: str, size: float = 10, angle: float = 0, hidden: bool = False) -> None:
        cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        matrix = f"{cosine:.5f} {sine:.5f} {-sine:.5f} {cosine:.5f} {x} {y}"
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        self.commands.append(f"BT {3 if hidden else 0} Tr /F1 {size} Tf {matrix} Tm ({escaped}) Tj ET")

    def rule(self, x1: float, y1: float, x2: float, y2: float) -> None:
        self.commands.append(f"0.5 w {x1} {y1} m {x2} {y2} l S")

    def fill(self, x: float, y: float, width: float, height: float) -> None:
        self.commands.append(f"{x} {y} {width} {height} re f")

    def draw_table(self, columns: Sequence[float], rows: Sequence[float], texts: Grid) -> None:
        """A fully ruled table: column edges from the left, row edges from the top, one text for each square."""
        for x in columns:
            self.rule(x, rows[0], x, rows[-1])
        for y in rows:
            self.rule(columns[0], y, columns[-1], y)
        self.fill_in(columns, rows, texts)

    def fill_in(self, columns: Sequence[float], rows: Sequence[float], texts: Grid) -> None:
        for bottom, printed in zip(rows[1:], texts, strict=True):
            for left, text in zip(columns, printed, strict=False):
                if text:
                    self.write(left + 3, bottom + 5, text)


def build_pdf(*sheets: Sheet, picture: bool = False) -> bytes:
    """The file. picture: every page shows a picture as large as itself."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    objects.append(
        "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>"
        "\nstream\n0\nendstream"
    )
    kids = []
    for sheet in sheets:
        image = f"q {PAGE_WIDTH} 0 0 {PAGE_HEIGHT} 0 0 cm /I1 Do Q\n" if picture else ""
        stream = image + "\n".join(sheet.commands)
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}] /Rotate {sheet.turned} "
            f"/Contents {len(objects)} 0 R /Resources << /Font << /F1 3 0 R >> /XObject << /I1 4 0 R >> >> >>"
        )
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    content = "%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(content))
        content += f"{number} 0 obj\n{body}\nendobj\n"
    entries = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{entries}"
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(content)}\n%%EOF\n"
    return (content + table + trailer).encode("latin-1")
