"""JSON as sites write it: whole answers, and literals inside scripts that are almost JSON.

Belongs here: parsing that gives None instead of an error. Does not belong here: what the fields mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE_KEY = re.compile(r"([{,]\s*)([A-Za-z_$][\w$]*)(\s*:)")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'', re.DOTALL)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


def parse_json(text: str) -> Any:
    """The value of a JSON text, None where it is none (or nests deeper than Python reads)."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def parse_literal(text: str) -> Any:
    """The value of a JavaScript literal: bare keys, single quotes and trailing commas are permitted."""
    value = parse_json(text)
    if value is not None:
        return value
    strings: list[str] = []

    def keep(match: re.Match[str]) -> str:
        strings.append(match[0] if match[0][0] == '"' else _requote(match[0]))
        return f'"\x00{len(strings) - 1}\x00"'

    bare = _BARE_KEY.sub(r'\1"\2"\3', _TRAILING_COMMA.sub(r"\1", _STRING.sub(keep, text)))
    return parse_json(re.sub(r'"\x00(\d+)\x00"', lambda match: strings[int(match[1])], bare))


def cut_literal(text: str, start: int) -> str:
    """The bracketed literal that begins at start, '' where no bracket stands there or it is never closed."""
    if text[start : start + 1] not in ("{", "["):
        return ""
    depth, place = 0, start
    while place < len(text):
        character = text[place]
        if character in "\"'":
            string = _STRING.match(text, place)
            if string is None:
                return ""
            place = string.end()
            continue
        depth += (character in "{[") - (character in "}]")
        place += 1
        if depth == 0:
            return text[start:place]
    return ""


def read_text(record: Mapping[str, Any], *keys: str) -> str:
    """The first of these fields that is a text or a number, as text; '' where none is."""
    for key in keys:
        value = record.get(key)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def read_count(record: Mapping[str, Any], *keys: str) -> int | None:
    """The first of these fields that is a plain number of at most seven digits, None where none is."""
    text = read_text(record, *keys)
    return int(text) if re.fullmatch(r"\d{1,7}", text, re.ASCII) else None


def _requote(single: str) -> str:
    return json.dumps(single[1:-1].replace("\\'", "'").replace('\\"', '"'), ensure_ascii=False)
