"""Files of sql/: one statement each, under a header of `-- key: value` comment lines.

Belongs here: reading such a file and saying what is wrong with it. Does not belong here: running the statement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.warehouse.errors import WarehouseError

_HEADER = re.compile(r"--\s*(?P<key>[a-z_]+):\s*(?P<value>.+)")


@dataclass(frozen=True, slots=True)
class SqlFile:
    """One file: its name without suffix, its headers, and its text (headers included; they are comments)."""

    name: str
    path: Path
    headers: Mapping[str, str]
    sql: str

    def header(self, key: str) -> str:
        """The value of one header; WarehouseError naming the file when it is missing."""
        if key not in self.headers:
            raise WarehouseError(f"{self.path}: has no header '-- {key}: …'; add it to the comment lines at the top.")
        return self.headers[key]


def read_sql_file(path: Path) -> SqlFile:
    """One file. Headers end at the first line that is no comment; a comment line without a key belongs to no header."""
    text = path.read_text(encoding="utf-8").strip().removesuffix(";")
    headers = {}
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        if found := _HEADER.fullmatch(line.strip()):
            headers[found["key"]] = found["value"].strip()
    return SqlFile(path.stem, path, headers, text)


def read_sql_folder(folder: Path) -> list[SqlFile]:
    """Every .sql file of a folder, sorted by name; WarehouseError when the folder has none."""
    paths = sorted(folder.glob("*.sql"))
    if not paths:
        raise WarehouseError(f"{folder}: no .sql files; the checkout is incomplete, restore sql/ from version control.")
    return [read_sql_file(path) for path in paths]
