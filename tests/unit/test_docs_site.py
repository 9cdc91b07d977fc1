"""The pages that `make docs` writes ask no other host for anything, and lead to each other and to their anchors."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from selectolax.lexbor import LexborHTMLParser

from pipeline.paths import REPO_ROOT
from tests.pages_for_tests import PAGES

SITE = REPO_ROOT / "docs" / "_build"
pytestmark = pytest.mark.skipif(not SITE.is_dir(), reason="make docs writes the pages")
# What loads by itself, and in which attribute it says from where
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


@cache
def parse(path: Path) -> LexborHTMLParser:
    return LexborHTMLParser(path.read_text(encoding="utf-8"))


@cache
def anchors(path: Path) -> frozenset[str]:
    return frozenset(str(node.attributes["id"]) for node in parse(path).css("[id]"))


def list_pages() -> list[Path]:
    return sorted(SITE.rglob("*.html"))


def test_every_page_of_the_checkout_is_there() -> None:
    missing = [name for name in PAGES if not (SITE / name).with_suffix(".html").is_file()]
    assert missing == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    for page in list_pages():
        for tag, attribute in LOADED.items():
            for node in parse(page).css(f"{tag}[{attribute}]"):
                place = str(node.attributes[attribute])
                assert re.match(r"([a-z]+:|//)", place) is None, f"{page}: {place}"
                assert (page.parent / unquote(re.split("[?#]", place)[0])).exists(), f"{page}: {place}"
    for sheet in SITE.rglob("*.css"):
        assert re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", sheet.read_text(encoding="utf-8")) is None, sheet


def test_every_link_within_the_pages_leads_somewhere() -> None:
    count = 0
    for page in list_pages():
        for node in parse(page).css("a[href]"):
            target, _, anchor = unquote(str(node.attributes["href"])).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            path = (page.parent / target).resolve() if target else page
            assert path.is_file(), f"{page}: {target}"
            assert not anchor or anchor in anchors(path), f"{page}: {target}#{anchor}"
            count += 1
    assert count > 500
