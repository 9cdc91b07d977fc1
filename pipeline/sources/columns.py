"""Finding the column of annual reports from a site's root or its disclosure platform.

Belongs here: judging anchors by what they are called. Does not belong here: guessing addresses, which drift every year.
"""

from __future__ import annotations

import re

from pipeline.sources.model import Link, Page, Role
from pipeline.sources.opened import Anchor, list_anchors, open_page, read_host
from pipeline.sources.roles import is_dropped, make_link, read_shape
from pipeline.sources.shell import read_shell
from pipeline.sources.words import load_words, make_compact

# Root, platform, column: whoever hides it deeper is added to the registry by hand
MAX_ROOT_DEPTH = 2
_YEAR = re.compile(r"(?:19|20)\d{2}")


def find_columns(page: Page) -> tuple[Link, ...]:
    """Columns of annual reports that a page links to, most exactly named first; else the platform pages on the way.

    A column comes as a LIST, a platform page or the target of a shell page as another ROOT. Only the page's own host
    and hosts below its domain count. Single reports on the page are not returned: their column lists them.
    Never raises.
    """
    try:
        return _find_columns(page)
    # Whatever a hostile page provokes, it only means that no column was found
    except Exception:
        return ()


def _find_columns(page: Page) -> tuple[Link, ...]:
    opened = open_page(page)
    words = load_words()
    anchors = [a for a in list_anchors(opened) if is_related_host(page.final_url, a.url) and not is_dropped(a.title)]
    ranked: list[tuple[int, Anchor]] = []
    for anchor in anchors:
        compact = make_compact(anchor.title)
        rank = next((place for place, pattern in enumerate(words.column_titles) if pattern.search(compact)), None)
        if rank is not None and not _is_single_report(anchor):
            ranked.append((rank, anchor))
    links = {a.url: make_link(a.url, Role.LIST, a.title, "") for _, a in sorted(ranked, key=lambda item: item[0])}
    if links or page.depth >= MAX_ROOT_DEPTH:
        return tuple(links.values())
    platforms = [a for a in anchors if words.platform_title.search(make_compact(a.title)) and a.url != page.final_url]
    links = {a.url: make_link(a.url, Role.ROOT, a.title, "") for a in platforms}
    shell = read_shell(opened) if not links else None
    targets = shell.next_requests if shell else ()
    return tuple(links.values()) or tuple(make_link(target.url, Role.ROOT, "", "") for target in targets)


def is_related_host(page_url: str, url: str) -> bool:
    """Whether two addresses belong to one site: the same host, or one below the other's domain without its www."""
    here, there = read_host(page_url).removeprefix("www."), read_host(url).removeprefix("www.")
    return bool(here and there) and (here == there or there.endswith(f".{here}"))


def _is_single_report(anchor: Anchor) -> bool:
    """A report of one year rather than the column.

    Its title has a year, or says more than the column's name while its address has the shape of an article.
    """
    compact = make_compact(anchor.title)
    is_exact = any(pattern.fullmatch(compact) for pattern in load_words().column_titles)
    return bool(_YEAR.search(anchor.title)) or (not is_exact and read_shape(anchor.url) is not None)
