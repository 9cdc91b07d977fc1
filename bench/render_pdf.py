"""A report as a PDF with ruling lines, written without another program: as many a second as a nation takes.

Belongs here: pages, ruled tables that go on over pages, and one font that is named but not embedded, with the map from
its glyphs to characters. Does not belong here: files as browsers and word processors make them (producers.py), which
are ten times as large because they carry their fonts.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.form_tables import Box, complete_rows, list_paragraphs, list_tables
from bench.model import SimulatedReport

_WIDTH, _HEIGHT, _MARGIN = 595.0, 842.0, 50.0
_TITLE_SIZE, _TEXT_SIZE, _CELL_SIZE = 16.0, 10.5, 8.0
_PADDING = 3.0
# Column widths in points; their sum is what is between the margins
_COLUMNS = {
    "proactive": (150.0, 115.0, 115.0, 115.0),
    "requests": (45.0, 55.0, 115.0, *(40.0,) * 7),
    "disputes": (33.0,) * 15,
}
_MAPPED_AT_ONCE = 100


@dataclass(slots=True)
class _Pages:
    """Pages as they are drawn: operators of each, and how far down the last one is used."""

    drawn: list[list[str]] = field(default_factory=lambda: [[]])
    top: float = _HEIGHT - _MARGIN
    characters: set[str] = field(default_factory=set)

    def make_room(self, height: float) -> bool:
        """Begin a page where so much does not fit any more; whether one was begun."""
        if self.top - height >= _MARGIN:
            return False
        self.drawn.append([])
        self.top = _HEIGHT - _MARGIN
        return True

    def write(self, text: str, x: float, baseline: float, size: float) -> None:
        """One line of text."""
        self.characters.update(text)
        codes = text.encode("utf-16-be").hex()
        self.drawn[-1].append(f"BT /F1 {size:g} Tf {x:.2f} {baseline:.2f} Td <{codes}> Tj ET")

    def rule(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """One line of a table."""
        self.drawn[-1].append(f"{start[0]:.2f} {start[1]:.2f} m {end[0]:.2f} {end[1]:.2f} l S")


def render_pdf(report: SimulatedReport, skew_degrees: float = 0.0) -> bytes:
    """The PDF, every page turned by so much; the same arguments give the same bytes."""
    pages = _Pages()
    _write_paragraph(pages, report.title, _TITLE_SIZE, is_centred=True)
    paragraphs = list_paragraphs(report)
    for table, rows in list_tables(report):
        for text in paragraphs[table]:
            _write_paragraph(pages, text, _TEXT_SIZE)
        _draw_table(pages, complete_rows([cells for _, cells in rows]), _COLUMNS[table])
    for text in paragraphs[""]:
        _write_paragraph(pages, text, _TEXT_SIZE)
    return _pack(pages, skew_degrees)


def _write_paragraph(pages: _Pages, text: str, size: float, *, is_centred: bool = False) -> None:
    leading, room = 1.6 * size, _WIDTH - 2 * _MARGIN
    for line in _wrap(text, room / size):
        pages.make_room(leading)
        pages.top -= leading
        indent = (room - _measure(line) * size) / 2 if is_centred else 0.0
        pages.write(line, _MARGIN + indent, pages.top + 0.3 * size, size)


def _draw_table(pages: _Pages, rows: Sequence[Sequence[Box]], widths: Sequence[float]) -> None:
    edges = [_MARGIN + sum(widths[:column]) for column in range(len(widths) + 1)]
    lines = [
        [_wrap(box.text, (edges[box.end] - edges[box.start] - 2 * _PADDING) / _CELL_SIZE) for box in row]
        for row in rows
    ]
    heights = _measure_rows(rows, lines)
    for number, row in enumerate(rows):
        is_first = pages.make_room(heights[number]) or number == 0
        below = {box.start for box in rows[number + 1] if box.merge == "continue"} if number + 1 < len(rows) else set()
        top, bottom = pages.top, pages.top - heights[number]
        for box, printed in zip(row, lines[number], strict=True):
            left, right = edges[box.start], edges[box.end]
            pages.rule((left, top), (left, bottom))
            pages.rule((right, top), (right, bottom))
            if is_first:
                pages.rule((left, top), (right, top))
            if box.start not in below or bottom - heights[number + 1] < _MARGIN:
                pages.rule((left, bottom), (right, bottom))
            for place, line in enumerate(printed, start=1):
                pages.write(line, left + _PADDING, top - _PADDING - place * 1.2 * _CELL_SIZE + 2, _CELL_SIZE)
        pages.top = bottom
    pages.top -= _TEXT_SIZE


def _measure_rows(rows: Sequence[Sequence[Box]], lines: Sequence[Sequence[Sequence[str]]]) -> list[float]:
    """The height of every row; the last row of a merged cell grows to what its text takes."""
    heights = []
    open_cells: dict[int, float] = {}
    for number, row in enumerate(rows):
        height = 1.2 * _CELL_SIZE + 2 * _PADDING
        below = {box.start for box in rows[number + 1] if box.merge == "continue"} if number + 1 < len(rows) else set()
        for box, printed in zip(row, lines[number], strict=True):
            if box.merge != "continue":
                open_cells[box.start] = 1.2 * _CELL_SIZE * len(printed) + 2 * _PADDING
            if box.start not in below:
                height = max(height, open_cells[box.start])
        for box in row:
            open_cells[box.start] -= height
        heights.append(height)
    return heights


def _wrap(text: str, room: float) -> list[str]:
    """The text in lines of at most so many ems, numbers kept whole where they fit."""
    lines, line = [], ""
    for word in _split(text):
        if line and _measure(line + word) > room:
            lines.append(line)
            line = ""
        line += word
    return [*lines, line] if line else lines


def _split(text: str) -> Iterator[str]:
    """Characters, but runs of ASCII together."""
    run = ""
    for character in text:
        if character.isascii():
            run += character
            continue
        if run:
            yield run
            run = ""
        yield character
    if run:
        yield run


def _measure(text: str) -> float:
    return sum(0.5 if character.isascii() else 1.0 for character in text)


def _pack(pages: _Pages, skew_degrees: float) -> bytes:
    """The file: catalogue, pages, font and its map, then a page and its content in turn."""
    count = len(pages.drawn)
    sine, cosine = math.sin(math.radians(skew_degrees)), math.cos(math.radians(skew_degrees))
    turn = f"0.5 w {cosine:.5f} {sine:.5f} {-sine:.5f} {cosine:.5f} 0 0 cm"
    kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(count))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {count}/Kids[{kids}]>>".encode(),
        b"<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]/ToUnicode 5 0 R>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/SimSun/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)"
        b"/Supplement 4>>/DW 1000/W[1 95 500]/FontDescriptor<</Type/FontDescriptor/FontName/SimSun/Flags 4"
        b"/FontBBox[0 -141 1000 859]/ItalicAngle 0/Ascent 859/Descent -141/CapHeight 683/StemV 80>>>>",
        make_stream(_map_characters(sorted(pages.characters))),
    ]
    for number, operators in enumerate(pages.drawn):
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {_WIDTH:g} {_HEIGHT:g}]/Resources<</Font<</F1 3 0 R>>>>"
            f"/Contents {7 + 2 * number} 0 R>>".encode()
        )
        objects.append(make_stream("\n".join([turn, *operators]).encode()))
    return pack_objects(objects)


def pack_objects(objects: Sequence[bytes]) -> bytes:
    """A PDF file of objects numbered from 1, the first of them the catalogue."""
    content = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{len(content)}\n%%EOF\n"
    return bytes(content) + f"xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode()


def make_stream(content: bytes, entries: str = "") -> bytes:
    """The content, packed, as a stream whose dictionary has these entries as well."""
    packed = zlib.compress(content, 6)
    return b"<<%s/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (entries.encode(), len(packed), packed)


def _map_characters(characters: Sequence[str]) -> bytes:
    """The map from codes to characters. A code is the character's own number, as no font is there to say otherwise."""
    parts = ["/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def"]
    parts.append("1 begincodespacerange <0000> <FFFF> endcodespacerange")
    codes = [character.encode("utf-16-be").hex() for character in characters]
    for start in range(0, len(codes), _MAPPED_AT_ONCE):
        block = codes[start : start + _MAPPED_AT_ONCE]
        parts.append(f"{len(block)} beginbfchar\n" + "\n".join(f"<{code}> <{code}>" for code in block) + "\nendbfchar")
    return "\n".join([*parts, "endcmap end end"]).encode()
