"""What is done to the source of a page before a parser sees it.

Belongs here: refusing pages that a parser would choke on, and taking out elements that were never closed and would
swallow the rest of the page. Does not belong here: the tree and what is visible in it (html.py).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NoReturn

from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import IssueCode

MAX_CHARACTERS = 10 * 1024 * 1024
MAX_DEPTH = 500
MAX_ATTRIBUTES = 1_000
# A long report saved by a word processor has 50,000
MAX_TAGS = 300_000
# Some pages never close a dozen; four hundred and twenty thousand paragraphs after them would be eight million elements
MAX_REBUILT = 1_000_000

_TAG = re.compile(r"<(/?)([a-z][^\s<>/]*)([^<>]*)", re.IGNORECASE)
_NAME = re.compile(r"<(/?[a-z][^\s<>/]*)", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_BETWEEN_ATTRIBUTES = re.compile(r"[\s/]+")
# These end by themselves, so an open one says nothing about depth
_SELF_ENDING = (
    "area base br col embed hr img input link meta param source track wbr "
    "p li dt dd td th tr tbody thead tfoot colgroup option optgroup html head body"
)
_NOT_NESTING = frozenset(_SELF_ENDING.split())
_NEVER_OPEN = _NOT_NESTING | {f"/{name}" for name in _NOT_NESTING}
# Left open, these are opened again by the parser in every block that follows
_FORMATTING = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
# What word processors put around every few characters, the inner one first
_LEAVES = ("o:p", "span")
# The parser takes everything up to the end tag of these as their content
_SWALLOWING = ("script", "style", "title", "noscript", "template", "iframe")
_SWALLOWING_TAG = re.compile(f"</?(?:{'|'.join(_SWALLOWING)})", re.IGNORECASE)


def check_page_limits(source: str) -> None:
    """Raise DocumentRefused (LIMIT_EXCEEDED) for a page too long, too deep, with too many tags or attributes on one.

    All is estimated from the tags as written, without a parser: time grows with the length alone.
    """
    if len(source) > MAX_CHARACTERS:
        _refuse(f"the page has {len(source)} characters, the limit is {MAX_CHARACTERS}")
    if _is_surely_within(source):
        return
    estimate = _Estimate()
    for tag in _TAG.finditer(source):
        closing, name, rest = tag.groups()
        # An attribute takes two characters at the least, so most tags need no counting
        if len(rest) > 2 * MAX_ATTRIBUTES and _count_attributes(rest) > MAX_ATTRIBUTES:
            _refuse(f"a <{name[:20]}> tag has more than {MAX_ATTRIBUTES} attributes")
        estimate.add(name.lower(), bool(closing), rest.endswith("/"))


def _is_surely_within(source: str) -> bool:
    """Whether the names of the tags alone show that no limit is broken, as they do for all but odd pages.

    It errs one way only: tags that end by themselves (`<span/>`) count as open, and every tag as if it stood where
    most styles are open.
    """
    if source.count("<") > MAX_TAGS or max(map(len, source.split("<"))) > 2 * MAX_ATTRIBUTES:
        return False
    names = _NAME.findall(source)
    tags = f"<{'><'.join(names)}>".lower()
    for name in _LEAVES:
        tags = tags.replace(f"<{name}></{name}>", "")
    open_tags: Counter[str] = Counter()
    # Each kind of leaf taken out may have stood at the deepest place
    depth = deepest = len(_LEAVES)
    formatting_depth = deepest_formatting = 0
    for tag in [tag for tag in tags[1:-1].split("><") if tag not in _NEVER_OPEN]:
        name = tag.removeprefix("/")
        if name is not tag and not open_tags[name]:
            continue
        step = 1 if name is tag else -1
        open_tags[name] += step
        depth += step
        deepest = max(deepest, depth)
        if name in _FORMATTING:
            formatting_depth += step
            deepest_formatting = max(deepest_formatting, formatting_depth)
    return deepest <= MAX_DEPTH and deepest_formatting * len(names) <= MAX_REBUILT


def _count_attributes(rest: str) -> int:
    # One value in quotes may follow another with nothing between them
    return len(_BETWEEN_ATTRIBUTES.split(_QUOTED.sub(" ", rest)))


@dataclass(slots=True)
class _Estimate:
    """What a parser would make of the tags so far: how many there are, how deep, and how many of its own it adds."""

    # Counted for each name, since an end tag that fits no open tag closes nothing
    open_tags: Counter[str] = field(default_factory=Counter)
    depth: int = 0
    formatting_depth: int = 0
    tag_count: int = 0
    rebuilt_count: int = 0

    def add(self, name: str, is_end: bool, is_self_ending: bool) -> None:
        """Count one tag; raises DocumentRefused where that is one too many."""
        self.tag_count += 1
        if self.tag_count > MAX_TAGS:
            _refuse(f"the page has more than {MAX_TAGS} tags")
        if not is_end:
            self.rebuilt_count += self.formatting_depth
            if self.rebuilt_count > MAX_REBUILT:
                _refuse(f"{self.formatting_depth} text styles are never closed before {self.tag_count} tags")
        if name in _NOT_NESTING or (is_self_ending and not is_end) or (is_end and not self.open_tags[name]):
            return
        step = -1 if is_end else 1
        self.open_tags[name] += step
        self.depth += step
        self.formatting_depth += step * (name in _FORMATTING)
        if self.depth > MAX_DEPTH:
            _refuse(f"more than {MAX_DEPTH} elements are open inside each other")


def cut_unclosed(source: str) -> str:
    """The page without those of its scripts, styles and the like of which one is never closed.

    A browser takes all text after such a tag for script or style. Here complete pairs go with their content, and of a
    tag without an end only the tag, so that the text after it is read.
    """
    named = _count_swallowing(source)
    for name in _SWALLOWING:
        if named[f"<{name}"] > named[f"</{name}"] and _is_unclosed(source.lower(), name):
            source = _cut_element(source, name)
            named = _count_swallowing(source)
    return source


def _count_swallowing(source: str) -> Counter[str]:
    """How often the beginnings of these tags occur, such as `<style` and `</style`; `<styled>` counts too."""
    return Counter(tag.lower() for tag in _SWALLOWING_TAG.findall(source))


def _is_unclosed(lowered: str, name: str) -> bool:
    return len(re.findall(rf"<{name}[\s>]", lowered)) > lowered.count(f"</{name}")


def _cut_element(source: str, name: str) -> str:
    opening = re.compile(rf"<{name}(?:\s[^<>]*)?>", re.IGNORECASE)
    closing = re.compile(rf"</{name}[^<>]*>", re.IGNORECASE)
    kept, position, can_close = [], 0, True
    while found := opening.search(source, position):
        kept.append(source[position : found.start()])
        # Once no end tag follows there never is one again: looking for it each time would take forever
        end = closing.search(source, found.end()) if can_close else None
        can_close = end is not None
        position = end.end() if end else found.end()
    kept.append(source[position:])
    return "".join(kept)


def _refuse(why: str) -> NoReturn:
    raise DocumentRefused(
        IssueCode.LIMIT_EXCEEDED, f"{why}; not read, the bytes stay archived: look for another copy of the document"
    )
