"""Numbers in a PDF that are painted and not seen, and numbers that are seen and stand in no page content."""

from __future__ import annotations

import re

import pytest

from pipeline.documents.model import Grid
from pipeline.documents.pdf import read_pdf
from tests.unit.documents.pdf_drawing import Sheet, build_pdf

COLUMNS, ROWS = [50, 200, 300, 400], [600, 570, 540]
WHITE = "1 1 1 rg"


def draw_sheet(*commands: str) -> Sheet:
    sheet = Sheet()
    sheet.write(50, 700, "some words of a page, enough of them to be no scan")
    sheet.draw_table(COLUMNS, ROWS, [["label", "aa", "bb"], ["row", "", "34"]])
    sheet.commands.extend(commands)
    return sheet


def paint(text: str, before: str = "", x: float = 203) -> str:
    return f"q {before} BT 0 Tr /F1 10 Tf 1 0 0 1 {x} 545 Tm ({text}) Tj ET Q"


def read_cell(content: bytes) -> str:
    (grid,) = [block for block in read_pdf(content).blocks if isinstance(block, Grid)]
    return next(cell.text for cell in grid.cells if (cell.row, cell.column) == (1, 1))


@pytest.mark.parametrize(
    "commands",
    [
        [paint("7", WHITE), paint("12", x=209)],
        [paint("7"), "q 1 1 1 rg 202 542 7 14 re f Q", paint("12", x=209)],
        [paint("7"), "q 0 0 0 rg 202 542 7 14 re f Q", paint("12", x=209)],
        [paint("7", "0 0 10 10 re W n"), paint("12", x=209)],
    ],
    ids=["white", "painted-over", "blacked-out", "outside-its-clip"],
)
def test_an_unseen_digit_spoils_the_number_beside_it(commands: list[str]) -> None:
    assert read_cell(build_pdf(draw_sheet(*commands))) == "\ufffd12"


def test_a_number_of_which_a_part_is_cut_off_is_unreadable() -> None:
    assert read_cell(build_pdf(draw_sheet(paint("712", "209 540 50 30 re W n")))) == "\ufffd\ufffd\ufffd"


@pytest.mark.parametrize(
    "commands",
    [
        ["0 0 0.4 rg 200 540 100 30 re f", paint("12", WHITE)],
        ["1 1 0 rg 200 540 100 30 re f 0 g", paint("12")],
        [paint("12", "200 540 100 30 re W n")],
        ["q 2 0 0 2 0 0 cm 101 271 30 8 re W n .5 0 0 .5 0 0 cm", paint("12"), "Q"],
        [paint("12"), "q 1 1 1 rg 300 542 7 14 re f Q"],
        [paint("12"), "q 0 0 10 10 re W n 1 1 1 rg 200 540 100 30 re f Q"],
    ],
    ids=["white-on-dark", "shaded", "within-its-clip", "clip-of-another-scale", "fill-beside", "fill-clipped-away"],
)
def test_numbers_that_are_seen_are_read(commands: list[str]) -> None:
    assert read_cell(build_pdf(draw_sheet(*commands))) == "12"


def _add_note(kind: str) -> bytes:
    """A page with a note above the empty cell, its appearance the number 12."""
    plain = build_pdf(draw_sheet()).decode("latin-1")
    number = plain.count(" 0 obj") + 1
    body = plain[: plain.index("xref\n")].replace("/Type /Page /Parent", f"/Type /Page /Annots [{number} 0 R] /Parent")
    note = f"<< /Type /Annot {kind} /Rect [200 540 290 560] /F 4 /AP << /N {number + 1} 0 R >> >>"
    stream = "BT /F1 10 Tf 3 5 Td (12) Tj ET"
    look = "/Type /XObject /Subtype /Form /BBox [0 0 90 20] /Resources << /Font << /F1 3 0 R >> >>"
    added = f"{number} 0 obj\n{note}\nendobj\n{number + 1} 0 obj\n<< {look} /Length {len(stream)} >>\nstream\n{stream}"
    trailer = f"\nendstream\nendobj\ntrailer\n<< /Size {number + 2} /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"
    return (body + added + trailer).encode("latin-1")


@pytest.mark.parametrize(
    "kind", ["/Subtype /FreeText /Contents (12)", "/Subtype /Widget /FT /Tx /V (12)", "/Subtype /Stamp"]
)
def test_what_is_typed_onto_a_page_is_read(kind: str) -> None:
    assert read_cell(_add_note(kind)) == "12"


def test_links_are_no_part_of_the_page() -> None:
    assert re.search(r"\d", read_cell(_add_note("/Subtype /Link"))) is None
