"""What a browser gives no place, and text that it draws where nobody sees it: of no size, off the page, white on white.

Belongs here: which attributes and style declarations do that, inline and in the page's own style sheets. Does not
belong here: what becomes of the text (html.py), and style sheets in other files, which no reader has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

_ZERO = r"0*(?:\.0+)?(?:[a-z]{2,4}|%)?\s*(?:!\s*important\s*)?(?:[;\"'}]|$)"
_FAR = r"-\s*(?:\d{3,}|\d{2,}(?:\.\d+)?r?em)"
_WHITE = r"(?:white|#fff(?:fff)?(?![0-9a-f])|rgb\(\s*255\s*,\s*255\s*,\s*255\s*\))"
_SIZE_0 = re.compile(rf"(?<![-\w])(?:max-)?(?:width|height)\s*:\s*{_ZERO}")
_OFF_PAGE = re.compile(rf"(?<![-\w])(?:left|top|right|bottom)\s*:\s*{_FAR}")
_OF_TEXT = re.compile(r"(?<![-\w])color\s*:")
# Declarations that keep text from being seen, and what else the same style must declare. Each begins with plain
# characters, so that it is looked for quickly in a whole page
_UNSEEN = (
    (re.compile(rf"font-size\s*:\s*(?:{_ZERO}|[01]?(?:\.\d+)?px)"), None),
    (re.compile(r"font\s*:[^;\"'}]*?(?<![\d.])0(?:px|pt|em|rem|%)?[\s/]"), None),
    (re.compile(r"opacity\s*[:(]\s*0*(?:\.0\d*)?%?\s*(?:!\s*important\s*)?(?:[;)\"'}]|$)"), None),
    (re.compile(rf"text-indent\s*:\s*{_FAR}"), None),
    (re.compile(rf"margin(?:-(?:left|top|right))?\s*:\s*{_FAR}"), None),
    (re.compile(r"clip(?:-path)?\s*:\s*(?:rect|inset|circle|polygon)"), None),
    (re.compile(r"scale[xy]?\s*[(:]\s*0(?:\.0\d*)?\s*[,);\"'}]"), None),
    # Not unseen, but no digits of the number beside them: raised, struck out, in another order
    (re.compile(r"vertical-align\s*:\s*(?:super|sub\b|text-top|-?[\d.]+\s*(?:px|pt|em|ex|%))"), None),
    (re.compile(r"text-raise\s*:\s*-?[\d.]*[1-9]"), None),
    (re.compile(r"text-decoration(?:-line)?\s*:[^;\"'}]*line-through"), None),
    (re.compile(r"unicode-bidi\s*:\s*(?:bidi|isolate)-override"), None),
    (re.compile(r"text-fill-color\s*:\s*transparent"), None),
    (re.compile(r"color\s*:\s*(?:transparent|rgba\s*\([^()]*,\s*0*(?:\.0+)?%?\s*\))"), _OF_TEXT),
    (re.compile(r"overflow\s*:\s*(?:hidden|clip)"), _SIZE_0),
    (re.compile(r"position\s*:\s*(?:absolute|fixed|relative)"), _OFF_PAGE),
)
# Text in the colour of its background; what only an element around it states is not looked for, but for white
_PALE = re.compile(rf"color\s*:\s*{_WHITE}")
_PALE_FONT = re.compile(rf"<font[^<>]*color\s*=\s*[\"']?{_WHITE}", re.IGNORECASE)
_STYLES = tuple(re.compile(rf"{end}\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'<>]+)") for end in ("tyle", "TYLE"))
_SAME_COLOURS = (
    re.compile(r"color\s*:\s*([^;\"'{}]+?)\s*;[^\"'{}]*background(?:-color)?\s*:\s*\1\s*(?:[;\"'}]|$)"),
    re.compile(r"background(?:-color)?\s*:\s*([^;\"'{}]+?)\s*;[^\"'{}]*(?<!-)color\s*:\s*\1\s*(?:[;\"'}]|$)"),
)
_BLOCK_ENDS = re.compile(r"[\"'{}<>]")
_BLOCK_REACH = 400
_TEXT_COLOUR = re.compile(r"(?<![-\w])color\s*:\s*([^;\"'!]+)")
_GROUND = re.compile(r"background(?:-color)?\s*:\s*([^;\"'!]+)")
_IS_WHITE = re.compile(rf"^\s*(?:{_WHITE}|none|transparent|inherit|initial)")
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)")
_NO_DISPLAY = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_NO_VISIBILITY = re.compile(r"visibility\s*:\s*hidden", re.IGNORECASE)
# Text that a style sheet adds before or after an element
_GENERATED = re.compile(r"::?(?:before|after)")
_DIGIT_CONTENT = re.compile(r"content\s*:[^;}]*(?:\d|counter)")
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
# What holds for some screens or for paper only says nothing about what a reader of the page sees
_CONDITIONAL = re.compile(r"@[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_MOST_RULES = 300
_NUMBER = re.compile(r"^[\s\d.,]*\d[\s\d.,]*$")
_CELLS = frozenset(["td", "th"])
_HOLDERS = "table, tr, td, th"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Unseen:
    """gone: the parser's numbers of cells that take no place; texts: the nodes whose digits nobody sees."""

    gone: frozenset[int] = frozenset()
    texts: tuple[LexborNode, ...] = ()


def group_by_style(page: LexborHTMLParser) -> dict[str, list[LexborNode]]:
    """The elements with a style of their own by that style; thousands of elements share a few.

    Found once: asking the parser for elements by what their style says takes longer than looking at each style here.
    """
    styled: dict[str, list[LexborNode]] = {}
    for node in page.css("[style]"):
        styled.setdefault(node.attributes["style"] or "", []).append(node)
    return styled


def find_hidden(
    page: LexborHTMLParser, styled: Mapping[str, Sequence[LexborNode]]
) -> tuple[frozenset[int], frozenset[int]]:
    """The parser's numbers of the elements that a browser gives no place, and of all of which it shows nothing."""
    gone = {node.mem_id for node in page.css("[hidden]")}
    invisible: set[int] = set()
    for style, nodes in styled.items():
        if _NO_DISPLAY.search(style):
            gone.update(node.mem_id for node in nodes)
        elif _NO_VISIBILITY.search(style):
            invisible.update(node.mem_id for node in nodes)
    return frozenset(gone), frozenset(gone | invisible)


def find_unseen(page: LexborHTMLParser, source: str) -> Unseen:
    """What the page's own styles keep from being seen, looked for only where the source has a word of such a style."""
    # Pages of word processors repeat a few styles thousands of times
    styles = ";}".join(dict.fromkeys(style for pattern in _STYLES for style in pattern.findall(source))).lower()
    texts: list[LexborNode] = []
    gone: set[int] = set()
    for node in page.css("bdo[dir=rtl i]"):
        texts.extend(_texts_in(node))
    if _hides(styles) or _is_pale(styles) or _has_pale_font(source):
        for node in page.css("[style], font[color]"):
            style = _style_of(node)
            texts.extend(_texts_unseen(node, style))
    for selector, style in _read_rules(page):
        if _GENERATED.search(selector):
            selected = _select(page, _GENERATED.sub("", selector)) if _DIGIT_CONTENT.search(style) else []
            texts.extend(text for node in selected if _is_in_cell(node) for text in _texts_in(node))
            continue
        for node in _select(page, selector):
            if node.tag in _CELLS and _NO_DISPLAY.search(style):
                gone.add(node.mem_id)
            elif _is_in_cell(node):
                texts.extend(_texts_unseen(node, style, is_hidden=_NOT_SHOWN.search(style) is not None))
    return Unseen(frozenset(gone), tuple(texts))


def _is_declared(lowered: str, declaration: re.Pattern[str], beside: re.Pattern[str] | None) -> bool:
    """Whether a declaration is found, in a style that declares what is asked for beside it."""
    for match in declaration.finditer(lowered):
        if beside is None:
            return True
        before = lowered[max(match.start() - _BLOCK_REACH, 0) : match.start()]
        behind = lowered[match.start() : match.start() + _BLOCK_REACH]
        style = _BLOCK_ENDS.split(before)[-1] + _BLOCK_ENDS.split(behind)[0]
        if beside.search(style):
            return True
    return False


def _hides(style: str) -> bool:
    return any(_is_declared(style, *kind) for kind in _UNSEEN)


def _has_pale_font(source: str) -> bool:
    return ("<font" in source or "<FONT" in source) and _PALE_FONT.search(source) is not None


def _is_pale(style: str) -> bool:
    return any(_is_declared(style, pattern, _OF_TEXT) for pattern in (_PALE, *_SAME_COLOURS))


def _style_of(node: LexborNode) -> str:
    attributes = node.attributes
    colour = f";color:{attributes.get('color')}" if node.tag == "font" and attributes.get("color") else ""
    return f"{attributes.get('style') or ''}{colour}".lower()


def _texts_unseen(node: LexborNode, style: str, *, is_hidden: bool = False) -> Iterator[LexborNode]:
    """The texts below an element that this style hides. Only of elements within a line or cell, never of a layout."""
    is_unseen = is_hidden or _hides(style)
    is_pale = not is_unseen and "color" in style and _has_colour_of_ground(node, style)
    if not (is_unseen or is_pale) or len(node.text()) > _LONGEST or node.css_first(_HOLDERS) not in (None, node):
        return
    is_sized = "font" in style and not is_hidden
    for text in _texts_in(node):
        if is_pale and not (_NUMBER.match(text.text_content or "") and _is_in_cell(node)):
            continue
        if not (is_sized and _is_sized_again(text, node)):
            yield text


def _texts_in(node: LexborNode) -> list[LexborNode]:
    return [inner for inner in node.traverse(include_text=True) if inner.tag == "-text"]


def _is_sized_again(text: LexborNode, outer: LexborNode) -> bool:
    """Whether an element inside gives its text a size of its own, as pages do to close gaps between elements."""
    around = text.parent
    while around is not None and around.mem_id != outer.mem_id:
        if "font" in (around.attributes.get("style") or "").lower():
            return True
        around = around.parent
    return False


def _has_colour_of_ground(node: LexborNode, style: str) -> bool:
    """Whether text has the colour of the nearest background; where none is stated, a page is white."""
    colour = _TEXT_COLOUR.search(style)
    if colour is None:
        return False
    around: LexborNode | None = node
    ground = _GROUND.search(style)
    while ground is None and around is not None:
        attributes = around.attributes
        if attributes.get("bgcolor"):
            return _is_same(colour[1], (attributes.get("bgcolor") or "").lower())
        ground = _GROUND.search((attributes.get("style") or "").lower())
        around = around.parent
    return _is_same(colour[1], ground[1] if ground else "white")


def _is_same(colour: str, ground: str) -> bool:
    if _IS_WHITE.match(colour) and _IS_WHITE.match(ground):
        return True
    return colour.strip() == ground.strip()


def _read_rules(page: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """Selector and declarations of the rules that hide something."""
    sheets = "\n".join(node.text() for node in page.css("style"))
    plain = _CONDITIONAL.sub("", _COMMENT.sub("", sheets))
    found = 0
    for rule in _RULE.finditer(plain):
        style = rule[2].lower()
        if _NOT_SHOWN.search(style) or _is_pale(style) or _hides(style) or _DIGIT_CONTENT.search(style):
            found += 1
            if found > _MOST_RULES:
                return
            yield rule[1].strip(), style


def _select(page: LexborHTMLParser, selector: str) -> list[LexborNode]:
    """The elements of a selector, none for one that the parser does not know or that asks for a state."""
    found: list[LexborNode] = []
    for part in selector.split(","):
        if part.strip() and ":" not in part and "@" not in part:
            try:
                found.extend(page.css(part))
            except SelectolaxError:
                continue
    return found


def _is_in_cell(node: LexborNode) -> bool:
    around: LexborNode | None = node
    while around is not None:
        if around.tag in _CELLS:
            return True
        around = around.parent
    return False
