"""The exchange on an object store: a server that speaks S3, whose packages are installed apart from those of s3fs."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.archive.ledger import LedgerEntry
from pipeline.archive.store import BlobStore
from pipeline.facts.stages import read_manifest
from pipeline.orchestration.exchange import Exchange
from pipeline.orchestration.order_reader import do_order
from pipeline.orchestration.spread import Spreader
from pipeline.paths import DataPaths

s3fs = pytest.importorskip("s3fs", reason="the extra touming[spread] is not installed")

# A folder with the packages of requirements-spread-tests.lock
PACKAGES = os.environ.get("TOUMING_SPREAD_TESTS", "")
PAGE = "<html><body><h1>某某县{year}年政府信息公开工作年度报告</h1><p>一</p></body></html>"
CAPTURED = dt.datetime(2025, 3, 1, tzinfo=dt.UTC)

pytestmark = pytest.mark.skipif(not PACKAGES, reason="TOUMING_SPREAD_TESTS names no folder with moto")


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty bucket on a server of this test's own."""
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", "0"]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": PACKAGES}, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        found = (re.search(r"Running on (http://\S+)", line) for line in process.stderr)
        endpoint = next((match[1] for match in found if match), "")
        assert endpoint, "the server did not start"
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        s3fs.S3FileSystem.clear_instance_cache()
        s3fs.S3FileSystem().mkdir("exchange")
        yield "s3://exchange/reading"
    finally:
        process.kill()
        process.wait()


@dataclass
class QueueHere:
    """Does an order as soon as it is submitted."""

    exchange: Exchange
    scratch: Path
    ended: list[tuple[str, str]] = field(default_factory=list)

    def count_workers(self) -> int:
        return 1

    def describe_workers(self) -> str:
        return "1 worker"

    def submit(self, name: str) -> None:
        do_order(self.exchange, name, self.scratch, 1)
        self.ended.append((name, ""))

    def wait(self, seconds: float) -> Sequence[tuple[str, str]]:
        ended, self.ended = self.ended, []
        return ended


def test_reading_over_an_object_store_leaves_batches_here_and_only_blobs_there(bucket, tmp_path):
    paths, exchange = DataPaths(tmp_path / "data"), Exchange(bucket)
    pages = [PAGE.format(year=year).encode() for year in (2021, 2022)]
    stored = [(BlobStore(paths.blobs).put(page), len(page)) for page in pages]
    entries = [LedgerEntry(s[:16], s, "text/html", size, CAPTURED, "unknown", "unknown", "test") for s, size in stored]
    queue = QueueHere(exchange, tmp_path)
    lines: list[str] = []

    reading = Spreader(exchange, queue, 10, lines.append).read(paths, entries)
    assert sorted(reading.partitions.values()) == ["2021", "2022"]
    assert [len(read_manifest(paths, year)) for year in ("2021", "2022")] == [1, 1]
    assert len(lines) == 1
    left = s3fs.S3FileSystem(use_listings_cache=False).find(bucket)
    assert sorted(path.rpartition("/")[2] for path in left) == sorted(sha256 for sha256, _ in stored)
    assert exchange.get_result("0" * 16) is None
    assert exchange.list_orders() == []
