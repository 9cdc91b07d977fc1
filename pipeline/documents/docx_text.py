"""The text of one paragraph as Word prints it.

Belongs here: runs, tracked changes, hidden text, fields, breaks, and text boxes found on the way.
Does not belong here: tables, and what follows what in the document (docx.py). Numbers that Word counts itself
(lists, footnotes, pages) are in no paragraph and are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from pipeline.documents.docx_markup import (
    ALTERNATE_CONTENT,
    FOREIGN_CONTENT,
    PARAGRAPH,
    PARAGRAPH_PROPERTIES,
    RUN_PROPERTIES,
    TABLE,
    UNPRINTED,
    W,
    choose_alternative,
    find_printed,
    is_on,
    read_value,
)
from pipeline.documents.docx_styles import NO_EFFECTS, Effects, Styles, outline_kind, read_effects

# Stands where something is printed that has no characters: a formula, a picture character, a digit struck out
UNREADABLE = "\ufffc"

_RUN, _TEXT, _FIELD_MARK, _TEXT_BOX = f"{W}r", f"{W}t", f"{W}fldChar", f"{W}txbxContent"
_FORMULA = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
_LITERALS = {
    f"{W}tab": "\t",
    f"{W}ptab": "\t",
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-",
    f"{W}sym": UNREADABLE,
    _FORMULA: UNREADABLE,
}
# Readings printed above a word (w:rt) and the former text of a change would run into the words themselves
_LEFT_OUT = UNPRINTED | {f"{W}rt"}
_DIGITS = "0123456789\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19"
_RAISED = str.maketrans(_DIGITS, "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079" * 2)
_LOWERED = str.maketrans(_DIGITS, "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089" * 2)
# White words are headings on a dark ground; whether a white number is seen nobody can tell
_NUMBER = re.compile(r"^[\s\d.,]*$")
_STRUCK = str.maketrans(dict.fromkeys(_DIGITS, UNREADABLE))
_BLOCKS = frozenset([PARAGRAPH, TABLE, *FOREIGN_CONTENT])


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: its text with a line feed at each break, 'heading', 'title' or '', and the text boxes in it."""

    text: str
    style: str = ""
    boxes: tuple[etree._Element, ...] = ()


def read_blocks(container: etree._Element, styles: Styles) -> Iterator[Paragraph | etree._Element]:
    """What a container prints in order: its paragraphs read, tables and foreign content as elements.

    A paragraph whose end was deleted as a tracked change goes on in the next one.
    """
    begun: list[Paragraph] = []
    for block in find_printed(container, _BLOCKS):
        if block.tag != PARAGRAPH:
            yield from _join(begun)
            begun = []
            yield block
            continue
        properties = block.find(PARAGRAPH_PROPERTIES)
        begun.append(_read_paragraph(block, properties, styles))
        if not _has_deleted_end(properties):
            yield from _join(begun)
            begun = []
    yield from _join(begun)


def _join(begun: list[Paragraph]) -> Iterator[Paragraph]:
    if len(begun) < 2:
        yield from begun
        return
    boxes = tuple(box for part in begun for box in part.boxes)
    yield Paragraph("".join(part.text for part in begun), begun[-1].style, boxes)


def _has_deleted_end(properties: etree._Element | None) -> bool:
    mark = properties.find(RUN_PROPERTIES) if properties is not None else None
    return mark is not None and (read_value(mark, "del") is not None or read_value(mark, "moveFrom") is not None)


def _read_paragraph(element: etree._Element, properties: etree._Element | None, styles: Styles) -> Paragraph:
    name = read_value(properties, "pStyle") or ""
    kind = outline_kind(properties)
    collected = _Collected(styles, styles.effects.get(name, NO_EFFECTS))
    collected.add_content(element)
    return Paragraph(
        "".join(collected.parts), styles.kinds.get(name, "") if kind is None else kind, tuple(collected.boxes)
    )


@dataclass(slots=True)
class _Collected:
    """One paragraph being read: its text so far, its text boxes, and for each open field whether its code goes on."""

    styles: Styles
    inherited: Effects
    parts: list[str] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)
    codes: list[bool] = field(default_factory=list)

    def add_content(self, element: etree._Element, effects: Effects = NO_EFFECTS) -> None:
        """Add what the children of an element print, whatever wraps it."""
        for child in element:
            tag = child.tag
            if tag == _TEXT:
                self._add_text(child.text or "", effects)
            elif tag == _RUN:
                self._add_run(child)
            elif tag in _LITERALS:
                self._add_text(_LITERALS[tag], effects)
            elif tag == _FIELD_MARK:
                self._note_field(str(child.get(f"{W}fldCharType")))
            elif tag == _TEXT_BOX:
                self.boxes.append(child)
            elif tag == ALTERNATE_CONTENT:
                for alternative in choose_alternative(child):
                    self.add_content(alternative, effects)
            elif tag not in _LEFT_OUT and len(child):
                self.add_content(child, effects)

    def _add_run(self, run: etree._Element) -> None:
        properties = run.find(RUN_PROPERTIES)
        effects = read_effects(properties)
        if self.styles.effects:
            named = self.styles.effects.get(read_value(properties, "rStyle") or "", NO_EFFECTS)
            effects = {**self.inherited, **named, **effects}
        self.add_content(run, effects)

    def _add_text(self, text: str, effects: Effects) -> None:
        if any(self.codes):
            return
        if effects:
            if is_on(effects.get("vanish")):
                return
            if is_on(effects.get("strike")) or is_on(effects.get("dstrike")):
                text = text.translate(_STRUCK)
            if is_on(effects.get("vertAlign")):
                text = text.translate(_LOWERED if effects["vertAlign"] == "subscript" else _RAISED)
            elif effects.get("position", "0") not in ("", "0"):
                text = text.translate(_LOWERED if effects["position"].startswith("-") else _RAISED)
            if "sz" in effects or ("color" in effects and _NUMBER.match(text)):
                text = text.translate(_STRUCK)
        self.parts.append(text)

    def _note_field(self, mark: str) -> None:
        """Between its begin and its separator a field holds its code, which prints nothing, fields inside included."""
        if mark == "begin":
            self.codes.append(True)
        elif self.codes and mark == "separate":
            self.codes[-1] = False
        elif self.codes and mark == "end":
            self.codes.pop()
