from __future__ import annotations

import io

import pypdfium2 as pdfium
import pytest

from pipeline.documents import pdf_page, pdf_paths
from pipeline.documents.model import Document, Grid, Text
from pipeline.documents.pdf import MAX_BYTES, MAX_PAGES, read_pdf
from pipeline.documents.read import DocumentRefused, read_document
from pipeline.issues import IssueCode
from tests.unit.documents.pdf_drawing import PAGE_HEIGHT, PAGE_WIDTH, Sheet, build_pdf

FILLER = "A line of text that is long enough."


def grids_of(document: Document) -> list[Grid]:
    return [block for block in document.blocks if isinstance(block, Grid)]


def lines_of(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Text)]


def rows_of(grid: Grid) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(grid.row_count)]
    for cell in grid.cells:
        rows[cell.row].append(cell.text)
    return rows


def refuse(content: bytes) -> IssueCode:
    with pytest.raises(DocumentRefused) as refused:
        read_pdf(content)
    return refused.value.issue.code


def sheet_with(*texts: str) -> Sheet:
    sheet = Sheet()
    for number, text in enumerate(texts):
        sheet.write(50, 700 - 20 * number, text)
    return sheet


def test_lines_and_tables_come_in_reading_order_with_their_places() -> None:
    sheet = Sheet()
    sheet.write(50, 700, "after the first table", 12)
    sheet.write(50, 780, "Title", 16)
    sheet.draw_table((50, 200, 300), (770, 750, 730), [["fees", "12"], ["fines", "7"]])
    sheet.draw_table((50, 200, 300), (600, 580), [["total", "19"]])
    document = read_pdf(build_pdf(sheet, sheet_with("second page")))
    assert [type(block) for block in document.blocks] == [Text, Grid, Text, Grid, Text]
    assert lines_of(document) == ["Title", "after the first table", "second page"]
    assert [str(b.locator) for b in document.blocks if isinstance(b, Text)] == ["P1 L1", "P1 L2", "P2 L1"]
    first, second = grids_of(document)
    assert rows_of(first) == [["fees", "12"], ["fines", "7"]]
    assert [str(cell.locator) for cell in first.cells[2:]] == ["P1 T1 R2 C1", "P1 T1 R2 C2"]
    assert str(second.cells[1].locator) == "P1 T2 R1 C2"
    assert (document.reader, document.reader_version, document.issues) == ("pdf", "pdf/4", ())


def test_the_registry_knows_the_reader() -> None:
    assert lines_of(read_document(build_pdf(sheet_with(FILLER)), "application/pdf")) == [FILLER]


def test_a_borderless_row_keeps_its_numbers_apart() -> None:
    sheet = Sheet()
    for x, text in ((50, "1.Requests"), (150, "12"), (163.5, "0"), (200, "1,234"), (240, "5")):
        sheet.write(x, 700, text)
    sheet.write(50, 680, FILLER)
    assert lines_of(read_pdf(build_pdf(sheet))) == ["1.Requests 12 0 1,234 5", FILLER]


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_a_page_is_read_the_way_its_text_stands(angle: int) -> None:
    content = build_pdf(turn_sheet(angle))
    assert rows_of(grids_of(read_pdf(content))[0]) == [["fees", "95"], ["fines and more", "120"]]


def turn_sheet(angle: int) -> Sheet:
    """A small table drawn at an angle about the middle of the page, the page turned so that it stands upright."""
    sheet = Sheet(turned=angle)
    sheet.draw_table((350, 450, 500), (380, 360, 340), [["fees", "95"], ["fines and more", "120"]])
    turn = {0: "1 0 0 1", 90: "0 1 -1 0", 180: "-1 0 0 -1", 270: "0 -1 1 0"}[angle]
    # Turned about the origin, then moved back onto the page
    sheet.commands.insert(0, f"q {turn} {({0: 0, 90: 600, 180: 800, 270: 0})[angle]} {300 * (angle // 90)} cm")
    sheet.commands.append("Q")
    return sheet


def test_numbers_at_an_angle_are_left_out_and_reported() -> None:
    sheet = sheet_with(FILLER)
    sheet.draw_table((50, 200, 300), (600, 580), [["total", "19"]])
    sheet.write(203, 583, "2024", 10, angle=30)
    document = read_pdf(build_pdf(sheet))
    assert rows_of(grids_of(document)[0]) == [["total", "19"]]
    assert [(issue.code, issue.locator) for issue in document.issues] == [(IssueCode.VALUES_UNREAD, "P1")]
    assert "2024" in document.issues[0].message


def test_hidden_text_is_not_printed() -> None:
    sheet = sheet_with(FILLER)
    sheet.draw_table((50, 200, 300), (600, 580), [["total", "19"]])
    sheet.write(220, 585, "5", hidden=True)
    assert rows_of(grids_of(read_pdf(build_pdf(sheet)))[0]) == [["total", "19"]]


def test_a_table_inside_a_form_object_stands_where_the_form_is_placed() -> None:
    inner = pdfium.PdfDocument(build_pdf(turn_sheet(0)))
    outer = pdfium.PdfDocument(build_pdf(sheet_with(FILLER)))
    form = inner.page_as_xobject(0, outer).as_pageobject()
    form.set_matrix(pdfium.PdfMatrix().scale(0.5, 0.5).translate(60, 90))
    page = outer[0]
    page.insert_obj(form)
    page.gen_content()
    assert rows_of(grids_of(read_pdf(save(outer)))[0]) == [["fees", "95"], ["fines and more", "120"]]


def save(document: pdfium.PdfDocument) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_thin_filled_boxes_are_rulings_and_thick_ones_are_not() -> None:
    sheet = sheet_with(FILLER)
    for x in (50, 200, 300):
        sheet.fill(x, 560, 0.7, 40)
    for y in (560, 580, 600):
        sheet.fill(50, y, 250, 0.7)
    sheet.fill(50, 580, 250, 20)  # the shade of the header
    sheet.fill_in((50, 200, 300), (600, 580, 560), [["item", "count"], ["fees", "3"]])
    assert rows_of(grids_of(read_pdf(build_pdf(sheet)))[0]) == [["item", "count"], ["fees", "3"]]


def test_a_box_around_text_and_an_underline_are_no_tables() -> None:
    sheet = sheet_with(FILLER, "underlined words in the text")
    for x1, y1, x2, y2 in ((40, 40, 560, 40), (40, 760, 560, 760), (40, 40, 40, 760), (560, 40, 560, 760)):
        sheet.rule(x1, y1, x2, y2)
    sheet.rule(50, 678, 150, 678)
    document = read_pdf(build_pdf(sheet))
    assert grids_of(document) == []
    assert lines_of(document) == [FILLER, "underlined words in the text"]


def test_a_scan_and_an_empty_file_need_recognition() -> None:
    assert refuse(build_pdf(Sheet(), Sheet(), picture=True)) is IssueCode.NEEDS_OCR
    assert refuse(build_pdf(sheet_with("- 1 -"), picture=True)) is IssueCode.NEEDS_OCR
    hidden = Sheet()
    hidden.write(50, 700, FILLER, hidden=True)
    assert refuse(build_pdf(hidden, picture=True)) is IssueCode.NEEDS_OCR


def test_one_page_that_is_a_picture_is_named() -> None:
    document = read_pdf(build_pdf(sheet_with(FILLER), Sheet(), picture=True))
    assert [(issue.code, issue.locator) for issue in document.issues] == [(IssueCode.NEEDS_OCR, "P2")]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_file_cut_short_is_damaged(share: float) -> None:
    content = build_pdf(sheet_with(FILLER), sheet_with(FILLER))
    assert refuse(content[: int(len(content) * share)]) is IssueCode.DAMAGED_FILE


def test_a_file_shorter_than_it_states_is_damaged() -> None:
    content = build_pdf(sheet_with(FILLER))
    stated = content.replace(b"%PDF-1.4\n", b"%PDF-1.4\n%9 0 obj << /Linearized 1 /L 99999 >>\n")
    assert refuse(stated) is IssueCode.DAMAGED_FILE


@pytest.mark.parametrize("content", [b"%PDF-1.4\n%%EOF\n", b"<html>%%EOF", b"%PDF-1.7 %%EOF" + bytes(500)])
def test_what_pdfium_cannot_open_is_damaged(content: bytes) -> None:
    assert refuse(content) is IssueCode.DAMAGED_FILE


def test_a_file_behind_a_password_is_refused() -> None:
    locked = build_pdf(sheet_with(FILLER)).replace(
        b"/Root 1 0 R >>",
        b"/Root 1 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <"
        + b"41" * 32
        + b"> /U <"
        + b"42" * 32
        + b"> >> >>",
    )
    with pytest.raises(DocumentRefused) as refused:
        read_pdf(locked)
    assert refused.value.issue.code is IssueCode.DAMAGED_FILE
    assert "assword" in refused.value.issue.message


def test_limits_are_refused_before_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refuse(b"%PDF" + bytes(MAX_BYTES)) is IssueCode.LIMIT_EXCEEDED
    assert refuse(build_pdf(*[Sheet()] * (MAX_PAGES + 1))) is IssueCode.LIMIT_EXCEEDED
    monkeypatch.setattr(pdf_page, "MAX_CHARACTERS", 10)
    assert refuse(build_pdf(sheet_with(FILLER))) is IssueCode.LIMIT_EXCEEDED
    monkeypatch.undo()
    monkeypatch.setattr(pdf_paths, "MAX_OBJECTS", 3)
    assert refuse(build_pdf(sheet_with(*[FILLER] * 4))) is IssueCode.LIMIT_EXCEEDED


def test_a_grid_beyond_the_limits_is_left_as_lines() -> None:
    sheet = sheet_with(FILLER)
    sheet.draw_table([50 + 5 * n for n in range(70)], (600, 580), [["7"]])
    document = read_pdf(build_pdf(sheet))
    assert grids_of(document) == []
    assert lines_of(document) == [FILLER, "7"]
    assert [issue.code for issue in document.issues] == [IssueCode.LIMIT_EXCEEDED]


def test_the_page_is_as_large_as_the_tests_think() -> None:
    page = pdfium.PdfDocument(build_pdf(Sheet()))[0]
    assert page.get_size() == (PAGE_WIDTH, PAGE_HEIGHT)
