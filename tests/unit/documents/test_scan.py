"""Pictures of pages where recognition is not installed, and what of them is known before it is imported."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile

import pytest

from bench.render_docx import pack_docx
from pipeline.documents import scan
from pipeline.documents.docx_package import read_pictures
from pipeline.documents.read import READER_VERSIONS, DocumentRefused, read_document
from pipeline.issues import IssueCode
from tests.unit.documents.pdf_drawing import Sheet, build_pdf

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
RELATION = '<Relationship Id="{0}" Type="image" Target="{1}"/>'


def docx_of_pictures(*shown: str, pictures: dict[str, bytes], relations: dict[str, str] | None) -> bytes:
    """A Word document that shows the pictures with these ids, one a paragraph, and no text."""
    names = {
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    }
    declared = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in names.items())
    drawn = (f'<w:p><w:r><w:drawing><a:blip {declared} r:embed="{name}"/></w:drawing></w:r></w:p>' for name in shown)
    stream = io.BytesIO(pack_docx("".join(drawn)))
    with zipfile.ZipFile(stream, "a") as package:
        for name, content in pictures.items():
            package.writestr(name, content)
        if relations is not None:
            listed = "".join(RELATION.format(*relation) for relation in relations.items())
            package.writestr("word/_rels/document.xml.rels", f"<Relationships>{listed}</Relationships>")
    return stream.getvalue()


PICTURES = {"word/media/image1.png": b"one", "word/media/image2.png": b"two", "word/other/image3.png": b"three"}
RELATIONS = {"rId1": "media/image1.png", "rId2": "media/image2.png", "rId3": "other/image3.png", "rId4": "media/no.png"}


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "find_model", lambda: None)


@pytest.mark.usefixtures("not_installed")
@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        *((b"any bytes", media_type) for media_type in scan.IMAGE_TYPES),
        (build_pdf(Sheet(), picture=True), "application/pdf"),
        (docx_of_pictures("rId1", pictures=PICTURES, relations=RELATIONS), DOCX),
    ],
)
def test_without_recognition_a_picture_is_refused_with_what_to_install(content: bytes, media_type: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_document(content, media_type)
    assert refused.value.issue.code is IssueCode.NEEDS_OCR
    assert "touming[ocr]" in refused.value.issue.message


def test_the_version_tells_whether_recognition_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for media_type in ("application/pdf", DOCX, *scan.IMAGE_TYPES):
        assert READER_VERSIONS[media_type].endswith(scan.VERSION)
    assert (scan.VERSION == "scan/none") == (scan.find_model() is None)
    monkeypatch.setattr(scan, "find_model", lambda: None)
    assert scan._find_version() == "scan/none"


def test_a_pdf_with_text_is_not_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "read_scanned_pdf", None)
    sheet = Sheet()
    sheet.write(50, 700, "enough of text to be no page number, let alone a scan")
    document = read_document(build_pdf(sheet, picture=True), "application/pdf")
    assert (document.reader, document.is_recognised) == ("pdf", False)


def test_looking_for_recognition_imports_nothing_of_it() -> None:
    script = (
        "import sys, pipeline.documents.read\n"
        "print(*sorted({'cv2', 'numpy', 'onnxruntime', 'PIL', 'rapidocr'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_pictures_of_a_word_document_come_in_the_order_of_its_text() -> None:
    content = docx_of_pictures("rId2", "rId1", "rId2", "rId3", "rId4", "rId9", pictures=PICTURES, relations=RELATIONS)
    assert read_pictures(content) == [b"two", b"one"]


def test_pictures_that_nothing_shows_are_none() -> None:
    assert read_pictures(docx_of_pictures("rId1", pictures=PICTURES, relations=None)) == []


def test_a_word_document_that_cannot_be_opened_is_refused() -> None:
    content = docx_of_pictures("rId1", pictures=PICTURES, relations=RELATIONS)
    with pytest.raises(DocumentRefused) as refused:
        read_pictures(content[: len(content) // 2])
    assert refused.value.issue.code is IssueCode.DAMAGED_FILE
