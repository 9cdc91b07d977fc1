"""The file name that an answer gives itself, as text: RFC 5987, RFC 2047, or raw UTF-8 or GBK bytes.

Belongs here: reading Content-Disposition. Does not belong here: any path; names from the web never become one.
"""

from __future__ import annotations

import email.header
import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

_MAX_NAME = 255
_EXTENDED = re.compile(r"filename\*\s*=\s*\"?([\w!#$%&+^`{}~.-]*)'[^']*'([^;\"]*)", re.IGNORECASE)
_QUOTED = re.compile(r"filename\s*=\s*\"((?:[^\"\\]|\\.)*)\"?", re.IGNORECASE)
_BARE = re.compile(r"filename\s*=\s*([^;]*)", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def read_file_name(headers: Iterable[tuple[str, str]]) -> str:
    """The last part of the name in Content-Disposition, at most 255 characters, '' where there is none.

    headers are (lower-case name, value decoded as Latin-1), as FetchResult has them.
    """
    value = next((value for name, value in headers if name == "content-disposition"), "")
    return _clean(_read_extended(value) or _read_plain(value))


def _read_extended(value: str) -> str:
    found = _EXTENDED.search(value)
    if found is None:
        return ""
    charset = "gb18030" if found[1].lower() in ("gbk", "gb2312", "gb18030") else "utf-8"
    content = unquote_to_bytes(_to_bytes(found[2].strip()))
    try:
        return content.decode(charset)
    except UnicodeDecodeError:
        return _decode(content)


def _read_plain(value: str) -> str:
    if quoted := _QUOTED.search(value):
        content = _to_bytes(re.sub(r"\\([\"\\])", r"\1", quoted[1]))
    elif bare := _BARE.search(value):
        content = _to_bytes(bare[1].strip())
    else:
        return ""
    if content.startswith(b"=?") and content.endswith(b"?="):
        return _decode_words(content.decode("ascii", "replace"))
    # Some servers percent-encode here as well, which no standard asks for
    return _decode(unquote_to_bytes(content))


def _decode_words(text: str) -> str:
    try:
        return str(email.header.make_header(email.header.decode_header(text)))
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return text


def _to_bytes(text: str) -> bytes:
    return text.encode("latin-1", "replace")


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")


def _clean(name: str) -> str:
    last = re.split(r"[/\\]", _UNPRINTABLE.sub("", name))[-1].strip()
    return "" if last in (".", "..") else last[-_MAX_NAME:]
