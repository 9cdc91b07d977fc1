"""The ZIP and XML around a Word document: parts opened with limits, before anything in them is believed.

Belongs here: which parts are read, how large they may be, and refusing XML that is broken or defines entities.
Does not belong here: what the markup means (docx_markup.py, docx_text.py, docx_table.py).
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

from lxml import etree

from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import IssueCode

MAX_PART_BYTES = 32 * 1024 * 1024
# Text of a document packs to a tenth; only what was made to burst packs better than this
MAX_RATIO = 200
RATIO_EXEMPT_BYTES = 10 * 1024 * 1024
# Beginnings and ends of elements; the longest reports come to a tenth of it
MAX_TAGS = 1_000_000

_DOCUMENT = "word/document.xml"
_STYLES = "word/styles.xml"
_PROPERTIES = "docProps/core.xml"
_RELATIONS = "word/_rels/document.xml.rels"
_FOLDER = "word/"
_PICTURES = "word/media/"
_MAX_PARTS = 10_000
_TOO_DEEP = "Excessive depth"
# Word writes one of two vocabularies; they differ in nothing but these names
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,  # NotImplementedError for unknown compression among them; an encrypted part raises it plainly
    ValueError,
    OverflowError,
)


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of one document that are read; those it may lack are None."""

    document: etree._Element
    styles: etree._Element | None
    properties: etree._Element | None
    has_pictures: bool


def open_package(content: bytes) -> Package:
    """The parts of a DOCX file, parsed. Raises DocumentRefused: DAMAGED_FILE, or LIMIT_EXCEEDED."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read_parts(archive)
    except _DAMAGE as error:
        raise _damaged(f"the package cannot be opened ({type(error).__name__})") from None


def read_pictures(content: bytes) -> list[bytes]:
    """The pictures of a DOCX file in the order of its text. Raises as open_package does."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            document, present = _read_parts(archive).document, frozenset(archive.namelist())
            relations = _parse_part(archive, _RELATIONS) if _RELATIONS in present else ()
            parts = {relation.get("Id"): _FOLDER + relation.get("Target", "") for relation in relations}
            # The reference is an attribute whose name depends on the kind of markup
            named = (value for element in document.iter(etree.Element) for value in element.attrib.values())
            # A picture is often there once more for older programs
            shown = dict.fromkeys(parts[name] for name in named if name in parts)
            return [_read_part(archive, part) for part in shown if part.startswith(_PICTURES) and part in present]
    except _DAMAGE as error:
        raise _damaged(f"the package cannot be opened ({type(error).__name__})") from None


def _read_parts(archive: zipfile.ZipFile) -> Package:
    names = archive.namelist()
    if len(names) > _MAX_PARTS:
        raise _over_limit(f"{len(names)} parts, the limit is {_MAX_PARTS}")
    if names.count(_DOCUMENT) != 1:
        raise _damaged(f"{names.count(_DOCUMENT)} parts are named {_DOCUMENT}, there must be one")
    return Package(
        document=_parse_part(archive, _DOCUMENT),
        styles=_parse_part(archive, _STYLES) if _STYLES in names else None,
        properties=_parse_part(archive, _PROPERTIES) if _PROPERTIES in names else None,
        has_pictures=any(name.startswith(_PICTURES) for name in names),
    )


def _parse_part(archive: zipfile.ZipFile, name: str) -> etree._Element:
    source = _read_part(archive, name).replace(_STRICT, _TRANSITIONAL)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        if _TOO_DEEP in str(error):
            raise _over_limit(f"{name}: more than 256 elements are open inside each other") from None
        raise _damaged(f"{name} is broken XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _damaged(f"{name} begins with a document type definition, which no word processor writes")
    return root


def _read_part(archive: zipfile.ZipFile, name: str) -> bytes:
    info = archive.getinfo(name)
    ratio = info.file_size / max(info.compress_size, 1)
    if info.file_size > RATIO_EXEMPT_BYTES and ratio > MAX_RATIO:
        raise _over_limit(f"{name}: {info.file_size} bytes packed {ratio:.0f} to 1, the limit is {MAX_RATIO}")
    with archive.open(info) as stream:
        # What the directory says of sizes may be wrong, so the reading itself is bounded
        source = stream.read(MAX_PART_BYTES + 1)
    if len(source) > MAX_PART_BYTES:
        raise _over_limit(f"{name}: more than {MAX_PART_BYTES} bytes")
    tag_count = source.count(b"<")
    if tag_count > MAX_TAGS:
        raise _over_limit(f"{name}: {tag_count} tags, the limit is {MAX_TAGS}")
    return source


def _damaged(why: str) -> DocumentRefused:
    return DocumentRefused(
        IssueCode.DAMAGED_FILE, f"{why}; the bytes stay archived, capture the file again or look for another copy"
    )


def _over_limit(why: str) -> DocumentRefused:
    return DocumentRefused(
        IssueCode.LIMIT_EXCEEDED, f"{why}; not read, the bytes stay archived: look for another copy of the document"
    )
