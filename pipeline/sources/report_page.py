"""Report pages: the documents they attach.

Belongs here: attachments. Does not belong here: the report's text and its head, which are read from the archived bytes.
A report pasted from a word processor has thousands of elements, of which a few links matter: such pages are parsed by
lxml itself, which takes a fraction of the time that the tree of list pages takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from lxml import etree

from pipeline.sources.families import load_families
from pipeline.sources.json_text import cut_literal, parse_literal, read_text
from pipeline.sources.model import Link, Page, Role
from pipeline.sources.opened import (
    MAX_ANCHORS,
    MAX_CHARACTERS,
    choose_title,
    decode_body,
    names_navigation,
    resolve_url,
)
from pipeline.sources.roles import make_link, read_shape

_DETAIL = re.compile(r"[\"']?\bDETAIL[\"']?\s*:\s*(?=\{)")
_FRAMES = ("iframe", "embed", "object")


@dataclass(frozen=True, slots=True)
class ReportReading:
    """A report page: its attachments. warnings are codes with a sentence."""

    links: tuple[Link, ...]
    warnings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A page's tree, and what resolving its addresses takes."""

    root: etree._Element
    base_url: str
    encoding: str

    def resolve(self, address: str) -> str:
        """The absolute address, '' for none."""
        return resolve_url(self.base_url, address, self.encoding)


def read_report_page(page: Page) -> ReportReading:
    """The attachments of a report page. Never raises: a page that can't be read gives a warning."""
    try:
        return _read_report_page(page)
    # A hostile page must not end a night; the crash is named in the warning
    except Exception as error:
        return ReportReading((), (("adapter_error", f"{type(error).__name__}: {error}"[:300]),))


def _read_report_page(page: Page) -> ReportReading:
    text, encoding = decode_body(page.body)
    source = text[:MAX_CHARACTERS]
    parsed = _parse(source, page.final_url, encoding)
    if parsed is None:
        return ReportReading(())
    return ReportReading(_list_attachments(_open_detail(source, page.final_url) or parsed))


def _parse(source: str, url: str, encoding: str) -> _Parsed | None:
    """The tree of a page, None for a page without an element."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    if root is None:
        return None
    base = next((tag for tag in root.iter("base") if tag.get("href")), None)
    base_url = resolve_url(url, base.get("href") or "", encoding) if base is not None else ""
    return _Parsed(root, base_url or url, encoding)


def _open_detail(source: str, url: str) -> _Parsed | None:
    """The page's text where a script holds it as an escaped string (the Guangdong platform), None elsewhere."""
    found = _DETAIL.search(source)
    detail = parse_literal(cut_literal(source, found.end())) if found else None
    content = read_text(detail, "content") if isinstance(detail, dict) else ""
    return _parse(content, url, "utf-8") if content else None


def _list_attachments(parsed: _Parsed) -> tuple[Link, ...]:
    """Documents that the body links to or frames, each once; the whole page where no known body has any."""
    for scope in (*_find_bodies(parsed.root), parsed.root):
        links: dict[str, Link] = {}
        for url, title in _list_files(parsed, scope):
            links.setdefault(url, make_link(url, Role.ATTACHMENT, title, ""))
        if links:
            return tuple(links.values())
    return ()


def _list_files(parsed: _Parsed, scope: etree._Element) -> Iterator[tuple[str, str]]:
    """Addresses of files in an element, with their titles: linked ones first, then framed ones."""
    anchors = [tag for tag in scope.iter("a") if tag.get("href") is not None][:MAX_ANCHORS]
    for tag in anchors:
        url = parsed.resolve(tag.get("href") or "")
        is_whole_page = scope is parsed.root
        if url and read_shape(url) is Role.ATTACHMENT and not (is_whole_page and _is_navigation(tag)):
            yield url, choose_title(_read_text(tag), tag.get("title") or "")
    for tag in scope.iter(*_FRAMES):
        url = parsed.resolve(tag.get("src") or tag.get("data") or "")
        if url and read_shape(url) is Role.ATTACHMENT:
            yield url, ""


def _is_navigation(tag: etree._Element) -> bool:
    return any(
        names_navigation(str(parent.tag), [parent.get("id") or "", *(parent.get("class") or "").split()])
        for parent in tag.iterancestors()
        if parent.tag not in ("html", "body")
    )


def _read_text(tag: etree._Element) -> str:
    return " ".join(" ".join(str(piece) for piece in tag.itertext()).split())


def _find_bodies(root: etree._Element) -> list[etree._Element]:
    """The first element of each kind that some family keeps its text in."""
    selectors, find = _prepare_body_search()
    found = find(root)
    elements = [each for each in found if isinstance(each, etree._Element)] if isinstance(found, list) else []
    bodies = (next((each for each in elements if _matches(each, selector)), None) for selector in selectors)
    return [body for body in bodies if body is not None]


@cache
def _prepare_body_search() -> tuple[tuple[str, ...], etree.XPath]:
    """The body selectors of families.toml (classes, ids, kinds of elements), and one search for what may match any.

    One search walks a page once; a pasted page has thousands of elements, each with a class.
    """
    selectors = dict.fromkeys(selector for family in load_families().values() for selector in family.body_selectors)
    conditions = {".": "contains(@class, '{}')", "#": "@id='{}'"}
    tests = [
        conditions[selector[0]].format(selector[1:]) if selector[0] in conditions else f"self::{selector}"
        for selector in selectors
    ]
    return tuple(selectors), etree.XPath(f"//*[{' or '.join(tests)}]")


def _matches(element: etree._Element, selector: str) -> bool:
    if selector[0] == ".":
        return selector[1:] in (element.get("class") or "").split()
    return element.get("id") == selector[1:] if selector[0] == "#" else element.tag == selector
