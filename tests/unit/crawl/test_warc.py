from __future__ import annotations

import io

import pytest
from warcio.archiveiterator import ArchiveIterator

from pipeline.archive.captures import CaptureLog
from pipeline.archive.store import BlobMissingError, BlobStore
from pipeline.crawl.warc import export_warc
from pipeline.paths import DataPaths
from tests.unit.crawl.fakes import COLUMN, DAY, FakeSites, publish_reports, run_crawl


def test_everything_captured_is_a_record_with_its_bytes(paths: DataPaths, sites: FakeSites) -> None:
    reports = publish_reports(sites, 2)
    run_crawl(paths, sites)
    sites.clock.time += DAY
    run_crawl(paths, sites)
    stream = io.BytesIO()
    assert export_warc(CaptureLog(paths.captures).read(), BlobStore(paths.blobs), stream) == 4 + 1
    stream.seek(0)
    bodies = {
        record.rec_headers["WARC-Target-URI"]: record.content_stream().read()
        for record in ArchiveIterator(stream)
        if record.rec_type == "resource"
    }
    assert bodies.keys() == {COLUMN, *reports, f"{COLUMN}202601/P00.pdf"}
    assert all(bodies[url] == sites.pages[url].body for url in bodies)


def test_an_archive_with_a_hole_is_not_exported_quietly(paths: DataPaths, sites: FakeSites) -> None:
    publish_reports(sites, 2)
    run_crawl(paths, sites)
    captures = CaptureLog(paths.captures).read()
    store = BlobStore(paths.blobs)
    store.path_of(captures[0].sha256 or "").unlink()
    with pytest.raises(BlobMissingError):
        export_warc(captures, store, io.BytesIO())
