"""Document: what a reader makes of bytes. Text lines and grids in reading order, each piece with its place.

Belongs here: the format-neutral records that every reader returns. Does not belong here: anything that knows the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.issues import Issue


class Locator(NamedTuple):
    """A place in a document, counted from 1; 0 means "does not apply".

    A named tuple like Cell, because a document has hundreds and a dataclass takes four times as long to make.

    Line-based formats use line/start/end (characters, end inclusive); tables of page-like formats use table/row/column,
    with page where the format has pages. str() is the stored form: `P2 T3 R5 C7` or `L120:12-14`.
    """

    page: int = 0
    table: int = 0
    row: int = 0
    column: int = 0
    line: int = 0
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        """The stored text form, parts that do not apply left out."""
        line = (f"L{self.line}:{self.start}-{self.end}" if self.start else f"L{self.line}") if self.line else ""
        # Most places are in lines of text, most others in tables
        if not (self.page or self.table):
            return line
        if self.table and self.row and self.column and not line:
            place = f"T{self.table} R{self.row} C{self.column}"
            return f"P{self.page} {place}" if self.page else place
        page, table = f"P{self.page}" if self.page else "", f"T{self.table}" if self.table else ""
        row, column = f"R{self.row}" if self.row else "", f"C{self.column}" if self.column else ""
        return " ".join(part for part in (page, table, row, column, line) if part)


@dataclass(frozen=True, slots=True)
class Text:
    """One line or paragraph outside any table, as printed; style is 'heading' or 'title' where the format says so."""

    text: str
    locator: Locator
    style: str = ""


class Cell(NamedTuple):
    """One printed table cell at its origin; spans say how many grid rows and columns it covers."""

    text: str
    row: int
    column: int
    locator: Locator
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """One table. cells are in reading order, one per printed cell; rows and columns count from 0."""

    cells: tuple[Cell, ...]
    row_count: int
    column_count: int
    # False where the columns come from separators in text: a row may then be shifted against its neighbours
    has_true_columns: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page to a file. number counts from 1 in page order, text and target are as the page has them.

    kind is an attachment_kind_code of the contract; target is relative or absolute and may lead nowhere.
    """

    number: int
    text: str
    target: str
    kind: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document in reading order. `metadata` holds what the head of a page says (ArticleTitle, PubDate, …).

    `links` are those to files, for pages; other formats have none.
    is_recognised: whether its characters were recognised in pictures, so that any of them may be another one.
    """

    blocks: tuple[Text | Grid, ...]
    reader: str
    reader_version: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    links: tuple[Link, ...] = ()
    is_recognised: bool = False
