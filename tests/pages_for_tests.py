"""What the Markdown pages hold: blocks, commands, links, headings and their anchors."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from pipeline.paths import REPO_ROOT

PAGES = sorted(
    path.relative_to(REPO_ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "docs/adr/*.md", "sql/examples/*.md", "bench/*.md", "deploy/kubernetes/*.md")
    for path in REPO_ROOT.glob(pattern)
)
_BLOCK = re.compile(r"^```(\w*)\n([\s\S]*?)^```$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]\n]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_ASSIGNMENT = re.compile(r"[A-Z_]+=.*")
_ENDS = frozenset({"|", "||", "&&", ";", ">", "<"})


def read_page(name: str) -> str:
    """The text of a page, named from the checkout."""
    return (REPO_ROOT / name).read_text(encoding="utf-8")


def read_blocks(page: str) -> list[tuple[str, str]]:
    """The fenced blocks, each with its language."""
    return [(language, body) for language, body in _BLOCK.findall(page)]


def read_prose(page: str) -> str:
    """The page without its fenced blocks."""
    return _BLOCK.sub("", page)


def read_commands(block: str) -> list[str]:
    """The commands of a block of shell lines; a quote may go over several of them."""
    commands: list[str] = []
    begun = ""
    for line in block.splitlines():
        begun = f"{begun}\n{line}" if begun else line
        try:
            shlex.split(begun, comments=True)
        except ValueError:
            continue
        if begun.strip():
            commands.append(begun)
        begun = ""
    assert not begun, f"a quote that never ends: {begun}"
    return commands


def read_links(page: str) -> list[str]:
    """Where the page's links and pictures lead, without those to other sites."""
    return [target for target in _LINK.findall(_CODE.sub("", read_prose(page))) if "://" not in target]


def read_headings(page: str) -> list[tuple[int, str]]:
    """Level and text of each heading."""
    return [(len(marks), text) for marks, text in _HEADING.findall(read_prose(page))]


def make_anchors(page: str) -> set[str]:
    """The anchors of the page's headings, as they are made where Markdown is shown."""
    anchors: set[str] = set()
    for _, text in read_headings(page):
        anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        number = sum(
            known == anchor or re.fullmatch(rf"{re.escape(anchor)}-\d+", known) is not None for known in anchors
        )
        anchors.add(f"{anchor}-{number}" if number else anchor)
    return anchors


def find_touming_calls(page: str) -> Iterator[list[str]]:
    """The arguments of every call of `touming` in the page's shell blocks and in its prose."""
    for language, body in read_blocks(page):
        if language == "sh":
            for command in read_commands(body):
                yield from _find_calls(shlex.split(command, comments=True))
    for code in _CODE.findall(read_prose(page)):
        if " " in code and "touming" in code:
            yield from _find_calls(shlex.split(code))


def _find_calls(words: list[str]) -> Iterator[list[str]]:
    for at, word in enumerate(words[:-1]):
        before = words[at - 1] if at else ""
        is_first = not at or before in _ENDS | {"--"} or _ASSIGNMENT.fullmatch(before) is not None
        if word.split("/")[-1] == "touming" and is_first and re.fullmatch(r"[a-z-]+", words[at + 1]):
            ends = [number for number, later in enumerate(words) if number > at and later in _ENDS]
            yield words[at + 1 : min(ends, default=len(words))]
