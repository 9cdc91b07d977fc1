"""Rooms know only what comes before them: a walk over every import statement of the package."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from pipeline.paths import REPO_ROOT

PACKAGE = REPO_ROOT / "pipeline"
EVERYWHERE = ("contract", "issues", "paths", "progress", "whole_files")
# What a room may import beside itself and EVERYWHERE: of the room before it the record types, no more
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "contract": (),
    "issues": (),
    "paths": (),
    "progress": (),
    "whole_files": (),
    "archive": (),
    "sources": (),
    "crawl": ("sources", "archive"),
    "documents": (),
    "reports": ("documents.model",),
    "agencies": (),
    "facts": ("reports.model", "agencies"),
    "warehouse": (),
    # It asks the published file, and knows nothing of how it is built
    "site": ("warehouse.query", "warehouse.query_errors", "warehouse.sql_files"),
    "orchestration": ("archive", "sources", "crawl", "documents", "reports", "agencies", "facts", "warehouse", "site"),
    "definitions": ("orchestration",),
    "cli": (
        "archive",
        "sources",
        "crawl",
        "documents",
        "reports",
        "agencies",
        "facts",
        "warehouse",
        "site",
        "orchestration",
        "definitions",
    ),
}
ONLY_IN: Mapping[str, tuple[str, ...]] = {
    "dagster": ("orchestration", "definitions"),
    "duckdb": ("warehouse",),
    "click": ("cli",),
    "rich": ("cli",),
    "jinja2": ("site",),
    "http.server": ("site",),
    "urllib3": ("crawl",),
    # Orchestration asks whether a port is free
    "socket": ("crawl", "orchestration"),
}

# Two in a row: a single one is the bound of a range of characters
CHINESE_WORD = re.compile("[\u4e00-\u9fff]{2}")


def list_modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__") or "__init__"


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_within(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


@pytest.mark.parametrize("path", list_modules(), ids=name_of)
def test_room_imports_only_what_comes_before_it(path: Path) -> None:
    room = name_of(path).split(".")[0]
    if room == "__init__":
        return
    permitted = (room, *EVERYWHERE, *ALLOWED[room])
    imported = [name.removeprefix("pipeline.") for name in imports_of(path) if name.startswith("pipeline.")]
    # `from pipeline.documents import model` names the package too; what counts is what is taken out of it
    offending = [
        name
        for name in imported
        if not is_within(name, permitted)
        and not any(is_within(other, permitted) for other in imported if other.startswith(f"{name}."))
    ]
    assert not offending, f"{name_of(path)} imports {offending}"


@pytest.mark.parametrize("path", list_modules(), ids=name_of)
def test_library_stays_in_its_room(path: Path) -> None:
    room = name_of(path).split(".")[0]
    for library, rooms in ONLY_IN.items():
        if room not in rooms:
            used = [name for name in imports_of(path) if is_within(name, (library,))]
            assert not used, f"{name_of(path)} imports {library}, which belongs in {rooms}"


def test_modules_with_dagster_definitions_evaluate_annotations_now() -> None:
    decorators = ("dg.asset", "dg.multi_asset", "dg.op", "dg.job", "dg.schedule", "dg.asset_check")
    for path in list_modules():
        text = path.read_text(encoding="utf-8")
        if any(f"@{decorator}" in text for decorator in decorators):
            assert "from __future__ import annotations" not in text, f"{path}: Dagster reads annotations as objects"


def test_reading_one_file_imports_no_heavy_library() -> None:
    """`touming report` starts within a second; each of these alone would take a good part of it."""
    script = (
        "import sys, pipeline.cli.report, pipeline.cli.report_view, pipeline.orchestration.reading\n"
        "import pipeline.facts.report_json, pipeline.archive.sniff, pipeline.facts.whose\n"
        "print(*sorted({'dagster', 'duckdb', 'polars', 'pyarrow'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_code_holds_no_chinese_text() -> None:
    """Chinese belongs in data files; comments and docstrings may name an official term."""
    for path in list_modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                assert not CHINESE_WORD.search(node.value), f"{path}:{node.lineno}: {node.value!r}"
