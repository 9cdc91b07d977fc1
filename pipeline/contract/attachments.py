"""What shows that a link leads to a file, and that a page only announces one: attachments.yml, compiled once.

Belongs here: typed access to that file. Does not belong here: looking at pages (documents/links.py) or judging one
(reports/announcement.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.contract.load import CONTRACT_ROOT, load_yaml

ATTACHMENTS_FILE = CONTRACT_ROOT / "attachments.yml"


@dataclass(frozen=True, slots=True)
class AttachmentWords:
    """kind_of: kind by file name extension. pages: extensions of what is a page. announcement_characters: the most text
    that an announcement has.
    """

    kind_of: Mapping[str, str]
    pages: frozenset[str]
    download_text: re.Pattern[str]
    not_download_text: re.Pattern[str]
    report_words: re.Pattern[str]
    announcement_characters: int


@cache
def load_attachment_words() -> AttachmentWords:
    """The file as values."""
    raw = load_yaml(ATTACHMENTS_FILE)
    return AttachmentWords(
        kind_of={extension: kind for kind, extensions in raw["extensions"].items() for extension in extensions},
        pages=frozenset(raw["pages"]),
        download_text=re.compile(raw["download_text"]),
        not_download_text=re.compile(raw["not_download_text"]),
        report_words=re.compile(raw["report_words"]),
        announcement_characters=int(raw["announcement_characters"]),
    )
