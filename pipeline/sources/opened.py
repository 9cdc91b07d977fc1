"""A fetched page decoded and parsed: its source, its tree, its anchors with absolute ASCII addresses.

Belongs here: charset, base address, anchors with the date and the block they stand in. Does not belong here: what an
anchor is (roles.py) and what a family's scripts say (the adapters).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from bs4 import BeautifulSoup, Tag

from pipeline.sources.model import Page
from pipeline.sources.words import load_words

# A list page is some hundred kilobytes; beyond this the tree costs seconds and holds nothing that a list would
MAX_CHARACTERS = 2_000_000
MAX_ANCHORS = 5_000
_BLOCK_TAGS = ("ul", "ol", "dl", "table", "tbody")
_NAVIGATION_TAGS = ("nav", "header", "footer")
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-/.\u5e74]\s*(\d{1,2})\s*[-/.\u6708]\s*(\d{1,2})(?!\d)")
_CUT_TITLE = re.compile(r"(?:\.{2,}|\u2026+)$")
_SAFE_PATH = "%/:=&~+!$,;'@()*-._"
_SAFE_QUERY = _SAFE_PATH + "?"


@dataclass(frozen=True, slots=True)
class Opened:
    """A page ready to be read. base_url is what its relative addresses refer to; encoding is the one it was read in."""

    page: Page
    text: str
    soup: BeautifulSoup
    base_url: str
    encoding: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Anchor:
    """One <a> with an address: its title (the title attribute where the text is cut off), the date beside it.

    block is the same number for anchors of one list; is_navigation says that it stands in a menu, head or foot.
    """

    url: str
    title: str
    date_text: str
    block: int
    is_navigation: bool
    css_class: str


def open_page(page: Page) -> Opened:
    """Decode and parse a page. Never raises on bad bytes; a page longer than MAX_CHARACTERS is cut there."""
    text, encoding = decode_body(page.body)
    return open_markup(page, text, encoding)


def open_markup(page: Page, markup: str, encoding: str = "utf-8") -> Opened:
    """Parse markup that a page carries inside something else (JSON, CDATA, a script) as if it were the page."""
    cut = markup[:MAX_CHARACTERS]
    soup = BeautifulSoup(cut, "lxml")
    base_url = page.final_url
    base = soup.find("base", href=True)
    if isinstance(base, Tag):
        base_url = resolve_url(base_url, str(base["href"]), encoding) or base_url
    return Opened(page, cut, soup, base_url, encoding, len(markup) > MAX_CHARACTERS)


def decode_body(body: bytes) -> tuple[str, str]:
    """Text and encoding: byte order mark, else strict UTF-8, else GB18030 with lost characters marked."""
    if body.startswith(codecs.BOM_UTF8):
        return body[3:].decode("utf-8", "replace"), "utf-8"
    for mark, wide in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if body.startswith(mark):
            return body[2:].decode(wide, "replace"), "utf-8"
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return body.decode("gb18030", "replace"), "gb18030"


def resolve_url(base_url: str, address: str, encoding: str = "utf-8") -> str:
    """The absolute http(s) address without fragment, in ASCII; '' for anything that is no such address.

    As browsers do, a path is escaped in UTF-8 and a query in the page's own encoding.
    """
    cleaned = re.sub(r"[\t\r\n]", "", address).strip().replace("\\", "/")
    if not cleaned or cleaned.startswith("#"):
        return ""
    try:
        parts = urlsplit(urljoin(base_url, cleaned))
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            return ""
        netloc = parts.netloc.encode("idna").decode() if not parts.netloc.isascii() else parts.netloc
    except (ValueError, UnicodeError):
        return ""
    path = quote(parts.path or "/", safe=_SAFE_PATH)
    query = quote(parts.query, safe=_SAFE_QUERY, encoding=encoding, errors="replace")
    return urlunsplit((parts.scheme, netloc.lower(), path, query, ""))


def list_anchors(opened: Opened, scope: Tag | None = None) -> tuple[Anchor, ...]:
    """The first MAX_ANCHORS anchors with an http(s) address in document order, within scope or the whole page."""
    return tuple(_iterate_anchors(opened, scope or opened.soup))


def _iterate_anchors(opened: Opened, scope: Tag) -> Iterator[Anchor]:
    known: dict[int, bool] = {}
    for tag in scope.find_all("a", href=True, limit=MAX_ANCHORS):
        url = resolve_url(opened.base_url, str(tag["href"]), opened.encoding)
        if url:
            block, is_navigation = _find_surroundings(tag, known)
            css_class = " ".join(str(name) for name in tag.get_attribute_list("class") if name)
            yield Anchor(url, read_title(tag), _find_date(tag), block, is_navigation, css_class)


def read_title(tag: Tag) -> str:
    """What an anchor is called: its text, or its title attribute where the text is missing or cut off with dots."""
    return choose_title(tag.get_text(" "), str(tag.get("title") or ""))


def choose_title(text: str, attribute: str) -> str:
    """The title of an anchor with this text and this title attribute, white space folded."""
    text, attribute = " ".join(text.split()), " ".join(attribute.split())
    if attribute and (not text or _CUT_TITLE.search(text) or _DATE.sub("", text).strip() == ""):
        return attribute
    return text


def read_date(text: str) -> str:
    """The first date of a text as YYYY-MM-DD, '' where there is none; not checked against the calendar."""
    found = _DATE.search(text)
    return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}" if found else ""


def _find_date(tag: Tag) -> str:
    """The date in the entry that the anchor stands in: its own text, its item's or row's, its parent's."""
    entry = tag.find_parent(("li", "tr", "dd", "p")) or tag.parent
    if entry is None or len(entry.find_all("a", limit=9)) > 8:
        return ""
    return read_date(entry.get_text(" ")[:600])


def _find_surroundings(tag: Tag, known: dict[int, bool]) -> tuple[int, bool]:
    """The number of the list an anchor stands in, and whether it is navigation; known keeps that of its ancestors."""
    parents = [parent for parent in tag.parents if parent.name not in ("[document]", "html", "body")]
    block = next((parent for parent in parents if parent.name in _BLOCK_TAGS), None)
    is_navigation = False
    for parent in reversed(parents):
        if id(parent) not in known:
            known[id(parent)] = is_navigation or _is_navigation(parent)
        is_navigation = known[id(parent)]
    chosen = block or (tag.parent.parent if tag.parent is not None and tag.parent.parent is not None else tag)
    return id(chosen), is_navigation


def _is_navigation(tag: Tag) -> bool:
    names = [str(tag.get("id") or ""), *(str(name) for name in tag.get_attribute_list("class") if name)]
    return names_navigation(tag.name, names)


def names_navigation(tag_name: str, names: Iterable[str]) -> bool:
    """Whether an element of this kind, with this id and these classes, holds navigation."""
    return tag_name in _NAVIGATION_TAGS or any(load_words().navigation_block.match(name) for name in names)


@cache
def read_host(url: str) -> str:
    """The host name of an address in lower case, '' where it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
