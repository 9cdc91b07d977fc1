from __future__ import annotations

import pytest

from bench.render_docx import pack_docx
from pipeline.documents import office, read
from pipeline.documents.read import (
    MAX_BYTES,
    READER_VERSIONS,
    DocumentRefused,
    can_read,
    read_document,
    reader_version_of,
)
from pipeline.issues import IssueCode


def refusal(content: bytes, media_type: str) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as refused:
        read_document(content, media_type)
    return refused.value


@pytest.mark.parametrize("content", [b"", b" \r\n\t"])
def test_nothing_printed(content: bytes) -> None:
    assert refusal(content, "text/plain").issue.code is IssueCode.EMPTY_FILE


def test_a_type_without_a_reader_is_named() -> None:
    issue = refusal(b"PK\x03\x04", "application/zip").issue
    assert issue.code is IssueCode.MEDIA_UNSUPPORTED
    assert "application/zip" in issue.message
    assert "stay archived" in issue.message


def test_a_huge_file() -> None:
    assert refusal(b"x" * (MAX_BYTES + 1), "text/plain").issue.code is IssueCode.LIMIT_EXCEEDED


def test_bytes_that_are_no_text() -> None:
    assert refusal(b"\xff" * 90, "text/plain").issue.code is IssueCode.TEXT_UNDECODABLE


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        ("<p>总体情况</p>".encode(), "text/html"),
        ("总体情况".encode(), "text/plain"),
        (pack_docx("<w:p/>"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
def test_documents_carry_the_version_they_are_read_again_by(content: bytes, media_type: str) -> None:
    document = read_document(content, media_type)
    assert document.reader_version == reader_version_of(media_type) == READER_VERSIONS[media_type]
    assert document.reader_version.startswith(document.reader + "/")


def test_no_reader_has_a_version_that_a_future_reader_will_differ_from() -> None:
    assert reader_version_of("application/zip") not in READER_VERSIONS.values()


def test_what_needs_a_missing_program_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_read("text/html")
    assert not can_read("application/zip")
    for version, expected in ((office.VERSION, True), (office.NO_CONVERTER, False)):
        monkeypatch.setattr(read, "READER_VERSIONS", {**READER_VERSIONS, "text/rtf": version})
        assert can_read("text/rtf") is expected
