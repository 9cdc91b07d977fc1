"""examples/first_look.py on a published warehouse: what it computes, what it leaves alone, and that it asks nobody."""

from __future__ import annotations

import importlib.util
import os
import re
import select
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from bench.tab import Tab
from pipeline.paths import REPO_ROOT

NOTEBOOK = REPO_ROOT / "examples" / "first_look.py"
marimo = pytest.importorskip("marimo", reason="the extra notebook is not installed (requirements-notebook.lock)")


@pytest.fixture
def notebook() -> ModuleType:
    specification = importlib.util.spec_from_file_location("first_look", NOTEBOOK)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in this process reaches another machine."""

    def refuse(self: socket.socket, address: object) -> None:
        raise AssertionError(f"the notebook asked {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def run(notebook, alone, monkeypatch) -> Callable[..., Mapping[str, Any]]:
    def look(data: object) -> Mapping[str, Any]:
        monkeypatch.setenv("TOUMING_DATA", str(data))
        found = notebook.app.run()[1]
        # DuckDB opens a file in one way at a time in a process
        found["con"].close()
        return found

    return look


def test_the_number_it_traces_is_that_of_the_warehouse_and_of_the_chart(run, published):
    found = run(published.paths.root)
    number, offices = found["number"], found["offices"]
    assert found["year"].value == published.value("SELECT max(report_year) FROM mart.agency_year WHERE has_report")
    (office,) = [row for row in offices if row["agency_id"] == number["agency_id"]]
    assert number["value"] == office["request_received_count"]
    assert number["sha256"] == published.value(
        "SELECT sha256 FROM raw.document WHERE document_id = $id", id=number["document_id"]
    )
    bars = {
        name: sum(bar.x[list(bar.y).index(name)] for bar in found["chart"].data) for name in found["chart"].data[0].y
    }
    assert bars[office["agency_name"]] == number["value"]


def test_absences_are_counted_and_have_no_bar(run, published):
    found = run(published.paths.root)
    assert len(found["offices"]) > len(found["known"]) == len(found["chart"].data[0].y) > 0


def test_the_published_file_stays_as_it_is(run, published):
    before = published.paths.published.stat()
    run(published.paths.root)
    after = published.paths.published.stat()
    assert (before.st_mtime_ns, before.st_size, before.st_ino) == (after.st_mtime_ns, after.st_size, after.st_ino)
    assert not list(published.paths.published.parent.glob("*.wal"))


def test_without_a_warehouse_it_says_how_to_build_one(notebook, alone, tmp_path, monkeypatch):
    monkeypatch.setenv("TOUMING_DATA", str(tmp_path))
    outputs, found = notebook.app.run()
    assert "number" not in found
    assert any("touming run --samples" in str(getattr(output, "text", "")) for output in outputs)
    assert list(tmp_path.iterdir()) == []


def test_marimo_finds_nothing_to_complain_of():
    checked = subprocess.run([sys.executable, "-m", "marimo", "check", "--strict", NOTEBOOK], check=False)
    assert checked.returncode == 0


@contextmanager
def serve(data: object):
    """`marimo run` as the notebook's first lines have it, on a free port; its address."""
    environment = {**os.environ, "TOUMING_DATA": str(data)}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "marimo",
        "run",
        str(NOTEBOOK),
        "--headless",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as server:
        try:
            told = b""
            while b"http://" not in told:
                assert select.select([server.stdout], [], [], 60)[0], told.decode()
                told += os.read(server.stdout.fileno(), 4096)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def test_a_browser_shows_it_and_asks_this_machine_alone(published, browser: Tab):
    with serve(published.paths.root) as address:
        asked_before = len(browser.asked)
        browser.ask("Page.navigate", {"url": address})
        browser.wait("document.body && document.body.innerText.includes('sha256')")
        browser.wait("document.querySelector('iframe')?.contentDocument?.querySelectorAll('.bars .point').length")
        shown = browser.run("document.body.innerText")
        own = [
            a for a in browser.asked[asked_before:] if not re.match(r"(http|ws)://127\.0\.0\.1:|data:|blob:|about:", a)
        ]
    assert "requests.new_received.total" in shown
    assert own == []
    browser.complaints.clear()
