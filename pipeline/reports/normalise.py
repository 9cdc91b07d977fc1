"""Text made comparable: width, white space, radicals, traditional characters, punctuation.

Belongs here: pure string normalisation shared by every step of reading the form. Raw text is kept elsewhere; what these
functions return is only ever compared, never stored as what was printed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pipeline.reports.patterns import load_patterns

_SPACE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad]+")
# Letters and ideographs count in a label; digits, brackets, ordinals' dots and quotes vary freely and don't
_NOT_LABEL = re.compile(r"[^\u3400-\u9fff\uf900-\ufaffA-Za-z]+")
_SHORT = 40
# Characters that NFKC leaves alone: CJK radicals that PDF producers emit for ordinary ideographs, and spare hyphens
_UNMAPPED = str.maketrans(
    {0x2ED3: 0x957F, 0x2ED4: 0x95E8, 0x2EC5: 0x89C1, 0x2ECB: 0x8F66, 0x2EDB: 0x98CE, 0x2EE2: 0x9A6C, 0x2212: 0x2D}
)


def squeeze(text: str) -> str:
    """Half-width, radicals resolved, the form's traditional characters in their ordinary shape, no white space."""
    return _squeeze_short(text) if len(text) <= _SHORT else _squeeze(text)


def squeeze_as_printed(text: str) -> str:
    """The same with the characters as they are printed; simplify makes squeeze's of it, character for character."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text).translate(_UNMAPPED))


def simplify(text: str) -> str:
    """The text with the traditional characters of the form in their ordinary shape; no place in it moves."""
    return text.translate(load_patterns().traditional)


def _squeeze(text: str) -> str:
    return simplify(squeeze_as_printed(text))


# The words of the form come again in every document; sentences do not, and would only fill memory
_squeeze_short = lru_cache(maxsize=8192)(_squeeze)


def letters_of(squeezed: str) -> str:
    """Only the letters and ideographs of text that is squeezed already."""
    return _NOT_LABEL.sub("", squeezed)


@lru_cache(maxsize=4096)
def compact_label(text: str) -> str:
    """Only the letters and ideographs of a label: what ordinals, brackets, quotes and wrapping cannot change."""
    return letters_of(squeeze(text))


@lru_cache(maxsize=4096)
def label_behind_ordinal(text: str) -> str:
    """The compact label without the ordinal that it begins with, whose numeral would count among its letters."""
    return compact_label(load_patterns().ordinal.sub("", squeeze(text)))
