"""A crawl that is killed again and again ends where one that was never killed does."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.archive.captures import CaptureLog
from pipeline.archive.store import BlobStore
from pipeline.crawl.rebuild import rebuild_frontier
from pipeline.paths import REPO_ROOT, DataPaths
from tests.pipeline.crawl_once import crawl_once, list_sources
from tests.sites import RunningSite, SitePlan, start_sites

KILLS = 5
PLANS = [
    SitePlan("trs_static", documents=20, has_counters=False),
    SitePlan("vsb", documents=20, has_counters=False, first_number=100),
    SitePlan("jpaas", documents=20, has_counters=False, first_number=200),
]


def read_final(root: Path) -> set[tuple[str, str, str | None]]:
    with sqlite3.connect(DataPaths(root).frontier) as db:
        return set(db.execute("SELECT url, state, sha256 FROM request WHERE is_guess = 0"))


def kill_after(root: Path, sites: list[RunningSite], answers: int) -> None:
    """Start a crawl in a process of its own and kill it after so many answers."""
    arguments = [sys.executable, "-m", "tests.pipeline.crawl_once", str(root), *(site.column_url for site in sites)]
    with subprocess.Popen(arguments, cwd=REPO_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _, _line in zip(range(answers), process.stdout, strict=False):
            pass
        process.kill()


@pytest.fixture(scope="module")
def sites():
    with start_sites(PLANS) as running:
        yield running


def test_killed_at_random_moments_a_crawl_loses_nothing(sites: list[RunningSite], tmp_path: Path) -> None:
    columns = [site.column_url for site in sites]
    undisturbed = tmp_path / "undisturbed"
    assert crawl_once(undisturbed, columns).is_complete
    expected = set().union(*(site.expected for site in sites))
    assert expected <= {url for url, state, _ in read_final(undisturbed) if state == "done"}

    killed = tmp_path / "killed"
    chance = random.Random(20260115)
    for _ in range(KILLS):
        kill_after(killed, sites, chance.randint(3, 40))
    assert crawl_once(killed, columns).is_complete
    assert read_final(killed) == read_final(undisturbed)

    paths = DataPaths(killed)
    store = BlobStore(paths.blobs)
    captures = CaptureLog(paths.captures).read()
    assert {one.origin_text for one in captures if one.sha256 and store.get(one.sha256)} >= expected
    # What the frontier had not written down yet was asked again; nothing else was
    assert len(captures) <= len(expected) + 40 + KILLS * 4

    rebuild_frontier(paths, list_sources(columns))
    assert read_final(killed) == read_final(undisturbed)
