"""Report pages: what their head says about them, and the documents they attach.

Belongs here: metadata and attachments. Does not belong here: the report's text, which is read from the archived bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bs4 import Tag

from pipeline.sources.families import load_families
from pipeline.sources.json_text import cut_literal, parse_literal, read_text
from pipeline.sources.model import Link, Page, Role
from pipeline.sources.opened import Opened, list_anchors, open_markup, open_page, read_date, resolve_url
from pipeline.sources.roles import make_link, read_shape
from pipeline.sources.titles import read_meta

_DETAIL = re.compile(r"[\"']?\bDETAIL[\"']?\s*:\s*(?=\{)")


@dataclass(frozen=True, slots=True)
class ReportReading:
    """A report page: its head as printed ('' where it says nothing) and its attachments.

    published_date is ISO text. site_code is the SiteIDCode, whose first six digits are the division of the site.
    warnings are codes with a sentence.
    """

    title: str
    published_date: str
    source_name: str
    site_code: str
    site_name: str
    column_name: str
    links: tuple[Link, ...]
    warnings: tuple[tuple[str, str], ...] = ()


def read_report_page(page: Page) -> ReportReading:
    """Metadata and attachments of a report page. Never raises: a page that can't be read gives a warning."""
    try:
        return _read_report_page(open_page(page))
    # A hostile page must not end a night; the crash is named in the warning
    except Exception as error:
        return ReportReading("", "", "", "", "", "", (), (("adapter_error", f"{type(error).__name__}: {error}"[:300]),))


def _read_report_page(opened: Opened) -> ReportReading:
    meta = read_meta(opened)
    heading = opened.soup.find("title")
    title = meta.get("articletitle") or (" ".join(heading.get_text(" ").split()) if isinstance(heading, Tag) else "")
    detail = _open_detail(opened)
    return ReportReading(
        title=title,
        published_date=read_date(meta.get("pubdate", "")),
        source_name=meta.get("contentsource", ""),
        site_code=meta.get("siteidcode", ""),
        site_name=meta.get("sitename", ""),
        column_name=meta.get("columnname", ""),
        links=_list_attachments(detail or opened),
    )


def _open_detail(opened: Opened) -> Opened | None:
    """The page's text where a script holds it as an escaped string (the Guangdong platform), None elsewhere."""
    found = _DETAIL.search(opened.text)
    detail = parse_literal(cut_literal(opened.text, found.end())) if found else None
    content = read_text(detail, "content") if isinstance(detail, dict) else ""
    return open_markup(opened.page, content, opened.encoding) if content else None


def _list_attachments(opened: Opened) -> tuple[Link, ...]:
    """Documents that the body links to or frames, each once; the whole page where no known body has any."""
    for scope in (*_find_bodies(opened), opened.soup):
        links: dict[str, Link] = {}
        for anchor in list_anchors(opened, scope):
            if read_shape(anchor.url) is Role.ATTACHMENT and not (scope is opened.soup and anchor.is_navigation):
                links.setdefault(anchor.url, make_link(anchor.url, Role.ATTACHMENT, anchor.title, ""))
        for tag in scope.find_all(("iframe", "embed", "object")):
            url = resolve_url(opened.base_url, str(tag.get("src") or tag.get("data") or ""), opened.encoding)
            if url and read_shape(url) is Role.ATTACHMENT:
                links.setdefault(url, make_link(url, Role.ATTACHMENT, "", ""))
        if links:
            return tuple(links.values())
    return ()


def _find_bodies(opened: Opened) -> list[Tag]:
    """The elements that some family keeps its text in; a tree is only searched for what its source speaks of."""
    present = (selector for selector, mark in _list_selectors() if mark.search(opened.text))
    return [found for selector in present if (found := opened.soup.select_one(selector)) is not None]


@cache
def _list_selectors() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Every body selector of families.toml, with a pattern that a source without such an element does not match."""
    selectors = dict.fromkeys(selector for family in load_families().values() for selector in family.body_selectors)
    return tuple((selector, _mark_selector(selector)) for selector in selectors)


def _mark_selector(selector: str) -> re.Pattern[str]:
    if selector[0] in ".#":
        return re.compile(rf"\b(?:class|id)\s*=[^<>]*?{re.escape(selector[1:])}\b", re.IGNORECASE)
    return re.compile(rf"<{re.escape(selector)}\b", re.IGNORECASE)
