"""Pictures of pages read: what was drawn is what the Document says, and what is in doubt says so."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from bench.render_docx import pack_docx
from pipeline.documents import scan
from pipeline.documents.model import Document, Grid, Text
from pipeline.documents.read import DocumentRefused, read_document
from pipeline.issues import IssueCode
from pipeline.reports.read import read_report
from tests.unit.documents.pdf_drawing import Sheet, build_pdf

if scan.find_model() is None:
    pytest.skip("the extra touming[ocr] is not installed", allow_module_level=True)

SCANS = Path(__file__).parent / "scans"
COLUMNS, ROWS = (60, 260, 330, 400), (700, 670, 640, 610)
TABLE = (("Number of cases", "2021", "2022"), ("Opened", "17", "0"), ("Closed", "1,204", "0.35"))


def draw_page() -> Sheet:
    sheet = Sheet()
    sheet.write(60, 740, "Annual report of the office", size=14)
    sheet.draw_table(COLUMNS, ROWS, TABLE)
    sheet.write(60, 560, "Nothing else is to be reported.", size=12)
    return sheet


def photograph(*sheets: Sheet, dpi: int = 200, kind: str = "PNG", angle: float = 0.0) -> bytes:
    """The pages as one image file."""
    file = pdfium.PdfDocument(build_pdf(*sheets))
    first, *others = (
        page.render(scale=dpi / 72, grayscale=True).to_pil().rotate(angle, fillcolor=255, expand=True) for page in file
    )
    target = io.BytesIO()
    first.save(target, kind, **({"save_all": True, "append_images": others} if others else {}))
    return target.getvalue()


def grids_of(document: Document) -> list[list[list[str]]]:
    grids = []
    for block in document.blocks:
        if isinstance(block, Grid):
            rows: dict[int, list[str]] = {}
            for cell in block.cells:
                rows.setdefault(cell.row, []).append(cell.text)
            grids.append(list(rows.values()))
    return grids


def lines_of(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Text)]


def squeeze(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[text.replace(" ", "") for text in row] for row in rows]


@pytest.mark.parametrize(
    ("dpi", "kind", "angle"), [(150, "PNG", 0), (200, "JPEG", 1.2), (300, "BMP", -0.8), (200, "WEBP", 0.4)]
)
def test_tables_and_lines_of_a_picture_are_read(dpi: int, kind: str, angle: float) -> None:
    content = photograph(draw_page(), dpi=dpi, kind=kind, angle=angle)
    document = read_document(content, f"image/{kind.lower()}")
    (grid,) = grids_of(document)
    assert squeeze(grid) == squeeze(TABLE)
    assert [line.replace(" ", "") for line in lines_of(document)] == [
        "Annualreportoftheoffice",
        "Nothingelseistobereported.",
    ]
    assert (document.reader, document.is_recognised, document.issues) == ("scan", True, ())
    assert document.reader_version == scan.VERSION


def test_places_name_page_table_row_and_column() -> None:
    document = read_document(photograph(draw_page(), draw_page(), kind="TIFF"), "image/tiff")
    cells = [cell for block in document.blocks if isinstance(block, Grid) for cell in block.cells]
    assert [str(cell.locator) for cell in cells if cell.text == "17"] == ["P1 T1 R2 C2", "P2 T1 R2 C2"]


def test_a_blank_cell_stays_blank() -> None:
    sheet = Sheet()
    sheet.draw_table(COLUMNS, ROWS, (("Number of cases", "2021", "2022"), ("Opened", "", "0"), ("Closed", "8", "")))
    (grid,) = grids_of(read_document(photograph(sheet), "image/png"))
    assert grid[1:] == [["Opened", "", "0"], ["Closed", "8", ""]]


def test_a_cell_with_ink_that_says_nothing_is_not_blank() -> None:
    sheet = Sheet()
    sheet.draw_table(COLUMNS, ROWS, (("Number of cases", "2021", "2022"), ("Opened", "", "0"), ("Closed", "8", "5")))
    for height in range(0, 16, 3):
        sheet.fill(290, 645 + height, 1.5, 1.5)
    (grid,) = grids_of(read_document(photograph(sheet), "image/png"))
    assert grid[1][1] != ""


def test_a_scanned_pdf_is_read_by_pictures_of_its_pages() -> None:
    seen = pdfium.PdfDocument(build_pdf(draw_page()))[0].render(scale=200 / 72).to_pil().convert("L")
    target = io.BytesIO()
    seen.save(target, "PDF", resolution=200)
    document = read_document(target.getvalue(), "application/pdf")
    assert squeeze(grids_of(document)[0]) == squeeze(TABLE)
    assert document.reader == "scan"


def test_a_word_document_of_pictures_is_read_page_by_page() -> None:
    picture = (
        '<w:p><w:r><w:drawing><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="http://'
        'schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="rId7"/></w:drawing></w:r></w:p>'
    )
    stream = io.BytesIO(pack_docx(picture))
    with zipfile.ZipFile(stream, "a") as package:
        package.writestr("word/media/image1.png", photograph(draw_page()))
        package.writestr(
            "word/_rels/document.xml.rels",
            '<Relationships><Relationship Id="rId7" Type="image" Target="media/image1.png"/></Relationships>',
        )
    media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert squeeze(grids_of(read_document(stream.getvalue(), media_type))[0]) == squeeze(TABLE)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (photograph(Sheet()), IssueCode.NEEDS_OCR),
        (photograph(draw_page())[:3000], IssueCode.DAMAGED_FILE),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), IssueCode.DAMAGED_FILE),
        # Of the header of a bitmap only the size matters here
        (
            b"BM"
            + bytes(12)
            + (40).to_bytes(4, "little")
            + (60_000).to_bytes(4, "little") * 2
            + b"\1\0\1\0"
            + bytes(24),
            IssueCode.LIMIT_EXCEEDED,
        ),
    ],
    ids=["empty page", "cut off", "no picture", "bomb"],
)
def test_what_cannot_be_recognised_is_refused(content: bytes, code: IssueCode) -> None:
    with pytest.raises(DocumentRefused) as refused:
        scan.read_image(content)
    assert refused.value.issue.code is code


def test_a_simulated_scan_gives_no_wrong_number() -> None:
    """A fax of 150 dots an inch, black and white; its truth is what was drawn."""
    truth = dict(csv.reader(io.StringIO((SCANS / "report.cells.csv").read_text(encoding="utf-8"))))
    report = read_report(scan.read_image((SCANS / "report.tiff").read_bytes()))
    assert (report.agency_name, report.report_year) == ("三明市将乐县人民政府", 2022)
    published = {cell.code: cell.value for cell in report.cells if cell.value is not None}
    assert {code: Decimal(truth[code]) for code in published} == published
    # Another version of the model may leave a few more in doubt
    assert len(published) >= 150
    assert {cell.method for cell in report.cells} == {"ocr"}
    assert report.claims == ()


def test_recognition_needs_no_network_and_no_package_that_would_ask_for_it() -> None:
    script = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise OSError('no network here')\n"
        "socket.socket = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from pipeline.documents.scan import read_image\n"
        f"print(len(read_image(open({str(SCANS / 'report.tiff')!r}, 'rb').read()).blocks))\n"
        "print(*sorted({'rapidocr', 'requests', 'urllib3'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    count, *imported = found.stdout.split()
    assert int(count) > 10
    assert imported == []
