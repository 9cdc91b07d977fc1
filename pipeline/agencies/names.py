"""A printed name made comparable.

Belongs here: folding width and white space, and taking off what a title carries around a name. Does not belong here:
what the name means.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from pipeline.contract.load import CONTRACT_ROOT, load_yaml

ORGAN_KINDS_FILE = CONTRACT_ROOT / "vocab" / "organ_kinds.yml"


def normalise_name(name: str) -> str:
    """A printed name made comparable: compatibility forms folded (NFKC) and all white space removed."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def strip_noise(name: str) -> str:
    """A normalised name without the words of a title before and behind it (organ_kinds.yml, name_noise)."""
    for pattern in _noise_patterns():
        stripped = pattern.sub("", name)
        name = stripped or name
    return name


@cache
def _noise_patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(text) for text in load_yaml(ORGAN_KINDS_FILE)["name_noise"])
