"""Plain text, TSV and Markdown to a Document.

Belongs here: lines with their real numbers, headings marked with '#', and which lines run together into a table.
Does not belong here: how a row is cut into cells (delimited.py) and any guess at columns that no separator marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from pipeline.documents.delimited import (
    Line,
    LineKind,
    classify_line,
    find_excess,
    has_many_inner_pipes,
    read_run,
)
from pipeline.documents.encoding import decode_text, report_damage
from pipeline.documents.model import Document, Grid, Locator, Text
from pipeline.documents.refusal import DocumentRefused
from pipeline.documents.whitespace import trim_span
from pipeline.issues import Issue, IssueCode

VERSION = "text/1"
# The longest reports have some thousand
MAX_LINES = 100_000

# Not str.splitlines: it also breaks at form feeds and separators, and the numbers would differ from an editor's
_LINE_END = re.compile(r"\r\n|\r|\n")
_HEADING_MARKS = re.compile(r"#{1,6}[ \t\u3000]+(?=\S)")


def read_text(content: bytes) -> Document:
    """Every line of the file in order: rows as Grids, all other lines that print something as Texts.

    Locators are L<line>:<first>-<last character>, counted from 1 in the decoded line (a byte order mark is no
    character). Raises DocumentRefused when the bytes are no text, or too many lines.
    """
    decoded = decode_text(content)
    issues = list(report_damage(decoded))
    _check_line_count(decoded.text)
    lines = [Line(number, raw) for number, raw in enumerate(_LINE_END.split(decoded.text), start=1)]
    blocks: list[Text | Grid] = []
    for kind, run in _find_runs(lines):
        excess = "" if kind is LineKind.TEXT else find_excess(run, kind)
        grid = None if kind is LineKind.TEXT or excess else read_run(run, kind)
        if excess:
            message = f"rows of cells left as lines of text: {excess}"
            issues.append(Issue(IssueCode.LIMIT_EXCEEDED, message, str(Locator(line=run[0].number))))
        if grid is None:
            blocks.extend(text for line in run if (text := _read_line(line, kind)))
        elif grid.cells:
            blocks.append(grid)
    return Document(tuple(blocks), "text", VERSION, {}, tuple(issues))


def _check_line_count(text: str) -> None:
    count = 1 + sum(1 for _ in islice(_LINE_END.finditer(text), MAX_LINES))
    if count > MAX_LINES:
        message = f"the text has more than {MAX_LINES} lines; not read, look for the report by itself"
        raise DocumentRefused(IssueCode.LIMIT_EXCEEDED, message)


def _read_line(line: Line, kind: LineKind) -> Text | None:
    start, end = trim_span(line.raw, 0, len(line.raw))
    if start == end:
        return None
    marks = _HEADING_MARKS.match(line.raw, start, end) if kind is LineKind.TEXT else None
    if marks:
        start = marks.end()
    place = Locator(line=line.number, start=start + 1, end=end)
    return Text(line.raw[start:end], place, "heading" if marks else "")


def _find_runs(lines: Sequence[Line]) -> Iterator[tuple[LineKind, list[Line]]]:
    """Lines that belong together, in order: each line of text by itself, consecutive rows of one kind as one run."""
    run: list[Line] = []
    run_kind = LineKind.TEXT
    for line, kind in _settle_kinds(lines):
        if run and (kind is not run_kind or kind is LineKind.TEXT):
            yield run_kind, run
            run = []
        run_kind = kind
        run.append(line)
    if run:
        yield run_kind, run


def _settle_kinds(lines: Sequence[Line]) -> Iterator[tuple[Line, LineKind]]:
    """Each line with its kind: TEXT, TABS or PIPES, the doubtful ones decided by their neighbours.

    Blank lines are left out, so they end no run. A line of nothing but tabs is a row of blanks below a row of tabs, and
    a blank line anywhere else.
    """
    printed = [(line, classify_line(line.raw)) for line in lines if "\t" in line.raw or _prints(line)]
    previous = LineKind.TEXT
    ends_cell = False
    for index, (line, kind) in enumerate(printed):
        settled = kind
        if ends_cell:
            ends_cell = False
            continue
        if kind is LineKind.TABS and previous is not kind and not _prints(line):
            continue
        if kind is LineKind.LONE_PIPE:
            settled = LineKind.PIPES
        elif kind is LineKind.INNER_PIPES:
            is_row = previous is LineKind.PIPES or has_many_inner_pipes(line.raw)
            settled = LineKind.PIPES if is_row else LineKind.TEXT
        elif kind is LineKind.TEXT:
            # Words whose pipe stands alone on the next line are one cell, and that pipe is its end
            ends_cell = index + 1 < len(printed) and printed[index + 1][1] is LineKind.LONE_PIPE
            settled = LineKind.PIPES if ends_cell else kind
        yield line, settled
        previous = settled


def _prints(line: Line) -> bool:
    start, end = trim_span(line.raw, 0, len(line.raw))
    return start < end
