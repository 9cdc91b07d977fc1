"""Pages that only announce a report: its title, hardly any text, and a link to the file that holds the report.

Belongs here: telling such a page from one that is no report at all. Does not belong here: finding links
(documents/links.py), and whether the file is archived (facts/attachments.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from pipeline.contract.attachments import load_attachment_words
from pipeline.documents.model import Document, Link, Text
from pipeline.reports.identify import Title

_FULL_STOP = "\u3002"
_LONGEST_TARGET = 200


def explain_announcement(document: Document, title: Title | None) -> str:
    """Which file a page that has no report announces as one, '' where it announces none.

    The title must name a year: a page that lists the reports of many years has links to files, too.
    """
    link = _choose_link(document.links)
    if link is None or title is None or title.year is None:
        return ""
    prose = sum(len(b.text) for b in document.blocks if isinstance(b, Text) and _FULL_STOP in b.text)
    if prose > load_attachment_words().announcement_characters:
        return ""
    return f"the page only announces the report, which its attachment {_name(link)} should hold"


def _choose_link(links: Sequence[Link]) -> Link | None:
    """The link that speaks of the report, else the first one to a file that is no picture, else the first of all."""
    report_words = load_attachment_words().report_words
    speaking = (link for link in links if report_words.search(link.text) or report_words.search(unquote(link.target)))
    files = (link for link in links if link.kind != "image")
    return next(speaking, None) or next(files, None) or next(iter(links), None)


def _name(link: Link) -> str:
    target = link.target if len(link.target) <= _LONGEST_TARGET else f"{link.target[:_LONGEST_TARGET]}…"
    return f"{link.text!r} ({target})" if link.text else target
