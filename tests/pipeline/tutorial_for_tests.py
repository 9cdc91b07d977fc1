"""The tutorial as steps: what it tells the reader to call, and what it says will be printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.pages_for_tests import read_commands

_BLOCK = re.compile(r"^```(\w+)\n([\s\S]*?)^```|^(\|.*(?:\n\|.*)*)", re.MULTILINE)
_EXIT_CODE = re.compile(r"# exit code (\d)")
_RULE_OF_TABLE = re.compile(r"[-:]+")


@dataclass
class Step:
    """One block of commands and what is shown after it: excerpts as lines, tables as rows of cells."""

    commands: list[str]
    excerpts: list[list[str]] = field(default_factory=list)
    tables: list[list[tuple[str, ...]]] = field(default_factory=list)


def read_steps(page: str) -> list[Step]:
    """The steps of a page, in order. Every excerpt and table belongs to the block of commands before it."""
    steps: list[Step] = []
    for language, body, table in _BLOCK.findall(page):
        if language == "sh":
            steps.append(Step(read_commands(body)))
        elif language == "text":
            steps[-1].excerpts.append(body.splitlines())
        elif table:
            steps[-1].tables.append(list(_read_rows(table)))
    return steps


def read_exit_code(command: str) -> int:
    """The exit code that a command's comment announces; 0 without one."""
    found = _EXIT_CODE.search(command)
    return int(found.group(1)) if found else 0


def _read_rows(table: str) -> Iterator[tuple[str, ...]]:
    for line in table.splitlines():
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if not all(_RULE_OF_TABLE.fullmatch(cell) for cell in cells):
            yield cells


def printed_rows(output: str) -> list[tuple[str, ...]]:
    """The rows, headings first, of the tables that commands drew."""
    lines = (line.replace("┃", "│") for line in output.splitlines())
    return [tuple(cell.strip() for cell in line.strip("│").split("│")) for line in lines if line.startswith("│")]
