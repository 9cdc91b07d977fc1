"""docs/errors.md has every code that anything here ends with, and none that nothing does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.contract.command_errors import load_command_errors
from pipeline.contract.issue_catalogue import load_issue_catalogue
from pipeline.issues import IssueCode
from pipeline.orchestration import failures
from pipeline.paths import REPO_ROOT

MODULES = sorted((REPO_ROOT / "pipeline").rglob("*.py"))
# Handed on from an error that had its code already, or one of a closed list that has entries of its own
HANDED_ON = re.compile(r"(error|made)\.code|IssueCode\.[A-Z_0-9]+")
# What a command prints without ending with it
PRINTED = re.compile(r'f?"(?:error \[(?P<ending>[a-z_]+)\]|(?P<line>[a-z]+_[a-z_]+)): \{')


def read_trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


def find_coded_classes(trees: dict[Path, ast.Module]) -> dict[str, int]:
    """Classes of errors with a code, own or inherited -> which argument it is."""
    classes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found: dict[str, int] = {}
    for node in classes:
        for method in node.body:
            if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                arguments = [argument.arg for argument in method.args.args[1:]]
                if "code" in arguments and any(
                    "Error" in ast.unparse(b) or "Exc" in ast.unparse(b) for b in node.bases
                ):
                    found[node.name] = arguments.index("code")
    while inherited := [
        (node.name, found[base.id])
        for node in classes
        for base in node.bases
        if isinstance(base, ast.Name) and base.id in found and node.name not in found
    ]:
        found.update(inherited)
    return found


def list_raised(trees: dict[Path, ast.Module]) -> Iterator[tuple[str, ast.expr]]:
    """Where and with which code each of these errors is made."""
    coded = find_coded_classes(trees)
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in coded:
                named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
                yield f"{path.name}:{node.lineno}", (named or node.args[coded[node.func.id] :])[0]


def find_codes() -> dict[str, str]:
    trees = read_trees()
    codes = {
        code.value: where
        for where, code in list_raised(trees)
        if isinstance(code, ast.Constant) and isinstance(code.value, str)
    }
    for path in MODULES:
        for found in PRINTED.finditer(path.read_text(encoding="utf-8") if path.parent.name == "cli" else ""):
            codes[found["ending"] or found["line"]] = path.name
    for code in (*failures._CODES.values(), failures._STEP_FAILED, failures._NO_STEP_FAILED):
        codes[code] = "failures.py"
    return codes


def test_errors_of_every_room_are_looked_at():
    coded = find_coded_classes(read_trees())
    assert {"CommandError", "QueryTooLarge", "ReleaseError", "BackupError", "SiteError"} <= set(coded)
    assert coded["CommandError"] == 1
    codes = find_codes()
    assert {"gate_failed", "query_too_large", "site_outrun", "unexpected", "division_wrong", "run_killed"} <= set(codes)


def test_a_code_is_written_where_it_is_raised():
    """A code that is put together somewhere else would escape the catalogue."""
    odd = {
        where: ast.unparse(code)
        for where, code in list_raised(read_trees())
        if not isinstance(code, ast.Constant) and not HANDED_ON.fullmatch(ast.unparse(code))
    }
    assert odd == {}


def test_every_code_has_an_entry():
    missing = {code: where for code, where in find_codes().items() if code not in load_command_errors()}
    assert missing == {}, "add them to contract/command_errors.yml"


def test_every_entry_is_a_code_that_something_ends_with():
    assert set(load_command_errors()) - set(find_codes()) == set(), "take them out of contract/command_errors.yml"


def test_issues_and_their_entries_are_the_same():
    assert set(load_issue_catalogue()) == set(IssueCode)


def test_the_page_has_both():
    page = (REPO_ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## `([a-z_]+)`$", page, re.MULTILINE)
    assert headings == [*map(str, load_issue_catalogue()), *load_command_errors()]
