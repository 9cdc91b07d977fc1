"""The archive as WARC, for programs that other archives use.

Belongs here: writing captures and their bytes as WARC records. Does not belong here: keeping anything (the blobs and
the capture log stay the archive).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import IO

from warcio.warcwriter import WARCWriter

from pipeline.archive.captures import CAPTURED, MEMBER_MARK, Capture
from pipeline.archive.store import BlobStore


def export_warc(captures: Iterable[Capture], store: BlobStore, stream: IO[bytes]) -> int:
    """Write a record for every capture of a site that brought bytes, gzipped; returns their number.

    They are `resource` records: the log keeps what matters of an answer's headers, not the headers themselves, and
    nothing is made up. Files out of a ZIP are left out, the ZIP is there. BlobMissingError or BlobDamagedError when the
    archive is not whole.
    """
    writer = WARCWriter(stream, gzip=True, warc_version="1.1")
    writer.write_record(writer.create_warcinfo_record("touming.warc.gz", {"software": "touming", "format": "WARC 1.1"}))
    count = 0
    for capture in captures:
        if capture.fetch_outcome_code != CAPTURED or capture.source_id is None or MEMBER_MARK in capture.origin_text:
            continue
        if capture.sha256 is not None:
            _write(writer, capture, store.get(capture.sha256))
            count += 1
    return count


def _write(writer: WARCWriter, capture: Capture, content: bytes) -> None:
    headers = {
        "WARC-Date": f"{capture.captured_at:%Y-%m-%dT%H:%M:%SZ}",
        "WARC-Identified-Payload-Type": capture.media_type or "application/octet-stream",
    }
    record = writer.create_warc_record(
        capture.final_url_text or capture.origin_text,
        "resource",
        payload=io.BytesIO(content),
        length=len(content),
        warc_content_type=capture.declared_media_type_text or capture.media_type or "application/octet-stream",
        warc_headers_dict=headers,
    )
    writer.write_record(record)
