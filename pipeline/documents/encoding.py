"""Bytes to text, for pages and files that name their encoding wrongly or not at all.

Belongs here: choosing between the encodings that Chinese sites use, and counting what did not survive.
Does not belong here: declared charsets (they lie too often to be evidence) and anything about the text itself.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import Issue, IssueCode

REPLACEMENT = "\ufffd"
# Above this share of lost characters the rest proves nothing: the file is no text, or in an encoding we don't know
MAX_DAMAGED_SHARE = 0.1

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NUL_SAMPLE = 65_536
# Pages in UTF-16 are half ASCII; stray NULs in other pages never come near this share
_MIN_NUL_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text without byte order mark, the encoding it was read in, and how many of its characters are U+FFFD."""

    text: str
    encoding: str
    damaged_count: int


def decode_text(content: bytes) -> Decoded:
    """Decode by byte order mark, else UTF-16 by its NULs, else strict UTF-8, strict GB18030, the less damaged of both.

    Never raises. A character that was already U+FFFD in the source counts as damaged: it was lost before us, but lost.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _decode_lenient(content[len(mark) :], encoding)
    wide = _find_wide_encoding(content)
    for encoding in (wide,) if wide else ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return Decoded(text, encoding, text.count(REPLACEMENT))
    candidates = (_decode_lenient(content, "utf-8"), _decode_lenient(content, "gb18030"))
    return min(candidates, key=lambda decoded: decoded.damaged_count)


def _find_wide_encoding(content: bytes) -> str:
    """The UTF-16 byte order that NUL bytes on one side of each pair give away, '' when they don't."""
    sample = content[:_NUL_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    most, least = max(even, odd), min(even, odd)
    if most < len(sample) * _MIN_NUL_SHARE or least * 20 > most:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def report_damage(decoded: Decoded) -> tuple[Issue, ...]:
    """DAMAGED_TEXT when characters were lost; raises DocumentRefused (TEXT_UNDECODABLE) when too many were."""
    if not decoded.damaged_count:
        return ()
    total = len(decoded.text)
    found = f"{decoded.damaged_count} of {total} characters are damaged when read as {decoded.encoding}"
    if decoded.damaged_count > total * MAX_DAMAGED_SHARE:
        raise DocumentRefused(
            IssueCode.TEXT_UNDECODABLE,
            f"{found}: neither UTF-8, UTF-16 nor GB18030 fits; the bytes stay archived, look for an undamaged copy",
        )
    return (Issue(IssueCode.DAMAGED_TEXT, f"{found}; what stands beside them was read as printed"),)


def _decode_lenient(content: bytes, encoding: str) -> Decoded:
    text = content.decode(encoding, errors="replace")
    return Decoded(text, encoding, text.count(REPLACEMENT))
