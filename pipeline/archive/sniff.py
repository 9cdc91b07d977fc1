"""What some bytes are, by looking at them.

Belongs here: telling media types apart by content. Does not belong here: file names and declared types (both lie),
reading a document, and the question whether a type can be read.
"""

from __future__ import annotations

import io
import re
import zipfile

# Raise it with every change that may give some bytes another type: archived documents are then looked at again
VERSION = "sniff/1"

_SAMPLE_BYTES = 65_536
_MAX_DAMAGED_SHARE = 0.02
_MAX_CONTROL_SHARE = 0.01
# NULs get into pages one by one, and readers drop them
_MAX_NUL_SHARE = 0.1
# Every ASCII character of UTF-16 has its NUL, on the same side of each pair
_WIDE_NUL_SHARE = 0.2
_EARLY_CHARACTERS = 4_096

_ZIP = "application/zip"
_SIGNATURES = (
    (b"PK\x03\x04", _ZIP),
    (b"PK\x05\x06", _ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "text/rtf"),
    (b"Rar!\x1a\x07", "application/x-rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_ZIP_MEMBERS = (("word/document.xml", _DOCX), ("OFD.xml", "application/ofd"))
# Servers put a few bytes of junk before a PDF, and readers accept that within the first kilobyte
_PDF = re.compile(rb"%PDF-[12]\.\d")
_PROLOG = re.compile(r"(?:[\s\ufeff]+|<!--.*?-->|<\?xml[^>]*>|<!doctype\s+html[^>]*>)", re.IGNORECASE | re.DOTALL)
_DOCTYPE = re.compile(r"<!doctype\s+html", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:html|head|body|table|tr|td|div|p|meta|link|title|script|style|span|font|center|a|img|br|ul|form|article|section|h[1-6])"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_MAIL_HEADER = re.compile(r"\ufeff?\s*[A-Za-z-]+:[ \t]")
# Control characters that text files do contain: tab, line ends, form feed, end of file under DOS
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0e-\x19\x1b-\x1f\x7f]")


def sniff_media_type(content: bytes) -> str:
    """The media type of some bytes, `application/octet-stream` when they look like nothing known. Never raises.

    Only the first 64 KiB and, for a ZIP, its directory are looked at. Markdown and TSV are text/plain.
    """
    if not content:
        return "application/x-empty"
    head = content[:_SAMPLE_BYTES]
    known = _sniff_signature(head)
    if known:
        return _sniff_zip(content) if known == _ZIP else known
    text = _decode_sample(head)
    return _sniff_text(text) if text is not None else "application/octet-stream"


def _sniff_signature(head: bytes) -> str:
    """The type whose signature the bytes carry, '' when none."""
    for signature, media_type in _SIGNATURES:
        if head.startswith(signature):
            return media_type
    if _PDF.search(head, 0, 1024):
        return "application/pdf"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    # "BM" alone could begin a text; in a bitmap the four reserved bytes are zero
    return "image/bmp" if head.startswith(b"BM") and head[6:10] == b"\0\0\0\0" else ""


def _sniff_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = frozenset(archive.namelist())
    except Exception:  # a damaged directory raises anything from BadZipFile to struct.error
        return _ZIP
    return next((media_type for name, media_type in _ZIP_MEMBERS if name in names), _ZIP)


def _decode_sample(head: bytes) -> str | None:
    """The sample as text, None when it does not look like text in UTF-8, UTF-16 or GB18030."""
    # The cut may go through a character, which then counts as damaged once
    is_cut = len(head) == _SAMPLE_BYTES
    wide = _wide_encoding(head)
    text = head.decode(wide or "utf-8", errors="replace")
    if not wide and text.count("\ufffd") > is_cut:
        text = min(text, head.decode("gb18030", errors="replace"), key=lambda decoded: decoded.count("\ufffd"))
    damaged = text.count("\ufffd") - is_cut
    is_text = (
        damaged <= max(1, len(text) * _MAX_DAMAGED_SHARE)
        and len(_CONTROL.findall(text)) <= max(1, len(text) * _MAX_CONTROL_SHARE)
        and text.count("\0") <= len(text) * _MAX_NUL_SHARE
    )
    return text if is_text else None


def _wide_encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = head[::2].count(0), head[1::2].count(0)
    most, least = max(even, odd), min(even, odd)
    if most < len(head) * _WIDE_NUL_SHARE or least * 20 > most:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _sniff_text(text: str) -> str:
    # A saved page in MIME parts has tags early on too, so its header is looked for first
    opening = text[:_EARLY_CHARACTERS].lower()
    if _MAIL_HEADER.match(text) and "mime-version:" in opening and "multipart/related" in opening:
        return "multipart/related"
    start = 0
    while prolog := _PROLOG.match(text, start):
        start = prolog.end()
    early = text[start : start + _EARLY_CHARACTERS]
    # One tag may be a word of a text about pages; a page begins with one, or has several early on
    if _DOCTYPE.search(text, 0, start) or _TAG.match(early) or len(_TAG.findall(early)) > 1:
        return "text/html"
    return "application/xml" if text.lstrip("\ufeff \t\r\n").startswith("<?xml") else "text/plain"
