"""The Guangdong disclosure platform: a tree of columns in a script, and an interface that lists one column.

Belongs here: finding the column of annual reports in the tree, and reading the interface's pages. Does not belong here:
the text of a report page, which the platform keeps in a script too (report_page.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from pipeline.sources.json_text import cut_literal, parse_json, parse_literal, read_count, read_text
from pipeline.sources.model import Link, ListReading, Role, SiteRequest
from pipeline.sources.opened import Opened, read_date, read_host, resolve_url
from pipeline.sources.pagers import MAX_PAGES
from pipeline.sources.roles import MAX_LIST_DEPTH, choose_links, describe_column, is_dropped, make_link
from pipeline.sources.titles import read_page_titles
from pipeline.sources.words import load_words, make_compact

COLUMN_MISSING = "column_missing"
_TREE = re.compile(r"[\"']?\bTREE[\"']?\s*:\s*(?=\[)")
_SITE = re.compile(r"[\"']?\bSID[\"']?\s*:\s*[\"']?(\w{1,20})")
_MAX_NODES = 5_000
# The interface gives 100 entries a page, whatever is asked for
_PAGE_SIZE = 100


def read_gkmlpt(opened: Opened) -> ListReading:
    """A platform page gives the requests for its column of annual reports, an answer of the interface its entries."""
    if "/gkmlpt/api/" in urlsplit(opened.page.final_url).path:
        return _read_answer(opened)
    tree = _TREE.search(opened.text)
    nodes = parse_literal(cut_literal(opened.text, tree.end())) if tree else None
    site = _SITE.search(opened.text)
    if not isinstance(nodes, list) or site is None:
        column = describe_column(opened.page, read_page_titles(opened))
        return ListReading(
            choose_links(opened, column).links, warnings=((COLUMN_MISSING, "the page has no tree of columns"),)
        )
    found = list(_find_columns(nodes))
    identifiers = dict.fromkeys(node_id for node in found if (node_id := _read_identifier(node)))
    requests = tuple(_ask_page(opened.page.final_url, identifier, 1, site[1]) for identifier in identifiers)
    links = tuple(link for node in found if (link := _read_jump(opened, node)) is not None)
    warnings = () if requests or links else ((COLUMN_MISSING, "no column of annual reports in the tree of columns"),)
    return ListReading(links, requests, warnings=warnings)


def _find_columns(nodes: list[Any], is_inside: bool = False, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """The nodes of the column of annual reports and of everything below it."""
    words = load_words()
    for node in nodes[:_MAX_NODES]:
        if not isinstance(node, dict) or depth > 12:
            continue
        name = make_compact(read_text(node, "name"))
        matches = is_inside or (any(p.search(name) for p in words.column_titles) and not is_dropped(name))
        if matches:
            yield node
        children = node.get("children")
        if isinstance(children, list):
            yield from _find_columns(children, matches, depth + 1)


def _read_identifier(node: Mapping[str, Any]) -> str:
    """The number of a column that holds entries, '' for one that holds none of its own."""
    identifier = read_text(node, "id")
    return identifier if re.fullmatch(r"\w{1,20}", identifier) and read_count(node, "post_count") != 0 else ""


def _read_jump(opened: Opened, node: Mapping[str, Any]) -> Link | None:
    """The list elsewhere on the site that a column without entries sends its readers to."""
    url = resolve_url(opened.page.final_url, read_text(node, "jump_url"))
    is_list = url and read_host(url) == read_host(opened.page.final_url) and opened.page.depth < MAX_LIST_DEPTH
    return make_link(url, Role.LIST, read_text(node, "name"), "") if is_list else None


def _ask_page(referer: str, identifier: str, number: int, site: str) -> SiteRequest:
    """Pages count from 1; the interface answers page 0 with page 1, which would look like a list of twice the size."""
    query = urlencode({"page": number, "sid": site})
    return SiteRequest(urljoin(referer, f"/gkmlpt/api/all/{identifier}?{query}"), Role.LIST, referer=referer)


def _read_answer(opened: Opened) -> ListReading:
    page = opened.page
    value = parse_json(opened.text)
    articles = value.get("articles") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(articles, list):
        return ListReading(
            (), warnings=(("answer_unreadable", "the interface did not answer with a list of articles"),)
        )
    read = [list(_read_article(opened, article)) for article in articles if isinstance(article, dict)]
    links: dict[str, Link] = {}
    for link in (link for group in read for link in group):
        links.setdefault(link.url, link)
    classify = value.get("classify")
    total = read_count(value, "total")
    if total is None and isinstance(classify, dict):
        total = read_count(classify, "post_count")
    query = parse_qs(urlsplit(page.request.url).query)
    number = max(int(query["page"][0]), 1) if query.get("page", [""])[0].isdigit() else 1
    pages = -(-total // _PAGE_SIZE) if total is not None else None
    identifier, site = urlsplit(page.request.url).path.rsplit("/", 1)[1], query.get("sid", [""])[0]
    requests = tuple(
        _ask_page(page.request.referer or page.final_url, identifier, later, site)
        for later in range(number + 1, min(pages or 0, MAX_PAGES) + 1)
    )
    return ListReading(
        tuple(links.values()), requests if page.depth <= MAX_LIST_DEPTH else (), total, pages, (), read.count([])
    )


def _read_article(opened: Opened, article: Mapping[str, Any]) -> Iterator[Link]:
    title = read_text(article, "title")
    url = resolve_url(opened.page.final_url, read_text(article, "url") or read_text(article, "post_url"))
    if not url or is_dropped(title):
        return
    date_text = read_date(read_text(article, "date")) or read_date(read_text(article, "created_at"))
    yield make_link(url, Role.REPORT, title, date_text)
    attachments = article.get("attachment")
    for attachment in attachments if isinstance(attachments, list) else ():
        if isinstance(attachment, dict):
            target = resolve_url(url, read_text(attachment, "url"))
            if target:
                yield make_link(target, Role.ATTACHMENT, read_text(attachment, "name") or title, date_text)
