"""Timing covers reader, form and bare parser; other libraries run in their own interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.formats import DIRECT_FORMATS, FORMATS
from bench.speed import (
    RAW_PARSERS,
    TIMED_FORMATS,
    TIMED_REPORTS,
    Timing,
    build_timed_documents,
    describe_timing,
    time_peers,
    time_reading,
)

PEERS = Path(__file__).parents[3] / "bench" / "peers.py"


@pytest.fixture(scope="module")
def documents():
    return build_timed_documents(DIRECT_FORMATS, 1)


def test_every_timed_format_has_a_bare_parser():
    assert {FORMATS[name].suffix for name in TIMED_FORMATS} == RAW_PARSERS.keys()


def test_timed_documents_span_a_small_page_and_a_large_one(documents):
    assert all(len(group) == len(TIMED_REPORTS) for group in documents.values())
    large, small = documents["word"][0].content, documents["page"][0].content
    assert len(large) > 120_000
    assert len(small) < 12_000
    assert large.count(b"<") > 3_000
    assert not any(name.startswith("pdf") for name in documents)


def test_each_format_is_timed_in_its_parts(documents):
    timings = list(time_reading({name: documents[name] for name in ("plain", "word", "docx-clean")}, 1))
    assert [timing.format_name for timing in timings] == ["plain", "word", "docx-clean"]
    for timing in timings:
        assert timing.reader_ms > 0
        assert timing.form_ms > 0
        assert (timing.documents, timing.pages) == (5, 0)


def test_other_libraries_read_the_same_bytes(documents):
    measured = time_peers({name: documents[name][:1] for name in ("word", "plain")}, 1, Path(sys.executable))
    assert measured["plain"] == {}
    assert measured["word"]["bs4 with lxml, tables"] > 0


def test_an_interpreter_that_fails_is_named(documents):
    with pytest.raises(RuntimeError, match=r"/bin/false could not run bench/peers\.py"):
        time_peers({"plain": documents["plain"][:1]}, 1, Path("/bin/false"))


def test_the_peers_script_knows_nothing_of_this_project():
    command = [sys.executable, "-I", str(PEERS), "1"]
    isolated = subprocess.run(command, input="{}", capture_output=True, text=True, check=True)
    assert json.loads(isolated.stdout) == {}
    assert "import bench" not in PEERS.read_text(encoding="utf-8")
    assert "from pipeline" not in PEERS.read_text(encoding="utf-8")


def test_a_timing_is_stored_to_the_microsecond():
    stored = describe_timing(Timing("word", 5, 140_000, 0, 1.23456, 2.0, "x", 0.51239, {"y": 27.00049}))
    assert (stored["reader_ms"], stored["raw_ms"], stored["peers"]) == (1.235, 0.512, {"y": 27.0})
