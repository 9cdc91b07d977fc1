"""The links of a page that lead to files: what may be a report's attachment.

Belongs here: which elements are links, and telling by address or text that one leads to a file, with the words of
contract/attachments.yml. Does not belong here: which archived document a link leads to (archive/origins.py), and
whether the page has a report of its own (reports/announcement.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser

from pipeline.contract.attachments import ATTACHMENTS_FILE, AttachmentWords, load_attachment_words
from pipeline.contract.load import fingerprint
from pipeline.documents.model import Link
from pipeline.documents.whitespace import collapse_whitespace

# Decides, with the file, which links are found; a part of the page reader's version
VERSION = f"links/1+{fingerprint([ATTACHMENTS_FILE])}"
# A link may be wrapped around half a page
LONGEST_TEXT = 300

_LINKS = "a[href], area[href], iframe[src], embed[src], object[data], img[src]"
_TARGETS = {"img": "src", "iframe": "src", "embed": "src", "object": "data"}
# What leads to no address: places on the page itself, scripts, mail, data in the page
_NO_ADDRESS = re.compile(r"#|(?!https?:|ftp:)[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_LINE_ENDS = re.compile(r"[\t\r\n]")
_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//[^/?#]*", re.IGNORECASE)
_EXTENSION = re.compile(r"\.([a-z0-9]{1,5})(?=$|[?#&;\s()\[\]\uff08\uff09\u3010\u3011\u300b])")
_NAMES_OF_FOLDERS = re.compile(r"^[^?#]*")


def find_links(page: LexborHTMLParser) -> tuple[Link, ...]:
    """The links to files of a parsed page, in page order, each target once, with the first text it has.

    A link is to a file when its address ends in, or hands over, a name with the extension of one; or its text does or
    asks to download, and the address is not that of a page. Pictures in the page count where they lie beside it, as
    those of an article do; those of the site's design lie elsewhere.
    """
    words = load_attachment_words()
    found: dict[str, tuple[str, str]] = {}
    for node in page.css(_LINKS):
        name = node.tag or ""
        attributes = node.attributes
        target = _LINE_ENDS.sub("", attributes.get(_TARGETS.get(name, "href")) or "").strip()
        if not target or _NO_ADDRESS.match(target) or (name == "img" and not _lies_beside(target)):
            continue
        address = _HOST.sub("", unquote(target)).lower()
        kind = _kind_by_name(address, words)
        # Most links lead to other pages; their text is not worth reading
        if (name == "img" and kind != "image") or (not kind and (name != "a" or _is_page(address, words))):
            continue
        text = collapse_whitespace((node.text() if name == "a" else attributes.get("alt")) or "")
        text = (text or collapse_whitespace(attributes.get("title") or ""))[:LONGEST_TEXT]
        kind = kind or _kind_by_text(text, words)
        if kind and not found.get(target, ("", ""))[0]:
            found[target] = (text, kind)
    return tuple(
        Link(number, text, target, kind) for number, (target, (text, kind)) in enumerate(found.items(), start=1)
    )


def join_links(first: Iterable[Link], second: Iterable[Link]) -> tuple[Link, ...]:
    """The links of two parts of a page as one list, each target once, numbered anew."""
    found: dict[str, Link] = {}
    for link in (*first, *second):
        found.setdefault(link.target, link)
    return tuple(replace(link, number=number) for number, link in enumerate(found.values(), start=1))


def _kind_by_text(text: str, words: AttachmentWords) -> str:
    """The kind of file that the text of a link speaks of, 'download' for one it does not name, '' for none."""
    squeezed = "".join(text.split())
    is_download = words.download_text.search(squeezed) and not words.not_download_text.search(squeezed)
    return _kind_by_name(text.lower(), words) or ("download" if is_download else "")


def _kind_by_name(text: str, words: AttachmentWords) -> str:
    """The kind that a file name in the text shows: at its end, or where a name handed to a script ends."""
    return next((words.kind_of[e] for e in _EXTENSION.findall(text) if e in words.kind_of), "")


def _is_page(address: str, words: AttachmentWords) -> bool:
    path = _NAMES_OF_FOLDERS.match(address)
    file_name = path[0].rpartition("/")[2] if path else ""
    has_query = "?" in address
    return file_name.rpartition(".")[2] in words.pages if "." in file_name else not file_name and not has_query


def _lies_beside(target: str) -> bool:
    return "/" not in target.removeprefix("./").partition("?")[0] and ":" not in target
