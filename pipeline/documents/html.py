"""Web pages to a Document: what a browser would show, in reading order.

Belongs here: the walk over the parsed page, what is hidden, tables as grids, head metadata. Does not belong here:
guards on the source (page_guard.py), span layout (grid.py), which part of a page is the report (reports/ decides).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.documents import links
from pipeline.documents.encoding import decode_text, report_damage
from pipeline.documents.grid import GridLimitError, SpanCell, expand_rows
from pipeline.documents.model import Document, Grid, Locator, Text
from pipeline.documents.page_guard import check_page_limits, cut_unclosed
from pipeline.documents.whitespace import collapse_whitespace
from pipeline.issues import Issue, IssueCode

VERSION = f"html/1+{links.VERSION}"

_SKIPPED = frozenset(["head", "title", "script", "style", "noscript", "template", "iframe", "noframes"])
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_ROW_GROUPS = frozenset(["tbody", "thead", "tfoot"])
_BLOCKS = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form header hgroup hr legend li main menu nav ol optgroup option p pre section select summary table td "
    "textarea th tr ul"
)
# Elements that begin a new line; everything else runs on within one
_BREAKING = _HEADINGS | _ROW_GROUPS | {"br"} | frozenset(_BLOCKS.split())
_NO_DISPLAY = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_NO_VISIBILITY = re.compile(r"visibility\s*:\s*hidden", re.IGNORECASE)
_SPAN = re.compile(r"\s*(\d{1,9})")


def read_html(content: bytes) -> Document:
    """Visible text and tables of a page, metadata of its head, links to files (links.py).

    A Text is one line or block outside tables, its locator L<n> the n-th Text of the page (pages have no lines). A Grid
    is a table that holds no other table and has more than one column; any other table is layout, and its cells are read
    as text. Locators of cells are T R C from 1, tables counted as Grids. metadata['title'] is the first title, every
    other key the name of a meta tag as printed. A table over the limits of grid.py is left out with LIMIT_EXCEEDED.
    Raises DocumentRefused for bytes that are no text and for pages beyond the limits of page_guard.py.
    """
    decoded = decode_text(content)
    damage = report_damage(decoded)
    source = decoded.text.replace("\0", "")
    check_page_limits(source)
    page = LexborHTMLParser(cut_unclosed(source))
    walk = _Walk(_find_hidden(page))
    if page.body is not None:
        walk.read(page.body)
    issues = (*damage, *walk.issues)
    return Document(tuple(walk.blocks), "html", VERSION, _read_metadata(page), issues, links.find_links(page))


def _read_metadata(page: LexborHTMLParser) -> dict[str, str]:
    """The first title and the first non-empty content of each meta name."""
    metadata: dict[str, str] = {}
    for node in page.css("title"):
        metadata.setdefault("title", collapse_whitespace(node.text()))
    for node in page.css("meta[name]"):
        name, value = node.attributes.get("name"), collapse_whitespace(node.attributes.get("content") or "")
        if name and value:
            metadata.setdefault(name, value)
    return {name: value for name, value in metadata.items() if value}


@dataclass(frozen=True, slots=True)
class _Hidden:
    """Elements of a page that a browser does not show: gone ones have no place on it, invisible ones leave a blank.

    Both are the parser's own numbers of nodes, found once: asking each node for its attributes would cost more than
    everything else.
    """

    gone: frozenset[int]
    invisible: frozenset[int]

    def is_gone(self, node: LexborNode) -> bool:
        """Whether the element has no place on the page."""
        return node.tag in _SKIPPED or (bool(self.gone) and node.mem_id in self.gone)

    def is_unseen(self, node: LexborNode) -> bool:
        """Whether nothing of the element is seen."""
        return self.is_gone(node) or (bool(self.invisible) and node.mem_id in self.invisible)


def _find_hidden(page: LexborHTMLParser) -> _Hidden:
    gone = {node.mem_id for node in page.css("[hidden]")}
    gone |= {n.mem_id for n in page.css('[style*="display" i]') if _NO_DISPLAY.search(n.attributes["style"] or "")}
    styled = page.css('[style*="visibility" i]')
    invisible = {node.mem_id for node in styled if _NO_VISIBILITY.search(node.attributes["style"] or "")}
    return _Hidden(frozenset(gone), frozenset(invisible))


@dataclass(slots=True)
class _Walk:
    """One pass over a page: the blocks so far, and the line that is being collected."""

    hidden: _Hidden
    blocks: list[Text | Grid] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    heading_depth: int = 0
    preformatted_depth: int = 0
    text_count: int = 0
    table_count: int = 0

    def read(self, root: LexborNode) -> None:
        """Collect every block below root."""
        for node, is_end in _visible_nodes(root, self.hidden, is_whole=self._is_data_table):
            if node.is_text_node:
                self._add_text(node.text_content or "")
                continue
            if node.tag in _BREAKING:
                self._end_line()
            step = -1 if is_end else 1
            self.heading_depth += step * (node.tag in _HEADINGS)
            self.preformatted_depth += step * (node.tag == "pre")
            if node.tag == "table" and not is_end and self._is_data_table(node):
                self._add_table(node)
        self._end_line()

    def _is_data_table(self, node: LexborNode) -> bool:
        if node.tag != "table" or len(node.css("table")) > 1:
            return False
        rows = (row for group in _children(node, *_ROW_GROUPS) for row in _children(group, "tr"))
        return any(len(_cells(row, self.hidden)) > 1 for row in rows)

    def _add_text(self, text: str) -> None:
        if self.preformatted_depth and "\n" in text:
            *whole, text = text.split("\n")
            for part in whole:
                self.line.append(part)
                self._end_line()
        self.line.append(text)

    def _end_line(self) -> None:
        text = collapse_whitespace("".join(self.line))
        self.line.clear()
        if text:
            self.text_count += 1
            style = "heading" if self.heading_depth else ""
            self.blocks.append(Text(text, Locator(line=self.text_count), style))

    def _add_table(self, table: LexborNode) -> None:
        for caption in _children(table, "caption"):
            self.line.append(_read_visible(caption, self.hidden))
            self._end_line()
        self.table_count += 1
        try:
            self.blocks.append(expand_rows(_table_rows(table, self.hidden), table=self.table_count))
        except GridLimitError as error:
            place = str(Locator(table=self.table_count))
            self.issues.append(Issue(IssueCode.LIMIT_EXCEEDED, f"a table is left out whole: {error}", place))


def _visible_nodes(
    root: LexborNode, hidden: _Hidden, is_whole: Callable[[LexborNode], bool]
) -> Iterator[tuple[LexborNode, bool]]:
    """Text nodes and the beginning (False) and end (True) of elements, in order; of whole ones only the beginning.

    Hidden elements are left out. The stack is our own, because pages may nest deeper than Python recurses.
    """
    stack = [(root, False)]
    while stack:
        node, is_end = stack.pop()
        if is_end or node.is_text_node:
            yield node, is_end
        elif node.is_element_node and not hidden.is_unseen(node):
            yield node, False
            if not is_whole(node):
                stack.append((node, True))
                stack.extend((child, False) for child in reversed(_children(node)))


def _read_visible(root: LexborNode, hidden: _Hidden) -> str:
    """All visible text below root in one line; where a browser would begin a new line stands one space."""
    parts = []
    for node, _ in _visible_nodes(root, hidden, is_whole=lambda _: False):
        if node.is_text_node:
            parts.append(node.text_content or "")
        elif node.tag in _BREAKING:
            parts.append(" ")
    return collapse_whitespace("".join(parts))


def _table_rows(table: LexborNode, hidden: _Hidden) -> list[list[SpanCell]]:
    """The displayed rows of a table; a row span of 0 reaches to the end of its row group, and none reaches further."""
    found = []
    for group in _children(table, *_ROW_GROUPS):
        rows = [] if hidden.is_gone(group) else [row for row in _children(group, "tr") if not hidden.is_gone(row)]
        for number, row in enumerate(rows):
            left = len(rows) - number
            found.append([_read_cell(cell, left, hidden) for cell in _cells(row, hidden)])
    return found


def _cells(row: LexborNode, hidden: _Hidden) -> list[LexborNode]:
    return [cell for cell in _children(row, "td", "th") if not hidden.is_gone(cell)]


def _read_cell(cell: LexborNode, rows_left: int, hidden: _Hidden) -> SpanCell:
    attributes = cell.attributes
    row_span = _parse_span(attributes.get("rowspan"))
    column_span = _parse_span(attributes.get("colspan"))
    # An invisible cell keeps its place, and nothing is printed there
    return SpanCell(_read_visible(cell, hidden), min(row_span or rows_left, rows_left), column_span or 1)


def _parse_span(printed: str | None) -> int:
    digits = _SPAN.match(printed or "1")
    return int(digits[1]) if digits else 1


def _children(node: LexborNode, *tags: str) -> list[LexborNode]:
    found = []
    child = node.child
    while child is not None:
        if not tags or child.tag in tags:
            found.append(child)
        child = child.next
    return found
