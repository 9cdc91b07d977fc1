"""A table that one document prints more than once: the same again, or of the organ itself and of its whole region.

Belongs here: telling such copies apart and choosing the one that is the report's, where their headings or their numbers
say so. Does not belong here: single rows that are printed twice (tables.py), refusing a document (read.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.contract.editions import FormTable
from pipeline.issues import Issue, IssueCode
from pipeline.reports.identify import parse_title
from pipeline.reports.labels import RowLabels
from pipeline.reports.normalise import squeeze, squeeze_as_printed
from pipeline.reports.patterns import load_patterns
from pipeline.reports.vectors import Item, Stream, Vector

_LONGEST_CAPTION = 60
_CAPTIONS_QUOTED = 6
_FEWEST_SHARED = 3
# How far above a copy's first row its heading is looked for: the headings of columns and groups stand between
_CAPTION_REACH = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """The vectors to read the table from; captions of its copies where none of them could be chosen, () otherwise."""

    vectors: Sequence[Vector]
    captions: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class _Copy:
    """One copy: its vectors, the values by row, the scope that its heading names, '' for none, and that heading."""

    vectors: Sequence[Vector]
    rows: Mapping[int, tuple[str, ...]]
    scope: str
    caption: str


def choose_copy(table: FormTable, vectors: Sequence[Vector], stream: Stream) -> Choice:
    """The copy of a table that is the report's own; all vectors where there is one, or nothing tells them apart."""
    copies = list(_find_copies(table, vectors, stream))
    if len(copies) < 2:
        return Choice(vectors)
    if all(copy.rows == copies[0].rows for copy in copies) and len(_titles(stream)) < 2:
        return Choice(copies[0].vectors)
    captions = tuple(copy.caption for copy in copies)
    own = [copy for copy in copies if copy.scope == "own"]
    others = [copy for copy in copies if copy.scope == "aggregate"]
    if len(own) != 1 or len(own) + len(others) < len(copies):
        return Choice(vectors, captions)
    message = f"{table.code}: printed {len(copies)} times ({quote_captions(captions)}); only the organ's own was read"
    place = str(others[0].vectors[0].tokens[0].locator)
    return Choice(own[0].vectors, (), (Issue(IssueCode.VALUES_UNREAD, message, place),))


def quote_captions(captions: Sequence[str]) -> str:
    """The captions for a person to read."""
    return ", ".join(repr(caption) for caption in captions[:_CAPTIONS_QUOTED])


def _find_copies(table: FormTable, vectors: Sequence[Vector], stream: Stream) -> Iterator[_Copy]:
    """The copies in printed order: one ends where a row that it has already, by a label of its own, is printed again.

    None where single rows recur: copies have half of the rows in common.
    """
    matched = _match_rows(table, vectors)
    starts = [0]
    seen: set[int] = set()
    for i, row in enumerate(matched):
        if row in seen:
            starts.append(i)
            seen = set()
        if row >= 0:
            seen.add(row)
    spans = list(zip(starts, [*starts[1:], len(vectors)], strict=True))
    named = [{row: i for i, row in enumerate(matched[:end]) if row >= 0 and i >= start} for start, end in spans]
    shared = [len(rows.keys() & named[0].keys()) for rows in named]
    if len(spans) < 2 or min(shared) < max(_FEWEST_SHARED, max(map(len, named)) // 2):
        return
    previous = -1
    for (start, end), rows in zip(spans, named, strict=True):
        first, last = vectors[min(rows.values())], vectors[max(rows.values())]
        scope, caption = _find_scope(stream.items[previous + 1 : first.item])
        yield _Copy(vectors[start:end], {row: _raws(vectors[i]) for row, i in rows.items()}, scope, caption)
        previous = last.last_item


def _match_rows(table: FormTable, vectors: Sequence[Vector]) -> list[int]:
    """Per vector the one row that its label names exactly, -1 for none or several."""
    labels = RowLabels(table)
    found = [labels.match_exactly(vector.label) for vector in vectors]
    return [match[0][0] if match and len(match[0]) == 1 else -1 for match in found]


def _raws(vector: Vector) -> tuple[str, ...]:
    return tuple(squeeze(token.raw) for token in vector.values)


def _find_scope(items: Sequence[Item]) -> tuple[str, str]:
    """The scope that the nearest short text above a copy names, and that text; '' and the last line for none."""
    line = ""
    for item in reversed(items[-_CAPTION_REACH:]):
        for text in map(squeeze, item.texts):
            if not text or len(text) > _LONGEST_CAPTION or load_patterns().sentence_end.search(text):
                continue
            scope = next((s for s, pattern in load_patterns().table_scopes.items() if pattern.search(text)), "")
            if scope:
                return scope, text
            line = line or ("" if item.cells else text)
    return "", line


def _titles(stream: Stream) -> frozenset[tuple[str, int]]:
    """Whose reports of which years the lines of the document are titles of."""
    titles = (parse_title(squeeze_as_printed(text)) for item in stream.items for text in item.texts)
    return frozenset((t.agency, t.year) for t in titles if t and t.agency and t.year)
