"""Web pages to a Document: what a browser would show, in reading order.

Belongs here: the walk over the parsed page, tables as grids. Does not belong here: guards on the source
(page_guard.py), what is hidden (page_unseen.py), text in scripts (page_embedded.py), the head (page_head.py), span
layout (grid.py), which part of a page is the report (reports/ decides).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.documents import links
from pipeline.documents.encoding import REPLACEMENT, decode_text, report_damage
from pipeline.documents.grid import GridLimitError, SpanCell, expand_rows
from pipeline.documents.model import Document, Grid, Locator, Text
from pipeline.documents.page_embedded import find_embedded, has_own_text
from pipeline.documents.page_guard import check_page_limits, cut_unclosed
from pipeline.documents.page_head import complete_head, read_head
from pipeline.documents.page_unseen import find_hidden, find_unseen, group_by_style
from pipeline.documents.whitespace import collapse_whitespace
from pipeline.issues import Issue, IssueCode

VERSION = f"html/5+{links.VERSION}"

_SKIPPED = frozenset(["head", "title", "script", "style", "noscript", "template", "iframe", "noframes"])
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_CAPTIONS = frozenset(["caption"])
_ROW_GROUPS = frozenset(["tbody", "thead", "tfoot"])
_ROWS = frozenset(["tr"])
_CELLS = frozenset(["td", "th"])
_BLOCKS = (
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form header hgroup hr legend li main menu nav ol optgroup option p pre section select summary table td "
    "textarea th tr ul"
)
# Elements that begin a new line; everything else runs on within one
_BREAKING = _HEADINGS | _ROW_GROUPS | {"br"} | frozenset(_BLOCKS.split())
# What the parser calls a text node
_TEXT = "-text"
_STRUCK_ELEMENTS = "s, strike, del"
_STRUCK_STYLE = "line-through"
_DIGITS = "0123456789\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19"
# Raised and lowered digits are no digits of the number beside them
_RAISED = str.maketrans(_DIGITS, "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079" * 2)
_LOWERED = str.maketrans(_DIGITS, "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089" * 2)
_STRUCK = str.maketrans(dict.fromkeys(_DIGITS, REPLACEMENT))
_SPAN = re.compile(r"\s*(\d{1,9})")

# The pieces of text in one cell, and the rows of a table: such pieces with the cell's row span and column span
_Pieces = list[str]
_Rows = list[list[tuple[_Pieces, int, int]]]


def read_html(content: bytes) -> Document:
    """Visible text and tables of a page, metadata of its head, links to files (links.py).

    A Text is one line or block outside tables, its locator L<n> the n-th Text of the page (pages have no lines). A Grid
    is a table that holds no other table and has more than one column; any other table is layout, and its cells are read
    as text. Locators of cells are T R C from 1, tables counted as Grids. metadata['title'] is the first title, every
    other key the name of a meta tag as printed. A table over the limits of grid.py is left out with LIMIT_EXCEEDED.
    Where only a script holds the page's text (page_embedded.py), Texts, Grids and their places are those of that text.
    Raises DocumentRefused for bytes that are no text and for pages beyond the limits of page_guard.py.
    """
    decoded = decode_text(content)
    embedded = find_embedded(decoded.text)
    page, document = _read_source(embedded.frame if embedded else decoded.text)
    document = replace(document, issues=(*report_damage(decoded), *document.issues))
    if embedded is None or has_own_text(document.blocks):
        return document
    text = embedded.content
    damage = report_damage(replace(decoded, text=text, damaged_count=text.count(REPLACEMENT)))
    # The styles of the page around it hold for the text too
    _, inner = _read_source("".join(node.html or "" for node in page.css("style")) + text)
    return replace(
        inner,
        metadata=complete_head(document.metadata, embedded.record),
        issues=(*damage, *inner.issues),
        links=links.join_links(inner.links, document.links),
    )


def _read_source(text: str) -> tuple[LexborHTMLParser, Document]:
    source = text.replace("\0", "")
    check_page_limits(source)
    page = LexborHTMLParser(cut_unclosed(source))
    styled = group_by_style(page)
    (gone, invisible), unseen = find_hidden(page, styled), find_unseen(page, source)
    struck = [node for style, nodes in styled.items() if _STRUCK_STYLE in style.lower() for node in nodes]
    walk = _Walk(gone | unseen.gone, invisible | unseen.gone, _find_altered(page, struck, unseen.texts))
    if page.body is not None:
        walk.read(page.body)
    blocks, issues = _lay_out_tables(walk.found)
    return page, Document(blocks, "html", VERSION, read_head(page), tuple(issues), links.find_links(page))


def _lay_out_tables(found: list[Text | _Rows]) -> tuple[tuple[Text | Grid, ...], list[Issue]]:
    """The same with each table as a Grid, and the issues of those that are larger than any form."""
    blocks: list[Text | Grid] = []
    issues = []
    number = 0
    for piece in found:
        if isinstance(piece, Text):
            blocks.append(piece)
            continue
        number += 1
        rows = [[SpanCell(_join(texts), down, across) for texts, down, across in row] for row in piece]
        try:
            blocks.append(expand_rows(rows, table=number))
        except GridLimitError as error:
            place = str(Locator(table=number))
            issues.append(Issue(IssueCode.LIMIT_EXCEEDED, f"a table is left out whole: {error}", place))
    return tuple(blocks), issues


def _join(pieces: _Pieces) -> str:
    return collapse_whitespace("".join(pieces)) if pieces else ""


def _find_altered(page: LexborHTMLParser, struck: Iterable[LexborNode], unseen: Iterable[LexborNode]) -> dict[int, str]:
    """Text nodes that must not run into the number beside them, and what stands for them.

    A raised or lowered digit stays one; one that is struck out or unseen can be relied on no more, nor can its cell.
    """
    altered = {}
    for tag, digits in (("sup", _RAISED), ("sub", _LOWERED)):
        for node in page.css(tag):
            altered.update({text.mem_id: (text.text_content or "").translate(digits) for text in _texts_in(node)})
    for node in (*page.css(_STRUCK_ELEMENTS), *struck):
        altered.update({text.mem_id: (text.text_content or "").translate(_STRUCK) for text in _texts_in(node)})
    altered.update({text.mem_id: (text.text_content or "").translate(_STRUCK) for text in unseen})
    return altered


def _texts_in(node: LexborNode) -> list[LexborNode]:
    return [inner for inner in node.traverse(include_text=True) if inner.tag == _TEXT]


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the text of a block goes onto the page."""

    style: str = ""
    is_preformatted: bool = False


@dataclass(slots=True)
class _Walk:
    """One pass over a page: what was read so far, and the line that is being collected.

    Elements are known by the parser's numbers. The parser's own walk tells where they begin, not where they end. It
    need not: two texts stand in one line exactly when no block (an element that begins a new line) begins between them
    and the innermost block of both is the same.
    """

    gone: frozenset[int]
    unseen: frozenset[int]
    altered: Mapping[int, str] = field(default_factory=dict)
    found: list[Text | _Rows] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    style: str = ""
    text_count: int = 0
    # Element → the innermost block it is in, for a block itself
    block_of: dict[int, int] = field(default_factory=dict)
    # Block → how its text goes onto the page, or the cell it goes into
    target_of: dict[int, _Layout | _Pieces] = field(default_factory=dict)
    left_out: set[int] = field(default_factory=set)

    def read(self, root: LexborNode) -> None:
        """Collect every line and table below root."""
        self._note_block(root, _Layout())
        begins_line, previous = True, 0
        for node in root.traverse(include_text=True):
            if self.left_out and node.mem_id in self.left_out:
                continue
            tag = node.tag
            if tag == _TEXT:
                around = node.parent
                block = self.block_of.get(around.mem_id, 0) if around is not None else 0
                block = block or self._find_block(node)
                text = (self.altered and self.altered.get(node.mem_id)) or node.text_content or ""
                self._add_text(text, self.target_of[block], begins_line or block != previous)
                begins_line, previous = False, block
            elif tag in _SKIPPED or (self.unseen and node.mem_id in self.unseen):
                self._leave_out(node)
            elif tag in _BREAKING:
                begins_line = True
                self._begin_block(node, tag)
        self._end_line()

    def _begin_block(self, node: LexborNode, tag: str) -> None:
        if node.mem_id in self.block_of:  # the root, and cells, which are noted with their table
            return
        target = self.target_of[self._find_block(node)]
        if isinstance(target, _Layout):
            if tag in _HEADINGS:
                target = replace(target, style="heading")
            elif tag == "pre":
                target = replace(target, is_preformatted=True)
            elif tag == "table" and self._is_data_table(node):
                self._add_table(node, target)
                target = []  # between its cells a table prints nothing
        self._note_block(node, target)

    def _note_block(self, node: LexborNode, target: _Layout | _Pieces) -> None:
        number = node.mem_id
        self.block_of[number] = number
        self.target_of[number] = target

    def _find_block(self, node: LexborNode) -> int:
        """The innermost block around a node; noted for the elements between, so that no way is gone twice."""
        block_of = self.block_of
        passed = []
        number = 0
        around = node.parent
        while around is not None and (number := around.mem_id) not in block_of:
            passed.append(number)
            around = around.parent
        block = block_of[number]
        block_of.update(dict.fromkeys(passed, block))
        return block

    def _leave_out(self, node: LexborNode) -> None:
        self.left_out.update(inner.mem_id for inner in node.traverse(include_text=True))

    def _add_text(self, text: str, target: _Layout | _Pieces, begins_line: bool) -> None:
        if not isinstance(target, _Layout):
            # Where a browser would begin a new line inside a cell stands one space
            target.append(" " + text if begins_line else text)
            return
        if begins_line:
            self._end_line()
            self.style = target.style
        if target.is_preformatted and "\n" in text:
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
            self.found.append(Text(text, Locator(line=self.text_count), self.style))

    def _is_data_table(self, node: LexborNode) -> bool:
        if len(node.css("table")) > 1:
            return False
        rows = (row for group in _children(node, _ROW_GROUPS) for row in _children(group, _ROWS))
        return any(len(self._cells(row)) > 1 for row in rows)

    def _add_table(self, table: LexborNode, layout: _Layout) -> None:
        self._end_line()
        self.style = layout.style
        for caption in _children(table, _CAPTIONS):
            walk = _Walk(self.gone, self.unseen, self.altered)
            walk.read(caption)
            self.line.append(" ".join(text.text for text in walk.found if isinstance(text, Text)))
            self._end_line()
            self._leave_out(caption)
        self.found.append(self._table_rows(table))

    def _table_rows(self, table: LexborNode) -> _Rows:
        """The displayed rows of a table; a row span of 0 reaches to the end of its row group, and none further."""
        found = []
        for group in _children(table, _ROW_GROUPS):
            rows = [] if self._is_gone(group) else [row for row in _children(group, _ROWS) if not self._is_gone(row)]
            for number, row in enumerate(rows):
                left = len(rows) - number
                found.append([self._open_cell(cell, left) for cell in self._cells(row)])
        return found

    def _cells(self, row: LexborNode) -> list[LexborNode]:
        return [cell for cell in _children(row, _CELLS) if not self._is_gone(cell)]

    def _is_gone(self, node: LexborNode) -> bool:
        return bool(self.gone) and node.mem_id in self.gone

    def _open_cell(self, node: LexborNode, rows_left: int) -> tuple[_Pieces, int, int]:
        # Of an invisible cell nothing will be seen, but it keeps its place
        pieces: _Pieces = []
        self._note_block(node, pieces)
        attributes = node.attributes
        row_span = _parse_span(attributes.get("rowspan"))
        return pieces, min(row_span or rows_left, rows_left), _parse_span(attributes.get("colspan")) or 1


def _parse_span(printed: str | None) -> int:
    digits = _SPAN.match(printed) if printed else None
    return int(digits[1]) if digits else 1


def _children(node: LexborNode, tags: frozenset[str]) -> list[LexborNode]:
    return [child for child in node.iter() if child.tag in tags]
