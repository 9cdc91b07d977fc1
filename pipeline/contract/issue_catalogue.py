"""What each issue code means and what to do about it, read from issues.yml.

Belongs here: the typed catalogue. Does not belong here: the codes themselves (pipeline/issues.py) or finding an issue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.contract.load import CONTRACT_ROOT, load_yaml
from pipeline.issues import IssueCode


@dataclass(frozen=True, slots=True)
class IssueEntry:
    """One code: severity (error, warning or info), its meaning in both languages, and the operator's next step."""

    code: IssueCode
    severity: str
    zh: str
    en: str
    next_step: str


@cache
def load_issue_catalogue() -> Mapping[IssueCode, IssueEntry]:
    """Every code with its entry, in the order of issues.yml; ValueError for a code that pipeline/issues.py lacks."""
    raws = load_yaml(CONTRACT_ROOT / "issues.yml")
    entries = (IssueEntry(IssueCode(c), raw["severity"], raw["zh"], raw["en"], raw["next"]) for c, raw in raws.items())
    return {entry.code: entry for entry in entries}
