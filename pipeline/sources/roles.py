"""What an anchor of a list page leads to: a report, an attachment, a list below this one, or nothing of ours.

Belongs here: the judgement by title, shape of the address and place below the column, with the guard against drifting
into other columns. Does not belong here: the words and address shapes (words.toml), and pagers (pagers.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline.sources.model import Link, Page, Role
from pipeline.sources.opened import Anchor, Opened, list_anchors, read_host
from pipeline.sources.words import load_words, make_compact

# Columns hold departments, departments hold years; whatever lies deeper is another part of the site
MAX_LIST_DEPTH = 3
_MAX_TITLE_CHARACTERS = 200
_YEAR = re.compile(r"(?:19|20)\d{2}")
_COLUMN_NUMBER = re.compile(r"/(?:col/col|c)(\d+)(?=/|$)")
_ARTICLE_COLUMN_NUMBER = re.compile(r"/art_(\d+)_|/c(\d+)(?=/)")
_FILE_NAME = re.compile(r"\.[A-Za-z]{2,5}$")
_INDEX_FILE = re.compile(r"/(?:index|default|list|common_list)(?:_\d+)?\.\w+$")


@dataclass(frozen=True, slots=True)
class Column:
    """The column that a page belongs to: its address and whether its entries count as reports whatever their title."""

    url: str
    depth: int
    is_trusted: bool


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of a page, each address once, and how many more of its list were left out by their title."""

    links: tuple[Link, ...]
    skipped_count: int = 0


def describe_column(page: Page, titles: Sequence[str]) -> Column:
    """The column of a list page, which calls itself and the pages above it by these titles.

    The registry vouches for the column itself (depth 0). A list found below it is vouched for by standing below the
    page that led to it or by a title; elsewhere only entries that call themselves reports are taken.
    """
    url, referer = page.final_url, page.request.referer
    if page.depth == 0 or (referer and column_directory(referer) != "/" and is_below(referer, url)):
        return Column(url, page.depth, True)
    compact = [make_compact(title) for title in titles]
    return Column(url, page.depth, any(p.search(text) for p in load_words().column_titles for text in compact))


def refer_later_pages(page: Page) -> str:
    """The referer for later pages of a list: they are vouched for by whatever vouches for the first."""
    return page.request.referer if page.depth and page.request.referer else page.final_url


def describe_record_column(page: Page, *, is_trusted: bool = True) -> Column:
    """The column that asked for an answer; trusted where the answer holds records of that column and nothing else."""
    return Column(page.request.referer or page.final_url, page.depth, is_trusted)


def column_directory(url: str) -> str:
    """The folder whose entries belong to a list page: /a/b/ for /a/b/, /a/b/index.html, /a/b and /a/b.htm's own /a/b/.

    A page that is itself no index (gknb.htm) names the folder of its later pages.
    """
    path = urlsplit(url).path or "/"
    name = path.rsplit("/", 1)[1]
    folder = path[: len(path) - len(name)]
    stem = name.split(".", 1)[0]
    if not name or re.fullmatch(r"(?:index|default|list|common_list)(?:_\d+)?|\d+", stem):
        return folder
    return f"{folder}{stem}/"


def is_below(column_url: str, url: str) -> bool:
    """Whether an address lies strictly below a column's folder on the same host."""
    directory = column_directory(column_url)
    own = column_directory(url)
    return read_host(column_url) == read_host(url) and own != directory and own.startswith(directory)


def is_inside(column_url: str, url: str) -> bool:
    """Whether an address lies in a column: below its folder, or numbered with the column's own number."""
    if read_host(column_url) != read_host(url):
        return False
    path = urlsplit(url).path
    if path.startswith(column_directory(column_url)):
        return column_directory(column_url) != "/"
    number = _COLUMN_NUMBER.search(urlsplit(column_url).path)
    own = _ARTICLE_COLUMN_NUMBER.search(path)
    return bool(number and own and number[1] in (own[1], own[2]))


def choose_links(opened: Opened, column: Column) -> Entries:
    """The entries of a list page in printed order."""
    anchors = [a for a in list_anchors(opened) if not _is_pager_label(a) and a.url != opened.page.final_url]
    report_blocks = {a.block for a in anchors if names_report(a.title) and not a.is_navigation}
    links: dict[str, Link] = {}
    skipped: set[str] = set()
    for anchor in anchors:
        is_listed = anchor.block in report_blocks and bool(anchor.date_text) and not anchor.is_navigation
        role = choose_role(anchor, column, is_listed)
        if role is not None:
            links.setdefault(anchor.url, make_link(anchor.url, role, anchor.title, anchor.date_text))
        elif is_listed and is_dropped(anchor.title):
            skipped.add(anchor.url)
    if not any(link.role is not Role.LIST for link in links.values()):
        for anchor in _find_lists_elsewhere(anchors, column):
            links.setdefault(anchor.url, make_link(anchor.url, Role.LIST, anchor.title, anchor.date_text))
    return Entries(tuple(links.values()), len(skipped - links.keys()))


def choose_records(anchors: Sequence[Anchor], column: Column) -> Entries:
    """The entries of an answer that holds records of one column: all but those with dropped words."""
    links: dict[str, Link] = {}
    skipped: set[str] = set()
    for anchor in anchors:
        if is_dropped(anchor.title) or not (column.is_trusted or names_report(anchor.title)):
            skipped.add(anchor.url)
            continue
        role = Role.ATTACHMENT if read_shape(anchor.url) is Role.ATTACHMENT else Role.REPORT
        links.setdefault(anchor.url, make_link(anchor.url, role, anchor.title, anchor.date_text))
    return Entries(tuple(links.values()), len(skipped - links.keys()))


def merge_entries(first: Entries, second: Entries) -> Entries:
    """Two readings of one page as one; the first one's view of an address counts."""
    links = {link.url: link for link in (*second.links, *first.links)}
    ordered = dict.fromkeys(link.url for link in (*first.links, *second.links))
    return Entries(tuple(links[url] for url in ordered), max(first.skipped_count, second.skipped_count))


def choose_role(anchor: Anchor, column: Column, is_listed_with_reports: bool = False) -> Role | None:
    """What an anchor leads to; None for what is not ours. is_listed_with_reports: dated, in one list with reports."""
    if is_dropped(anchor.title) or not anchor.title:
        return None
    shape = read_shape(anchor.url)
    is_named = names_report(anchor.title)
    inside = is_inside(column.url, anchor.url)
    vouched = column.is_trusted and (is_listed_with_reports or (inside and not anchor.is_navigation))
    if shape is Role.REPORT and not is_named and inside and _is_numbered_list(anchor):
        return Role.LIST if column.depth < MAX_LIST_DEPTH else None
    if shape in (Role.REPORT, Role.ATTACHMENT):
        return shape if is_named or vouched else None
    if is_named and inside and _YEAR.search(anchor.title) and _is_file(anchor.url):
        return Role.REPORT
    return _choose_list(anchor, column, is_named)


def _choose_list(anchor: Anchor, column: Column, is_named: bool) -> Role | None:
    """LIST for what lies below the column, or calls itself a column of reports on the same host."""
    if column.depth >= MAX_LIST_DEPTH or read_host(anchor.url) != read_host(column.url):
        return None
    if column_directory(anchor.url) == column_directory(column.url) and not urlsplit(anchor.url).query:
        return None
    if is_below(column.url, anchor.url) and column_directory(column.url) != "/":
        return Role.LIST
    return Role.LIST if is_named and not anchor.is_navigation else None


def _find_lists_elsewhere(anchors: Sequence[Anchor], column: Column) -> list[Anchor]:
    """Lists of years, organs or groups outside the column's folder, from a page that has no report of its own.

    Only two or more such entries side by side count, outside menus and on the same host: one stray link would lead
    the crawl into another column.
    """
    if column.depth >= MAX_LIST_DEPTH or not column.is_trusted:
        return []
    found = [
        a
        for a in anchors
        if not a.is_navigation
        and is_list_title(a.title)
        and not is_dropped(a.title)
        and read_shape(a.url) is None
        and read_host(a.url) == read_host(column.url)
        and column_directory(a.url) not in ("/", column_directory(column.url))
    ]
    return [a for a in found if sum(other.block == a.block for other in found) > 1]


def read_shape(url: str) -> Role | None:
    """REPORT or ATTACHMENT where the address has the shape of an article or a file, None where it may be a list."""
    words = load_words()
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    full = parts.path + (f"?{parts.query}" if parts.query else "")
    if words.attachment_address.search(parts.path) or words.attachment_address.search(full):
        return Role.ATTACHMENT
    if words.article_address.search(full) or words.ambiguous_address.search(full):
        return Role.REPORT
    return None


def names_report(title: str) -> bool:
    """Whether a title calls itself an annual report on disclosure."""
    return bool(load_words().report_title.search(make_compact(title)))


def is_dropped(title: str) -> bool:
    """Whether a title belongs to a page about the reports or beside them (guides, notices, interpretations)."""
    return bool(load_words().dropped_title.search(make_compact(title)))


def is_list_title(title: str) -> bool:
    """Whether a title names a year, an organ or a group of organs and nothing else."""
    words, compact = load_words(), make_compact(title)
    if not compact or len(compact) > 30:
        return False
    return any(pattern.search(compact) for pattern in (words.year_title, words.organ_title, words.group_title))


def make_link(url: str, role: Role, title: str, date_text: str) -> Link:
    """A link with its title bounded."""
    return Link(url, role, " ".join(title.split())[:_MAX_TITLE_CHARACTERS], date_text)


def _is_pager_label(anchor: Anchor) -> bool:
    compact = make_compact(anchor.title)
    if _YEAR.fullmatch(compact):
        return False
    return bool(load_words().pager_label.search(compact) or load_words().next_label.search(compact))


def _is_numbered_list(anchor: Anchor) -> bool:
    """A numbered folder (/5696721/index.html) that a year or an organ names, without the date that articles bear."""
    is_index = bool(_INDEX_FILE.search(urlsplit(anchor.url).path))
    return is_index and not anchor.date_text and is_list_title(anchor.title)


def _is_file(url: str) -> bool:
    """Whether an address names a file that is no index."""
    path = urlsplit(url).path
    return bool(_FILE_NAME.search(path)) and not _INDEX_FILE.search(path)
