"""WordprocessingML by name: the elements that readers ask for, and which of them print.

Belongs here: element names, the way from a container to what it prints, attributes and on/off properties.
Does not belong here: what text a paragraph has (docx_text.py) and where a cell stands (docx_table.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_CHOICE, _FALLBACK = f"{_MC}Choice", f"{_MC}Fallback"
_NO_CHILDREN: tuple[etree._Element, ...] = ()

ALTERNATE_CONTENT = f"{_MC}AlternateContent"
BODY, PARAGRAPH, TABLE, ROW, CELL = f"{W}body", f"{W}p", f"{W}tbl", f"{W}tr", f"{W}tc"
PARAGRAPH_PROPERTIES, RUN_PROPERTIES = f"{W}pPr", f"{W}rPr"
ROW_PROPERTIES, CELL_PROPERTIES = f"{W}trPr", f"{W}tcPr"
# Content kept in another part or file, in a format of its own
FOREIGN_CONTENT = frozenset([f"{W}altChunk", f"{W}subDoc"])
# Properties hold earlier states of themselves; what was deleted or moved away is not printed
UNPRINTED = frozenset(
    [
        *(PARAGRAPH_PROPERTIES, RUN_PROPERTIES, ROW_PROPERTIES, CELL_PROPERTIES),
        *(f"{W}{name}" for name in ("tblPr", "tblGrid", "sdtPr", "sdtEndPr", "sectPr", "del", "moveFrom")),
    ]
)
TRACKED_CHANGES = tuple(f"{W}{name}" for name in ("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel"))
_OFF = frozenset(["0", "false", "off", "none", "baseline"])


def find_printed(container: etree._Element, wanted: frozenset[str]) -> Iterator[etree._Element]:
    """The outermost elements of the wanted names below a container, in order, through wrappers of any name.

    Wrappers (content controls, tracked insertions, …) are many and of all makers, so everything is looked into that is
    not known to print nothing. Of alternatives only the preferred one counts.
    """
    for child in container:
        tag = child.tag
        if tag in wanted:
            yield child
        elif tag == ALTERNATE_CONTENT:
            for alternative in choose_alternative(child):
                yield from find_printed(alternative, wanted)
        elif tag not in UNPRINTED and len(child):
            yield from find_printed(child, wanted)


def choose_alternative(alternatives: etree._Element) -> tuple[etree._Element, ...]:
    """The first choice, else the fallback; both print the same thing, so reading both would print it twice."""
    chosen = alternatives.find(_CHOICE)
    if chosen is None:
        chosen = alternatives.find(_FALLBACK)
    return _NO_CHILDREN if chosen is None else (chosen,)


def read_value(properties: etree._Element | None, name: str) -> str | None:
    """The value of a property, '' where it is there without one, None where it is not there."""
    found = properties.find(f"{W}{name}") if properties is not None else None
    return None if found is None else str(found.get(f"{W}val", ""))


def is_on(value: str | None) -> bool:
    """Whether a property of that value is in force; one without a value is."""
    return value is not None and value.lower() not in _OFF


def parse_number(value: str | None, default: int) -> int:
    """A property as a number of at least 0, `default` where it is missing or no number; none is above a milliard."""
    digits = (value or "").strip()
    if not (digits.isascii() and digits.isdigit()):
        return default
    return int(digits) if len(digits) < 10 else 10**9
