"""Where each section and each table of the form begins and ends in a document.

Belongs here: finding headings and table anchors among the items, and the section texts between them.
Does not belong here: reading rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from pipeline.contract.editions import Edition
from pipeline.reports.model import Section
from pipeline.reports.normalise import compact_label, label_behind_ordinal, letters_of
from pipeline.reports.patterns import load_patterns
from pipeline.reports.vectors import Item, Stream

_LONGEST_HEADING = 60
# Headings tolerate fewer wrong characters than row labels: nothing but their words tells them from a sentence
_CHARACTERS_PER_ERROR = 8


@dataclass(frozen=True, slots=True)
class Mark:
    """A heading or an anchor: from this item on, the document is in this section (and, after an anchor, this table)."""

    item: int
    section: str
    table: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Zones:
    """sections[i], tables[i]: the section and table item i stands in, '' for neither; headings in printed order."""

    sections: tuple[str, ...]
    tables: tuple[str, ...]
    headings: tuple[Mark, ...]


def find_zones(stream: Stream, edition: Edition) -> Zones:
    """The section and table of every item.

    A table begins at its anchor; where none is printed, at its section's heading. What stands between the two is text,
    and may well mention numbers beside the words of a row.
    """
    marks = {mark.item: mark for mark in _find_marks(stream.items, edition)}
    anchored = {mark.table for mark in marks.values()}
    table_of_section = {t.section: t.code for t in edition.tables if t.code not in anchored}
    section = table = ""
    sections, tables = [], []
    for item in stream.items:
        mark = marks.get(item.index)
        if mark is not None:
            section = mark.section or section
            table = mark.table or table_of_section.get(mark.section, "")
        sections.append(section)
        tables.append(table)
    return Zones(tuple(sections), tuple(tables), tuple(m for m in marks.values() if m.heading))


def read_sections(stream: Stream, zones: Zones, last_value: Mapping[str, int]) -> tuple[Section, ...]:
    """The narrative of each section found: the longest where a heading is printed twice (tables of contents).

    last_value gives, per table, the item of its last value: what stands in the table is no narrative.
    """
    found: dict[str, Section] = {}
    starts = [mark.item for mark in zones.headings] + [_find_end(stream.items, zones)]
    for mark, end in zip(zones.headings, starts[1:], strict=True):
        lines = [i.text for i in stream.items[mark.item + 1 : end] if _is_narrative(i, zones, last_value)]
        first = stream.items[mark.item]
        body = "\n".join(line for line in lines if line)
        if len(body) >= len(found[mark.section].body if mark.section in found else ""):
            found[mark.section] = Section(mark.section, mark.heading, body, str(first.locator))
    return tuple(found[code] for code in sorted(found))


def _find_end(items: Sequence[Item], zones: Zones) -> int:
    """The item at which the last section ends: the page's own footer, or what comes after the last item."""
    footer = load_patterns().page_footer
    last = zones.headings[-1].item if zones.headings else len(items)
    return next((i.index for i in items[last + 1 :] if not i.cells and footer.search(i.squeezed)), len(items))


def _is_narrative(item: Item, zones: Zones, last_value: Mapping[str, int]) -> bool:
    if item.cells:
        return False
    table = zones.tables[item.index]
    return not table or item.index > last_value.get(table, len(zones.tables))


def _find_marks(items: Sequence[Item], edition: Edition) -> Iterator[Mark]:
    anchors = [(anchor, table) for table in edition.tables for anchor in table.anchors]
    any_anchor = tuple(anchor for anchor, _ in anchors)
    headings = _find_headings(items, edition)
    section = table = ""
    group_labels = {t.code: {compact_label(label) for label in t.group_labels} for t in edition.tables}
    for item in items:
        heading = headings.get(item.index)
        # The table's own groups may be named like sections of the report
        if heading and item.compact not in group_labels.get(table, ()):
            section, table = heading, ""
            yield Mark(item.index, heading, "", item.text)
            continue
        if not item.compact.startswith(any_anchor):
            continue
        anchored = next(t for anchor, t in anchors if item.compact.startswith(anchor))
        if anchored.code != table:
            section, table = anchored.section, anchored.code
            yield Mark(item.index, section, table)


def _find_headings(items: Sequence[Item], edition: Edition) -> dict[int, str]:
    """Item → the section whose heading it prints.

    A part of one section may be named like another section: of the lines that name a section, those whose ordinals are
    of the highest level printed are its headings.
    """
    labels = {label: section.code for section in edition.sections for label in section.labels}
    found = {item.index: code for item in items if (code := _heading_section(item, items, labels))}
    groups = {compact_label(label) for table in edition.tables for label in table.group_labels}
    levels = {index: _heading_level(items[index]) for index in found}
    highest: dict[str, int] = {}
    for index, code in found.items():
        # A group of rows inside a table may be named so too, and says nothing about the text's own levels
        if items[index].compact not in groups:
            highest[code] = min(levels[index], highest.get(code, levels[index]))
    return {index: code for index, code in found.items() if levels[index] <= highest.get(code, levels[index])}


def _heading_level(item: Item) -> int:
    """0 for a heading without an ordinal or with one of the first level, more for ordinals of parts."""
    levels = load_patterns().ordinal_levels
    return next((level for level, pattern in enumerate(levels, 1) if pattern.match(item.squeezed)), 0)


def _heading_section(item: Item, items: Sequence[Item], headings: Mapping[str, str]) -> str:
    """The section whose heading this item prints, alone or wrapped onto the next line; '' for none."""
    is_short = len(item.compact) > 1 and len(item.squeezed) <= _LONGEST_HEADING
    if not is_short or (item.cells and _printed_cells(item) != 1):
        return ""
    ordinal = load_patterns().ordinal.match(item.squeezed)
    first_word = item.text.split(maxsplit=1)[0]
    if ordinal is None:
        return headings.get(item.compact) or headings.get(compact_label(first_word), "")
    whole = item.compact[len(letters_of(ordinal[0])) :]
    labels = [whole, label_behind_ordinal(first_word)]
    if not item.cells and item.index + 1 < len(items):
        following = items[item.index + 1]
        is_next_short = len(following.squeezed) <= _LONGEST_HEADING
        labels.append(
            whole + (following.compact if is_next_short else letters_of(following.squeezed[:_LONGEST_HEADING]))
        )
    exact = next((headings[label] for label in labels if label in headings), "")
    if exact:
        return exact
    officials = tuple(headings)
    official = next((found for label in labels if (found := _closest(label, officials))), "")
    return headings.get(official, "")


def _printed_cells(item: Item) -> int:
    return sum(1 for text in item.texts if text.strip())


@lru_cache(maxsize=4096)
def _closest(printed: str, officials: tuple[str, ...]) -> str:
    """The first heading that differs in few characters, '' for none; the rows of tables ask this again and again."""
    for official in officials:
        allowed = len(official) // _CHARACTERS_PER_ERROR
        comparable = allowed and abs(len(printed) - len(official)) <= allowed
        if comparable and Levenshtein.distance(printed, official, score_cutoff=allowed) <= allowed:
            return official
    return ""
