from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from bench.render_docx import pack_docx
from pipeline.documents import docx_package
from pipeline.documents.docx import read_docx
from pipeline.documents.model import Text
from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import IssueCode

PART = "word/document.xml"
PARAGRAPH = "<w:p><w:r><w:t>a</w:t></w:r></w:p>"


def refuse(content: bytes) -> tuple[IssueCode, str]:
    with pytest.raises(DocumentRefused) as refused:
        read_docx(content)
    return refused.value.issue.code, refused.value.issue.message


def package(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def main_part(body: str = PARAGRAPH) -> bytes:
    with zipfile.ZipFile(io.BytesIO(pack_docx(body))) as archive:
        return archive.read(PART)


def altered(change: Callable[[bytes], bytes]) -> bytes:
    return package({PART: change(main_part())})


@pytest.mark.parametrize("cut", [0, 10, 300])
def test_a_package_cut_off(cut: int) -> None:
    assert refuse(pack_docx(PARAGRAPH)[:cut])[0] is IssueCode.DAMAGED_FILE


def test_damage_anywhere_is_refused_or_changes_nothing() -> None:
    whole = pack_docx(PARAGRAPH)
    expected = read_docx(whole).blocks
    refused = []
    for position in range(0, len(whole), 7):
        content = bytearray(whole)
        content[position] ^= 0xFF
        try:
            assert read_docx(bytes(content)).blocks == expected
        except DocumentRefused as refusal:
            refused.append(refusal.issue.code)
    assert set(refused) == {IssueCode.DAMAGED_FILE}


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml[:-20],
        lambda xml: xml.replace(b"</w:p>", b"", 1),
        lambda xml: xml.replace(b"w:document", b"w:other"),
        lambda xml: xml.replace(b"w:body", b"w:other"),
        lambda xml: b"",
    ],
)
def test_a_main_part_that_is_broken_or_another(change: Callable[[bytes], bytes]) -> None:
    assert refuse(altered(change))[0] is IssueCode.DAMAGED_FILE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_any_encoding(encoding: str) -> None:
    def add_entity(xml: bytes) -> bytes:
        text = xml.decode().partition("?>")[2].replace(">a<", ">&x;<")
        declared = '<!DOCTYPE w:document [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        return f'<?xml version="1.0" encoding="{encoding}"?>{declared}{text}'.encode(encoding)

    code, message = refuse(altered(add_entity))
    assert code is IssueCode.DAMAGED_FILE
    assert "document type" in message


def test_elements_too_deep() -> None:
    code, message = refuse(pack_docx("<w:sdt>" * 300 + "</w:sdt>" * 300))
    assert (code, "256" in message) == (IssueCode.LIMIT_EXCEEDED, True)


def test_a_part_that_bursts() -> None:
    code, message = refuse(package({PART: b" " * (docx_package.RATIO_EXEMPT_BYTES + 1)}))
    assert (code, PART in message) == (IssueCode.LIMIT_EXCEEDED, True)


def test_a_part_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx_package, "MAX_PART_BYTES", 100)
    assert refuse(pack_docx(PARAGRAPH))[0] is IssueCode.LIMIT_EXCEEDED


def test_a_directory_that_lies_about_sizes() -> None:
    content = bytearray(package({PART: main_part()}))
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (50).to_bytes(4, "little")
    assert refuse(bytes(content))[0] is IssueCode.DAMAGED_FILE


def test_two_main_parts_or_none() -> None:
    stream = io.BytesIO(pack_docx(PARAGRAPH))
    with zipfile.ZipFile(stream, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(PART, main_part())
    assert "2 parts" in refuse(stream.getvalue())[1]
    assert "0 parts" in refuse(package({"word/other.xml": main_part()}))[1]


def test_an_encrypted_part() -> None:
    content = bytearray(package({PART: main_part()}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    assert refuse(bytes(content))[0] is IssueCode.DAMAGED_FILE


def test_the_strict_vocabulary_is_read_too() -> None:
    strict = altered(lambda xml: xml.replace(docx_package._TRANSITIONAL, docx_package._STRICT))
    assert [b.text for b in read_docx(strict).blocks if isinstance(b, Text)] == ["a"]


def test_nothing_but_pictures_needs_recognition() -> None:
    parts = {PART: main_part("<w:p/>"), "word/media/image1.png": b"\x89PNG"}
    assert refuse(package(parts))[0] is IssueCode.NEEDS_OCR
    assert read_docx(package({PART: main_part("<w:p/>")})).blocks == ()
    assert len(read_docx(package({**parts, PART: main_part()})).blocks) == 1
