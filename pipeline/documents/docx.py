"""Word documents (DOCX) to a Document, in reading order.

Belongs here: the walk over the body, layout tables, text boxes, metadata. Does not belong here: the package
(docx_package.py), the text of a paragraph (docx_text.py), where cells stand (docx_table.py). Headers, footers,
footnotes and comments are other parts of the file and are not read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from pipeline.documents.docx_markup import BODY, TABLE, TRACKED_CHANGES, W
from pipeline.documents.docx_package import Package, open_package
from pipeline.documents.docx_styles import Styles, read_styles
from pipeline.documents.docx_table import is_data_table, place_cells, read_table
from pipeline.documents.docx_text import Paragraph, read_blocks
from pipeline.documents.grid import GridLimitError
from pipeline.documents.model import Document, Grid, Locator, Text
from pipeline.documents.refusal import DocumentRefused
from pipeline.documents.whitespace import collapse_whitespace
from pipeline.issues import Issue, IssueCode

VERSION = "docx/2"

_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
# Not 'title': offices fill in last year's file, and its properties go on naming the year and the body of that one
_PROPERTIES = {"document_title": f"{_DUBLIN_CORE}title", "document_created": f"{_TERMS}created"}


def read_docx(content: bytes) -> Document:
    """Printed text and tables of a Word document as its last author left it: insertions in, deletions out.

    A Text is one line of a paragraph (breaks end a line) outside tables, its locator L<n> the n-th Text; its style says
    whether Word takes it for a heading or title. A Grid is a table that holds no other table and has a row with several
    cells; any other table is layout, and its cells are read as text. Locators of cells are T R C from 1, tables counted
    as Grids, columns without slivers. Text boxes are read after the paragraph or table they are tied to. Digits that
    are raised or lowered come as such characters, struck ones as U+FFFC, so neither joins the number beside it.
    A table over the limits of grid.py is left out with LIMIT_EXCEEDED, content embedded in another format with
    MEDIA_UNSUPPORTED; changes still tracked give TRACKED_CHANGES. Raises DocumentRefused: DAMAGED_FILE, LIMIT_EXCEEDED,
    or NEEDS_OCR for nothing but pictures.
    """
    package = open_package(content)
    body = package.document.find(BODY)
    if package.document.tag != f"{W}document" or body is None:
        raise DocumentRefused(
            IssueCode.DAMAGED_FILE,
            "the main part is no Word document with a body; the bytes stay archived, look for another copy",
        )
    walk = _Walk(read_styles(package.styles))
    walk.read(body)
    if next(body.iter(*TRACKED_CHANGES), None) is not None:
        message = "changes are still tracked in the document; it was read as if all of them were accepted"
        walk.issues.append(Issue(IssueCode.TRACKED_CHANGES, message))
    if package.has_pictures and not walk.blocks and not walk.issues:
        raise DocumentRefused(
            IssueCode.NEEDS_OCR,
            "the document holds pictures and not one character of text; the bytes stay archived, look for a copy with "
            "text",
        )
    return Document(tuple(walk.blocks), "docx", VERSION, _read_metadata(package), tuple(walk.issues))


def _read_metadata(package: Package) -> dict[str, str]:
    if package.properties is None:
        return {}
    found = {name: package.properties.findtext(tag) for name, tag in _PROPERTIES.items()}
    return {name: text for name, printed in found.items() if (text := collapse_whitespace(printed or ""))}


@dataclass(slots=True)
class _Walk:
    """One pass over a document: the blocks and issues so far."""

    styles: Styles
    blocks: list[Text | Grid] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    text_count: int = 0
    table_count: int = 0

    def read(self, container: etree._Element) -> None:
        """Collect every block in a container; nesting is bounded by the depth at which the XML was refused."""
        for block in read_blocks(container, self.styles):
            if isinstance(block, Paragraph):
                self._add_paragraph(block)
            elif block.tag == TABLE:
                self._add_table(block)
            else:
                message = f"content embedded in another format ({_local_name(block)}) was not read; look for a copy"
                self.issues.append(Issue(IssueCode.MEDIA_UNSUPPORTED, f"{message} saved as one document"))

    def _add_paragraph(self, paragraph: Paragraph) -> None:
        for line in paragraph.text.split("\n"):
            text = collapse_whitespace(line)
            if text:
                self.text_count += 1
                self.blocks.append(Text(text, Locator(line=self.text_count), paragraph.style))
        for box in paragraph.boxes:
            self.read(box)

    def _add_table(self, table: etree._Element) -> None:
        is_data = is_data_table(table)
        self.table_count += is_data
        boxes: list[etree._Element] = []
        try:
            if is_data:
                self.blocks.append(read_table(table, self.table_count, lambda cell: self._read_cell(cell, boxes)))
            else:
                for cell in place_cells(table):
                    self.read(cell.element)
        except GridLimitError as error:
            place = str(Locator(table=self.table_count)) if is_data else ""
            self.issues.append(Issue(IssueCode.LIMIT_EXCEEDED, f"a table is left out whole: {error}", place))
        for box in boxes:
            self.read(box)

    def _read_cell(self, cell: etree._Element, boxes: list[etree._Element]) -> str:
        """The text of a cell in one line, its paragraphs and breaks one space apart; its text boxes go to `boxes`."""
        lines = []
        for block in read_blocks(cell, self.styles):
            if isinstance(block, Paragraph):
                lines.append(block.text)
                boxes.extend(block.boxes)
        return collapse_whitespace("\n".join(lines))


def _local_name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)
