"""What a page says about itself: its title, and the totals of a list that it prints.

Belongs here: reading those from the head and the text. Does not belong here: titles of entries (opened.py).
"""

from __future__ import annotations

import re

from bs4 import Tag

from pipeline.sources.opened import Opened
from pipeline.sources.words import load_words, make_compact, read_number

_COLUMN_META = ("columnname", "channelname")
_SEPARATOR = re.compile(r"[-_|>\u300b\u203a\u00bb/]")
_CRUMBS = re.compile(r"crumb|position|location|weizhi|dqwz", re.IGNORECASE)


def read_meta(opened: Opened) -> dict[str, str]:
    """The <meta name content> pairs of a page, names in lower case; the first of a name that says something counts."""
    found: dict[str, str] = {}
    for tag in opened.soup.find_all("meta", attrs={"name": True, "content": True}):
        name, content = str(tag["name"]).strip().lower(), " ".join(str(tag["content"]).split())
        if content and name not in found:
            found[name] = content
    return found


def read_page_titles(opened: Opened) -> tuple[str, ...]:
    """What a page calls itself and those above it: the column in its metadata, parts of its <title>, breadcrumbs."""
    meta = read_meta(opened)
    heading = opened.soup.find("title")
    parts = _SEPARATOR.split(heading.get_text(" ")) if isinstance(heading, Tag) else []
    crumbs = opened.soup.find_all(class_=_CRUMBS, limit=3) + opened.soup.find_all(id=_CRUMBS, limit=3)
    words = [word for crumb in crumbs for word in _SEPARATOR.split(crumb.get_text(">")[:500])]
    named = (meta.get(name, "") for name in _COLUMN_META)
    return tuple(text.strip() for text in (*named, *parts, *words) if text.strip())


def read_declared_totals(opened: Opened) -> tuple[int | None, int | None]:
    """Entries and pages that the page's text says its list has; None for what it does not say."""
    words, text = load_words(), make_compact(opened.soup.get_text(" "))
    return read_number(words.declared_counts, text), read_number(words.declared_pages, text)
