"""PDF files with a text layer to a Document: tables as grids, everything else as lines of text, in reading order.

Belongs here: opening the file, refusing what cannot be read, the order of the steps. Does not belong here: any step.
pdfium is not safe in threads, and a malicious file can end the process: read untrusted files in worker processes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import pypdfium2 as pdfium

from pipeline.documents.encoding import REPLACEMENT
from pipeline.documents.grid import GridLimitError
from pipeline.documents.model import Cell, Document, Grid, Locator, Text
from pipeline.documents.pdf_borderless import read_borderless
from pipeline.documents.pdf_lines import Line, read_lines
from pipeline.documents.pdf_margins import TextPage, drop_margin_lines
from pipeline.documents.pdf_notes import flatten_notes
from pipeline.documents.pdf_page import PrintedPage, read_page
from pipeline.documents.pdf_rulings import find_frames
from pipeline.documents.pdf_stitch import stitch_tables
from pipeline.documents.pdf_struck import mark_struck
from pipeline.documents.pdf_tables import PrintedTable, read_tables
from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import Issue, IssueCode

VERSION = "pdf/4"
MAX_BYTES = 20 * 1024 * 1024
MAX_PAGES = 60

# A page number or a stamp over a scan is not its text
_FEWEST_CHARACTERS = 20
# Of a page without text, how much a picture must cover to be a scan of it
_SCAN_SHARE = 0.3
_LENGTH_STATED = re.compile(rb"/Linearized\b[^>]{0,200}?/L\s+(\d{1,10})")
_OBJECT = re.compile(rb"\b\d+ \d+ obj\b")


@dataclass(frozen=True, slots=True)
class LaidOutPage:
    """One page read by itself: its tables, and its lines of text outside them."""

    printed: PrintedPage
    tables: tuple[PrintedTable, ...]
    lines: tuple[Line, ...]
    issues: tuple[Issue, ...]


def read_pdf(content: bytes) -> Document:
    """Lines and tables of a PDF in reading order, tables that go on over pages in one Grid.

    A Text is one printed line, its locator P<page> L<n> the n-th line of the page outside tables. Locators of cells are
    P T R C: the n-th table of the page, its row on that page, and the column in the whole table. Page numbers and
    repeated heads and feet are left out. Raises DocumentRefused with DAMAGED_FILE, LIMIT_EXCEEDED, or NEEDS_OCR where
    no page has text.
    """
    _check_file(content)
    try:
        with closing(pdfium.PdfDocument(content)) as file:
            _check_page_count(len(file))
            pages = [_read_page(file, index) for index in range(len(file))]
    except pdfium.PdfiumError as error:
        message = f"the PDF cannot be opened: {error}; look for a copy that opens without a password or an error"
        raise DocumentRefused(IssueCode.DAMAGED_FILE, message) from error
    issues = (*(issue for page in pages for issue in page.issues), *_report_unread(pages))
    return Document(tuple(write_blocks(pages)), "pdf", VERSION, {}, issues)


def _check_file(content: bytes) -> None:
    """What can be known before pdfium sees the file."""
    if len(content) > MAX_BYTES:
        message = f"the file has {len(content)} bytes, the limit is {MAX_BYTES}; look for the report by itself"
        raise DocumentRefused(IssueCode.LIMIT_EXCEEDED, message)
    stated = _LENGTH_STATED.search(content, 0, 2048)
    tail = content[content.rfind(b"%%EOF") :] if b"%%EOF" in content else b"1 0 obj"
    if (stated and int(stated[1]) > len(content)) or _OBJECT.search(tail):
        message = f"the PDF breaks off after {len(content)} bytes; fetch it again from its origin"
        raise DocumentRefused(IssueCode.DAMAGED_FILE, message)


def _check_page_count(count: int) -> None:
    if count > MAX_PAGES:
        message = f"the PDF has {count} pages, the limit is {MAX_PAGES}; look for the report by itself"
        raise DocumentRefused(IssueCode.LIMIT_EXCEEDED, message)


def _read_page(file: pdfium.PdfDocument, index: int) -> LaidOutPage:
    with closing(file[index]) as page:
        if not flatten_notes(page):
            return lay_out_page(read_page(page, index + 1), are_places_exact=True)
    with closing(file[index]) as page:
        return lay_out_page(read_page(page, index + 1), are_places_exact=True)


def lay_out_page(printed: PrintedPage, *, are_places_exact: bool) -> LaidOutPage:
    """The page's characters in tables and lines; a page with more lines than any table has gives an issue.

    are_places_exact: whether tables without ruling lines are looked for too; they show by small distances alone.
    """
    issues: tuple[Issue, ...] = ()
    try:
        frames = find_frames(printed.rulings)
    except GridLimitError as excess:
        frames = []
        message = f"tables left as lines of text: {excess}"
        issues = (Issue(IssueCode.LIMIT_EXCEEDED, message, str(Locator(page=printed.number))),)
    characters = tuple(mark_struck(printed.characters, printed.rulings))
    tables, outside = read_tables(characters, frames, printed.number)
    if are_places_exact:
        borderless, outside = read_borderless(outside, printed, len(tables) + 1)
        tables = [*tables, *borderless]
    lines = tuple(read_lines(outside))
    return LaidOutPage(replace(printed, characters=characters), tuple(tables), lines, issues)


def _report_unread(pages: Sequence[LaidOutPage]) -> Iterator[Issue]:
    """What is printed and was not read: pictures of text, characters without a code, numbers at an angle."""
    counts = [len(page.printed.characters) for page in pages]
    if sum(counts) < _FEWEST_CHARACTERS:
        message = f"the PDF has {len(pages)} pages and no text in them (a scan); look for a copy that is not a picture"
        raise DocumentRefused(IssueCode.NEEDS_OCR, message)
    for page, count in zip(pages, counts, strict=True):
        printed = page.printed
        place = str(Locator(page=printed.number))
        if count < _FEWEST_CHARACTERS and printed.picture_share > _SCAN_SHARE:
            yield Issue(IssueCode.NEEDS_OCR, f"page {printed.number} is a picture and was not read", place)
        damaged = sum(1 for character in printed.characters if character.text == REPLACEMENT)
        if damaged:
            message = f"{damaged} of {count} characters of page {printed.number} are struck out or have no known code"
            yield Issue(IssueCode.DAMAGED_TEXT, message, place)
        if any(character.isdigit() for character in printed.tilted):
            message = f"page {printed.number} prints numbers at an angle to its text: {printed.tilted[:40]!r}"
            yield Issue(IssueCode.VALUES_UNREAD, message, place)


def write_blocks(pages: Sequence[LaidOutPage]) -> Iterator[Text | Grid]:
    """The blocks of all pages in reading order, tables stitched, margin lines left out."""
    text_pages = [TextPage(page.lines, page.printed.bottom, page.printed.top) for page in pages]
    open_table: PrintedTable | None = None
    for page, lines in zip(pages, drop_margin_lines(text_pages), strict=True):
        number = page.printed.number
        parts: list[tuple[float, PrintedTable | Text]] = [(table.top, table) for table in page.tables]
        parts.extend((line.top, Text(line.text, Locator(page=number, line=n))) for n, line in lines)
        for _, part in sorted(parts, key=lambda placed: -placed[0]):
            joined = stitch_tables(open_table, part) if open_table and isinstance(part, PrintedTable) else None
            if joined is None and open_table is not None:
                yield _write_grid(open_table)
            if isinstance(part, Text):
                open_table = None
                yield part
            else:
                open_table = joined or part
    if open_table is not None:
        yield _write_grid(open_table)


def _write_grid(table: PrintedTable) -> Grid:
    """The table as a Grid; an open mark of damage stays in its cell's text."""
    cells = (
        Cell(
            cell.text,
            cell.row,
            cell.column,
            Locator(page=cell.page, table=cell.table, row=cell.printed_row, column=cell.column + 1),
            cell.row_span,
            cell.column_span,
        )
        for cell in sorted(table.cells, key=lambda c: (c.row, c.column))
    )
    return Grid(tuple(cells), table.row_count, len(table.edges) - 1)
