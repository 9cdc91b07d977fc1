"""What a page says about itself: the meta tags of its head, and the record of the article that a script may hold.

Belongs here: names and values as printed. Does not belong here: what they are evidence of (reports/, agencies/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborHTMLParser

from pipeline.documents.whitespace import collapse_whitespace

# Name of the meta tag → the fields of a record that say the same, the first that has it counts
_FIELDS = {
    "ArticleTitle": ("title",),
    "PubDate": ("date", "created_at"),
    "ContentSource": ("publisher",),
    "identifier": ("identifier",),
}
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)")


def read_head(page: LexborHTMLParser) -> dict[str, str]:
    """The first title and the first non-empty content of each meta name."""
    metadata: dict[str, str] = {}
    for node in page.css("title"):
        metadata.setdefault("title", collapse_whitespace(node.text()))
    for node in page.css("meta[name]"):
        name, value = node.attributes.get("name"), collapse_whitespace(node.attributes.get("content") or "")
        if name and value:
            metadata.setdefault(name, value)
    return {name: value for name, value in metadata.items() if value}


def complete_head(head: Mapping[str, str], record: Mapping[str, str]) -> dict[str, str]:
    """The head with what only the record says, under the names that meta tags have for it."""
    completed = dict(head)
    present = {name.casefold() for name in head}
    for name, fields in _FIELDS.items():
        values = (collapse_whitespace(record.get(field, "")) for field in fields)
        value = next((value for value in values if value and (name != "PubDate" or _DATE.match(value))), "")
        if value and name.casefold() not in present:
            completed[name] = value
    return completed
