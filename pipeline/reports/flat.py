"""Tables that were flattened into one run of text, cut apart again at the words of the form.

Belongs here: finding the form's own labels inside long lines and cutting the line before and after each of them.
Does not belong here: cutting digits (glued.py); a cut here never falls inside a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from pipeline.contract.editions import Edition, FormTable, edition_by_code
from pipeline.documents.model import Document, Grid, Text
from pipeline.reports.patterns import load_patterns

# A line is flat when it is long and prints this many different rows of the form
_LEAST_LENGTH = 200
_LEAST_LABELS = 8
# What may stand between two characters of a label: spaces and punctuation, no letters, no digits
_GAP = r"[^\w]*"
# A bracket or quotation mark that closes behind the label
_CLOSING = r"[)）”\"]*"
_LEAST_PLAIN_LABEL = 3


def unfold(document: Document, edition: Edition) -> Document:
    """The document with every flat line cut into the form's labels and what stands between them, places kept."""
    if not any(isinstance(block, Text) and len(block.text) >= _LEAST_LENGTH for block in document.blocks):
        return document
    labels = _label_pattern(edition.code)
    blocks: list[Text | Grid] = []
    for block in document.blocks:
        if isinstance(block, Text) and _is_flat(block.text, labels):
            blocks.extend(_cut(block, labels))
        else:
            blocks.append(block)
    return replace(document, blocks=tuple(blocks))


def _is_flat(text: str, labels: re.Pattern[str]) -> bool:
    if len(text) < _LEAST_LENGTH:
        return False
    return len({match["label"] for match in labels.finditer(text)}) >= _LEAST_LABELS


def _cut(block: Text, labels: re.Pattern[str]) -> Iterator[Text]:
    position = 0
    for match in labels.finditer(block.text):
        yield from _cut_numbers(block, position, match.start())
        yield from _piece(block, match.start(), match.end())
        position = match.end()
    yield from _cut_numbers(block, position, len(block.text))


def _cut_numbers(block: Text, start: int, end: int) -> Iterator[Text]:
    """What stands between two labels: the first one's unit and numbers, words, the numbers right before the second."""
    patterns = load_patterns()
    unit = patterns.unit_before_number.match(block.text, start, end)
    if unit:
        yield from _piece(block, start, unit.end())
        start = unit.end()
    leading = patterns.number_run.match(block.text, start, end)
    middle = leading.end() if leading else start
    trailing = patterns.trailing_numbers.search(block.text[middle:end])
    last = middle + trailing.start() if trailing else end
    yield from _piece(block, start, middle)
    yield from _piece(block, middle, last)
    yield from _piece(block, last, end)


def _piece(block: Text, start: int, end: int) -> Iterator[Text]:
    raw = block.text[start:end]
    text = raw.strip()
    if text:
        first = (block.locator.start or 1) + start + raw.index(text)
        yield Text(text, block.locator._replace(start=first, end=first + len(text) - 1))


@cache
def _label_pattern(edition_code: str) -> re.Pattern[str]:
    """All headings, block captions and row labels of an edition, longest first, with the ordinals before them."""
    edition = edition_by_code(edition_code)
    patterns = load_patterns()
    headings = [label for section in edition.sections for label in section.labels if len(label) > _LEAST_PLAIN_LABEL]
    plain = [*headings, *(label for table in edition.tables for label in _row_labels(table))]
    words = [
        patterns.block_caption,
        f"(?:{patterns.ordinal_of_label})?(?:{_any_of(plain)})",
        f"(?:{patterns.ordinal_of_label})(?:{_any_of(_short_labels(edition))})",
    ]
    return re.compile(f"(?P<label>{'|'.join(words)}){_CLOSING}")


def _row_labels(table: FormTable) -> Iterator[str]:
    """Labels that can be told from ordinary words without the ordinal before them."""
    if table.layout == "labelled_rows":
        for row in table.rows:
            has_ordinal = row.label_zh != row.labels[0]
            yield from (label for label in row.labels if len(label) >= _LEAST_PLAIN_LABEL or not has_ordinal)


def _short_labels(edition: Edition) -> Iterator[str]:
    for table in edition.tables:
        if table.layout == "labelled_rows":
            plain = set(_row_labels(table))
            yield from (label for row in table.rows for label in row.labels if label not in plain)


def _any_of(labels: Iterable[str]) -> str:
    """One of the labels, the longest that fits, whatever spaces and punctuation stand between its characters."""
    longest_first = sorted(set(labels), key=len, reverse=True)
    return "|".join(_GAP.join(re.escape(character) for character in label) for label in longest_first)
