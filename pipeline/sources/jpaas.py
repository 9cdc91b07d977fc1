"""The jpaas publish server: a column page names a unit, the unit's pages come as HTML inside JSON.

Belongs here: asking for the unit's pages and reading the answers. Does not belong here: article pages.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from pipeline.sources.json_text import cut_literal, parse_json, parse_literal, read_count, read_text
from pipeline.sources.model import ListReading, Page, Role, SiteRequest
from pipeline.sources.opened import Opened, list_anchors, open_markup
from pipeline.sources.pagers import MAX_PAGES
from pipeline.sources.roles import choose_links, choose_records, describe_column, describe_record_column
from pipeline.sources.static_generic import PAGER_UNKNOWN
from pipeline.sources.titles import read_page_titles
from pipeline.sources.trs_static import read_trs_static

_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_QUERY = re.compile(r"queryData\s*[=:]\s*[\"']?\s*(?=\{)", re.IGNORECASE)
_COUNT = re.compile(r"\bcount\s*=\s*[\"']?(\d{1,7})", re.IGNORECASE)
_PAGE_SIZE_MARK = re.compile(r"\b(?:pageSize|rows)[\"']?\s*[:=]\s*[\"']?(\d{1,3})\b", re.IGNORECASE)
_DEFAULT_PAGE_SIZE = 15
_KEYS = ("webId", "tplSetId", "tagId", "pageId")


def read_jpaas(opened: Opened) -> ListReading:
    """A column page gives its own entries and the request for the unit's first page; an answer gives its entries."""
    if "jpaas-publish-server" in urlsplit(opened.page.final_url).path:
        return _read_answer(opened)
    column = describe_column(opened.page, read_page_titles(opened))
    source = html.unescape(opened.text)
    requests = []
    for found in _QUERY.finditer(source):
        query = parse_literal(cut_literal(source, found.end()))
        if isinstance(query, dict) and all(read_text(query, key) for key in _KEYS):
            requests.append(_ask_first(opened, query, source))
    if not requests:
        return read_trs_static(opened)
    return ListReading(choose_links(opened, column).links, tuple(dict.fromkeys(requests)))


def _ask_first(opened: Opened, query: Mapping[str, object], source: str) -> SiteRequest:
    size = _PAGE_SIZE_MARK.search(source)
    fields = {
        "parseType": "bulidstatic",
        "webId": read_text(query, "webId"),
        "tplSetId": read_text(query, "tplSetId"),
        "pageType": "column",
        "tagId": read_text(query, "tagId"),
        "editType": "null",
        "pageId": read_text(query, "pageId"),
    }
    page_size = min(int(size[1]), 100) if size and int(size[1]) else _DEFAULT_PAGE_SIZE
    return _ask_page(urljoin(opened.page.final_url, _UNIT), fields, 1, page_size, opened.page.final_url)


def _ask_page(url: str, fields: Mapping[str, str], number: int, size: int, referer: str) -> SiteRequest:
    """Only paramJson turns the page; a pageNo beside it is ignored by the server."""
    parts = urlsplit(url)
    parameters = json.dumps({"pageNo": number, "pageSize": size}, separators=(",", ":"))
    query = urlencode({**fields, "paramJson": parameters})
    return SiteRequest(urlunsplit((parts.scheme, parts.netloc, parts.path, query, "")), Role.LIST, referer=referer)


def _read_answer(opened: Opened) -> ListReading:
    page = opened.page
    value = parse_json(opened.text)
    data = value.get("data") if isinstance(value, dict) else None
    markup = data.get("html") if isinstance(data, dict) else None
    if not isinstance(markup, str):
        return ListReading((), warnings=(("answer_unreadable", "the interface did not answer with a piece of HTML"),))
    inner = open_markup(_seen_from_column(page), markup)
    entries = choose_records(list_anchors(inner), describe_record_column(page))
    counted = _COUNT.search(markup)
    total = int(counted[1]) if counted else None
    number, size, fields = _read_place(page.request.url)
    pages = -(-total // size) if total is not None else None
    referer = page.request.referer or page.final_url
    last = min(pages, MAX_PAGES) if pages is not None else number + (len(entries.links) + entries.skipped_count >= size)
    requests = tuple(_ask_page(page.request.url, fields, later, size, referer) for later in range(number + 1, last + 1))
    warnings = (
        () if entries.links or number > 1 or total == 0 else ((PAGER_UNKNOWN, "the unit's first page has no entry"),)
    )
    return ListReading(entries.links, requests, total, pages, warnings, entries.skipped_count)


def _read_place(url: str) -> tuple[int, int, dict[str, str]]:
    """Number and size of the page that was asked for, and the other fields of the request."""
    fields = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    asked = parse_json(fields.pop("paramJson", "{}"))
    place = asked if isinstance(asked, dict) else {}
    return read_count(place, "pageNo") or 1, read_count(place, "pageSize") or _DEFAULT_PAGE_SIZE, fields


def _seen_from_column(page: Page) -> Page:
    """The page with the column's address: relative links in an answer refer to the column they are shown in."""
    return Page(page.request, page.request.referer or page.final_url, page.body, page.declared_type, page.depth)
