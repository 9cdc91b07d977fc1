"""What a command can end with and what to do about it, read from command_errors.yml.

Belongs here: the typed catalogue. Does not belong here: raising errors (cli/, warehouse/) and what can be wrong with a
document (issue_catalogue.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.contract.load import CONTRACT_ROOT, load_yaml


@dataclass(frozen=True, slots=True)
class CommandErrorEntry:
    """One code: what happened in both languages, and what to do in general."""

    code: str
    zh: str
    en: str
    next_step: str


@cache
def load_command_errors() -> Mapping[str, CommandErrorEntry]:
    """Every code with its entry, in the order of command_errors.yml."""
    raws = load_yaml(CONTRACT_ROOT / "command_errors.yml")
    return {code: CommandErrorEntry(code, raw["zh"], raw["en"], raw["next"]) for code, raw in raws.items()}
