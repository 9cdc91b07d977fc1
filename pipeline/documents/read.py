"""The one way into this room: bytes and their media type to a Document.

Belongs here: choosing the reader, its version, and refusing what no reader takes. Does not belong here: finding out the
media type (archive/sniff.py) and the formats themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from pipeline.documents import docx, html, office, pdf, scan, text
from pipeline.documents.model import Document
from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import IssueCode

__all__ = ["MAX_BYTES", "READER_VERSIONS", "DocumentRefused", "can_read", "read_document", "reader_version_of"]

MAX_BYTES = 20 * 1024 * 1024
# Stands for the version where there is no reader: once there is one, the version differs and the documents are read
NO_READER = "none"

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PDF = "application/pdf"
_READERS: Mapping[str, Callable[[bytes], Document]] = {
    _PDF: pdf.read_pdf,
    _DOCX: docx.read_docx,
    "text/html": html.read_html,
    "text/plain": text.read_text,
    **dict.fromkeys(office.CONVERTED_TYPES, office.read_office),
    **dict.fromkeys(scan.IMAGE_TYPES, scan.read_image),
}
# What reads a file in which the first reader found nothing but pictures
_SCAN_READERS: Mapping[str, Callable[[bytes], Document]] = {
    _PDF: scan.read_scanned_pdf,
    _DOCX: scan.read_scanned_docx,
}
# Asked once in a process: what is installed while it runs counts from the next one on
READER_VERSIONS: Mapping[str, str] = {
    _PDF: f"{pdf.VERSION}+{scan.VERSION}",
    _DOCX: f"{docx.VERSION}+{scan.VERSION}",
    "text/html": html.VERSION,
    "text/plain": text.VERSION,
    **dict.fromkeys(office.CONVERTED_TYPES, office.version()),
    **dict.fromkeys(scan.IMAGE_TYPES, scan.VERSION),
}


def read_document(content: bytes, media_type: str, converted: bytes | None = None) -> Document:
    """Read one document. converted: what office.convert_office made of an office file before.

    Raises DocumentRefused, whose issue is EMPTY_FILE, MEDIA_UNSUPPORTED, LIMIT_EXCEEDED or what the reader refuses it
    with; what is merely damaged comes back with issues in the Document.
    """
    if not content.strip():
        raise DocumentRefused(
            IssueCode.EMPTY_FILE, f"the file has {len(content)} bytes and prints nothing; look for another copy of it"
        )
    reader = _READERS.get(media_type)
    if reader is None:
        raise DocumentRefused(
            IssueCode.MEDIA_UNSUPPORTED,
            f"no reader for {media_type} yet (readers: {', '.join(sorted(_READERS))}); the bytes stay archived and are "
            "read once there is one",
        )
    if len(content) > MAX_BYTES:
        raise DocumentRefused(
            IssueCode.LIMIT_EXCEEDED,
            f"the file has {len(content)} bytes, the limit is {MAX_BYTES}; the bytes stay archived, look for the "
            "report by itself",
        )
    version = READER_VERSIONS[media_type]
    try:
        document = reader(content) if converted is None else office.read_converted(converted)
        return replace(document, reader_version=version)
    except DocumentRefused as refused:
        read_scan = _SCAN_READERS.get(media_type)
        if refused.issue.code is not IssueCode.NEEDS_OCR or read_scan is None:
            raise
        return replace(read_scan(content), reader_version=version)


def reader_version_of(media_type: str) -> str:
    """Name and version of the reader of a media type, such as `html/1`; `none` where there is no reader."""
    return READER_VERSIONS.get(media_type, NO_READER)


def can_read(media_type: str) -> bool:
    """Whether documents of a media type can be read here: there is a reader, and the program it needs is installed."""
    return reader_version_of(media_type) not in (NO_READER, office.NO_CONVERTER)
