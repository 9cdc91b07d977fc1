"""The words of the pages, in both languages, from labels.yml.

Belongs here: loading them, and showing one in HTML. Does not belong here: labels of cells, metrics and rules, which the
warehouse has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup, escape

from pipeline.contract.load import load_yaml

SITE_ROOT = Path(__file__).resolve().parent
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Labels:
    """texts: key -> (zh, en); codes: vocabulary -> code -> (zh, en); methods: (heading, text) in both languages."""

    texts: Mapping[str, Pair]
    codes: Mapping[str, Mapping[str, Pair]]
    methods: tuple[tuple[Pair, Pair], ...]


@cache
def load_labels() -> Labels:
    """Everything labels.yml has."""
    raw = load_yaml(SITE_ROOT / "labels.yml")
    return Labels(
        texts={key: (str(zh), str(en)) for key, (zh, en) in raw["texts"].items()},
        codes={
            vocabulary: {str(code): (str(zh), str(en)) for code, (zh, en) in words.items()}
            for vocabulary, words in raw["codes"].items()
        },
        methods=tuple(((str(a), str(b)), (str(c), str(d))) for a, b, c, d in raw["methods"]),
    )


def show_both(pair: Pair) -> Markup:
    """Both languages; the style sheet shows the one that is chosen."""
    zh, en = (escape(text) for text in pair)
    return Markup('<span class="zh" lang="zh-CN">{}</span><span class="en" lang="en">{}</span>').format(zh, en)


def show_text(key: str, **named: object) -> Markup:
    """One text of labels.yml; KeyError where it is missing, so that a page with a gap is never written."""
    zh, en = load_labels().texts[key]
    return show_both((_fill(zh, named), _fill(en, named)))


def _fill(text: str, named: Mapping[str, object]) -> str:
    for name, value in named.items():
        text = text.replace("{" + name + "}", str(value))
    return text
