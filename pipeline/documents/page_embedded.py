"""Pages that carry their text as a string in a script: `window._CONFIG = {…, DETAIL: {"content": "<p>…"}}`.

Belongs here: finding that string in the source of a page, undoing its escapes, and telling whether the page needs it.
Does not belong here: reading it as a page (html.py), and the lists of the same platform (sources/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from pipeline.documents.model import Grid, Text

_ASSIGNED = re.compile(r"\b_CONFIG(?:[\"']\])?\s*=\s*(?=\{)")
_DETAIL = re.compile(r"(?<![\w$.\\])[\"']?DETAIL[\"']?\s*:\s*(?=\{)")
_BORDERS = re.compile(r"</?script\b|<!--|-->", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script\b", re.IGNORECASE)
_END_OF = {"<script": "</script", "<!--": "-->"}
# Possessive throughout: what does not match is never tried again another way
_TOKEN = re.compile(
    r"(?P<blank>\s++)"
    r"|(?P<string>\"(?:[^\"\\]++|\\.)*+\"|'(?:[^'\\]++|\\.)*+')"
    r"|(?P<mark>[{}\[\]:,])"
    r"|(?P<bare>[^\s\"'{}\[\]:,]++)"
    r"|(?P<stray>.)",
    re.DOTALL,
)
# The record of one article has a few dozen fields, one of which may list its files
_MOST_TOKENS = 100_000
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|.)", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\n": "", "\r": "", "\r\n": ""}
_FULL_STOP = "\u3002"
# Menus, notices and imprints of a page stay below it
_LEAST_OWN_PROSE = 200


@dataclass(frozen=True, slots=True)
class Embedded:
    """frame is the source of the page without the string, content the string's text, itself the source of a page.

    record holds the other texts of the script's record, such as title and publisher, by their names there.
    """

    frame: str
    content: str
    record: Mapping[str, str]


def find_embedded(source: str) -> Embedded | None:
    """The page that a script of this page holds; None where there is none, or not as a whole literal.

    Keys may be quoted or bare, strings in either quotes, escaped as in JSON or JavaScript. Time grows with the length.
    """
    assigned = _ASSIGNED.search(source) if "_CONFIG" in source else None
    if assigned is None or not _is_in_script(source, assigned.start()):
        return None
    closing = _SCRIPT_END.search(source, assigned.end())
    end = closing.start() if closing else len(source)
    detail = _DETAIL.search(source, assigned.end(), end)
    spans = _find_strings(source, detail.end(), end) if detail else {}
    texts = {name: text for name, span in spans.items() if (text := _unescape(source[slice(*span)])) is not None}
    content = texts.pop("content", "")
    if not content.strip():
        return None
    start, stop = spans["content"]
    return Embedded(f"{source[:start]}{source[stop:]}", content, texts)


def has_own_text(blocks: Iterable[Text | Grid]) -> bool:
    """Whether a page has by itself what one opens it for: a number in a table, or sentences of some length."""
    prose = 0
    for block in blocks:
        if isinstance(block, Text):
            prose += len(block.text) if _FULL_STOP in block.text else 0
        elif any(cell.text.isdecimal() for cell in block.cells):
            return True
    return prose >= _LEAST_OWN_PROSE


def _is_in_script(source: str, position: int) -> bool:
    """Whether a browser would run what stands here; in a comment it would not."""
    inside = ""
    for border in _BORDERS.finditer(source, 0, position):
        found = border[0].lower()
        if not inside:
            inside = _END_OF.get(found, "")
        elif found == inside:
            inside = ""
    return inside == _END_OF["<script"]


def _find_strings(source: str, start: int, end: int) -> dict[str, tuple[int, int]]:
    """Where the strings of the literal that opens at start stand between their quotes, by key; {} for a broken one.

    Only its own fields count, not those of literals inside it.
    """
    found: dict[str, tuple[int, int]] = {}
    depth, key, before = 0, "", ""
    for token in islice(_TOKEN.finditer(source, start, end), _MOST_TOKENS):
        kind = token.lastgroup
        if kind == "stray":
            return {}
        if kind == "mark":
            before = token[0]
            depth += (before in "{[") - (before in "}]")
            if depth == 0:
                return found
        elif kind != "blank" and depth == 1:
            if before in ("{", ","):
                key = token[0].strip("\"'")
            elif before != ":":
                return {}
            elif kind == "string":
                found[key] = (token.start() + 1, token.end() - 1)
            before = "word"
    return {}


def _unescape(text: str) -> str | None:
    """A string literal without its quotes as the text it stands for; None where an escape is none."""
    try:
        plain = _ESCAPE.sub(_resolve_escape, text)
    except ValueError:
        return None
    # Half of a pair stands for no character
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _resolve_escape(match: re.Match[str]) -> str:
    escaped = match[1]
    if len(escaped) > 2:
        return chr(int(escaped[1:], 16))
    # A code cut short would leave its digits standing beside the page's own
    if escaped in ("u", "x") or (escaped.isdecimal() and escaped != "0"):
        raise ValueError(escaped)
    return "" if escaped == "0" else _CONTROLS.get(escaped, escaped)
