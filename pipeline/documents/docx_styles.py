"""What a Word document's styles say that matters to reading: headings, and characters that are not plain text.

Belongs here: style inheritance, and the few character properties that change what a digit means.
Does not belong here: fonts, sizes, colours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from pipeline.documents.docx_markup import PARAGRAPH_PROPERTIES, RUN_PROPERTIES, W, parse_number, read_value

# Hidden text prints nothing; raised, lowered and struck digits are not digits of the number beside them, nor are those
# that nobody sees
EFFECTS = ("vanish", "strike", "dstrike", "vertAlign", "position", "color", "sz")
_EFFECT_OF_TAG = {f"{W}{name}": name for name in EFFECTS}
_USUAL = frozenset(["sz", "color"])
_PALE = frozenset(["FFFFFF", "FEFEFE", "WHITE"])
# In half points
_SMALLEST = 4
_BODY_LEVEL = 9
_MOST_ANCESTORS = 20

# Property name -> its value as written; a property that is not stated is not a key
Effects = Mapping[str, str]
NO_EFFECTS: Effects = {}


@dataclass(frozen=True, slots=True)
class Styles:
    """By style id: 'heading' or 'title' for the paragraphs that are one, and the effects a style sets."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    effects: Mapping[str, Effects] = field(default_factory=dict)


def read_styles(root: etree._Element | None) -> Styles:
    """The styles of a document; none of them where it has no part for them."""
    if root is None:
        return Styles()
    by_id = {str(style.get(f"{W}styleId", "")): style for style in root.iterfind(f"{W}style")}
    kinds: dict[str, str] = {}
    effects: dict[str, Effects] = {}
    for name in by_id:
        lineage = _lineage(name, by_id)
        kind = next((k for k in map(_own_kind, lineage) if k is not None), "")
        if kind:
            kinds[name] = kind
        inherited = {key: value for style in reversed(lineage) for key, value in _own_effects(style).items()}
        if inherited:
            effects[name] = inherited
    return Styles(kinds, effects)


def read_effects(properties: etree._Element | None) -> Effects:
    """The effects that run properties state themselves."""
    if properties is None:
        return NO_EFFECTS
    found = {
        _EFFECT_OF_TAG[child.tag]: str(child.get(f"{W}val", "")) for child in properties if child.tag in _EFFECT_OF_TAG
    }
    # Nearly every run states a size and a colour; kept are those that change what is seen
    return {name: value for name, value in found.items() if name not in _USUAL or not _is_usual(name, value)}


def _is_usual(name: str, value: str) -> bool:
    return parse_number(value, _SMALLEST) >= _SMALLEST if name == "sz" else value.upper() not in _PALE


def outline_kind(properties: etree._Element | None) -> str | None:
    """'heading' or '' by the outline level that paragraph properties state, None where they state none."""
    level = read_value(properties, "outlineLvl")
    if level is None:
        return None
    return "heading" if parse_number(level, _BODY_LEVEL) < _BODY_LEVEL else ""


def _lineage(name: str, by_id: Mapping[str, etree._Element]) -> list[etree._Element]:
    """A style and those it is based on, nearest first; styles may be based on each other in a ring."""
    found: list[etree._Element] = []
    while name in by_id and len(found) < _MOST_ANCESTORS:
        found.append(by_id[name])
        name = read_value(by_id[name], "basedOn") or ""
    return found


def _own_kind(style: etree._Element) -> str | None:
    name = (read_value(style, "name") or "").lower()
    if name == "title":
        return "title"
    if name.startswith("heading ") and name[8:].isdigit():
        return "heading"
    return outline_kind(style.find(PARAGRAPH_PROPERTIES))


def _own_effects(style: etree._Element) -> Effects:
    """Colours and sizes count only where a run states them: a style's may be undone by any run."""
    effects = read_effects(style.find(RUN_PROPERTIES))
    return {name: value for name, value in effects.items() if name not in _USUAL}
