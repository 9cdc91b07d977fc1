"""The words of words.toml as compiled patterns, and text made comparable with them.

Belongs here: loading the word lists once. Does not belong here: what follows from a match (roles.py, columns.py).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WORDS_FILE = Path(__file__).resolve().parent / "words.toml"
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Words:
    """One pattern per list of words.toml; each is searched in compact text (see make_compact) or in an address."""

    report_title: re.Pattern[str]
    dropped_title: re.Pattern[str]
    column_titles: tuple[re.Pattern[str], ...]
    platform_title: re.Pattern[str]
    year_title: re.Pattern[str]
    organ_title: re.Pattern[str]
    group_title: re.Pattern[str]
    next_label: re.Pattern[str]
    pager_label: re.Pattern[str]
    paging_hint: re.Pattern[str]
    declared_pages: tuple[re.Pattern[str], ...]
    declared_counts: tuple[re.Pattern[str], ...]
    attachment_address: re.Pattern[str]
    article_address: re.Pattern[str]
    ambiguous_address: re.Pattern[str]
    navigation_block: re.Pattern[str]


@cache
def load_words() -> Words:
    """The word lists of words.toml; re.error or KeyError when the file is wrong, which no run survives."""
    with WORDS_FILE.open("rb") as stream:
        lists: dict[str, list[str]] = tomllib.load(stream)
    extensions = _join(lists["attachment_extensions"])
    return Words(
        report_title=_compile(lists["report_titles"]),
        dropped_title=_compile(lists["dropped_titles"]),
        column_titles=tuple(re.compile(pattern) for pattern in lists["column_titles"]),
        platform_title=_compile(lists["platform_titles"]),
        year_title=_compile(lists["year_titles"]),
        organ_title=re.compile(f"(?:{_join(lists['organ_endings'])})$"),
        group_title=_compile(lists["group_titles"]),
        next_label=_compile(lists["next_labels"]),
        pager_label=_compile(lists["pager_labels"]),
        paging_hint=_compile(lists["paging_hints"]),
        declared_pages=tuple(re.compile(pattern) for pattern in lists["declared_pages"]),
        declared_counts=tuple(re.compile(pattern) for pattern in lists["declared_counts"]),
        attachment_address=_compile([rf"\.(?:{extensions})$", *lists["attachment_addresses"]]),
        article_address=_compile(lists["article_addresses"]),
        ambiguous_address=_compile(lists["ambiguous_addresses"]),
        navigation_block=re.compile(rf"(?:^|[\s_-])(?:{_join(lists['navigation_blocks'])})", re.IGNORECASE),
    )


def make_compact(text: str) -> str:
    """Text as the patterns expect it: compatibility forms folded (NFKC), all white space removed."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def read_number(patterns: Sequence[re.Pattern[str]], text: str) -> int | None:
    """The number that the first pattern to match captures, None where none matches."""
    for pattern in patterns:
        if found := pattern.search(text):
            return int(found[1])
    return None


def _compile(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile(_join(patterns), re.IGNORECASE) if patterns else _NEVER


def _join(patterns: Sequence[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)
