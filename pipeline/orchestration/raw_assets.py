"""The schema raw as assets: what was captured, and which documents that makes. (raw.attachment is merged with core.)

Belongs here: calling the archive with this run's configuration and showing what it found. Does not belong here: storing
bytes, sniffing types or keeping the log (archive/), and reading (reading_asset.py).
"""

import datetime as dt
from collections import Counter

import dagster as dg
from pydantic import Field

from pipeline.archive import sniff
from pipeline.archive.captures import CaptureLog
from pipeline.archive.ingest import ingest_paths
from pipeline.archive.ledger import load_ledger, refresh_ledger
from pipeline.archive.store import BlobStore
from pipeline.contract.schema import load_tables
from pipeline.facts.addresses import mask_origin
from pipeline.orchestration.crawl_asset import CRAWL
from pipeline.orchestration.filing import find_readings
from pipeline.orchestration.regions import find_source_region
from pipeline.orchestration.resources import DataFolder
from pipeline.orchestration.tables_shown import render_table
from pipeline.warehouse.swap import explain_disk

CAPTURE = dg.AssetKey(["raw", "capture"])
DOCUMENT = dg.AssetKey(["raw", "document"])
# Not of the content: a new document outdates no reading of the others, and the UI would call all of them unsynced
DOCUMENT_VERSION = dg.DataVersion(sniff.VERSION)
SAMPLE_SIZE = 50


class CaptureConfig(dg.Config):
    """What to ingest."""

    paths: list[str] = Field(default=[], description="files, folders or globs to ingest; empty means the inbox")


@dg.asset(key=CAPTURE, group_name="raw", kinds={"python"}, description=load_tables()["raw.capture"].grain_en)
def capture(config: CaptureConfig, data: DataFolder) -> dg.MaterializeResult[None]:
    """Ingest the configured files, or the inbox."""
    paths = data.paths()
    with explain_disk(paths.captures):
        summary = ingest_paths(
            config.paths or [paths.inbox],
            BlobStore(paths.blobs),
            CaptureLog(paths.captures),
            lambda: dt.datetime.now(dt.UTC),
        )
    problems = [(pattern, "nothing there") for pattern in summary.missing]
    problems += [(failure.path, failure.message) for failure in summary.unreadable]
    new = [(c.document_id, c.origin_text, c.media_type, c.byte_count) for c in summary.new[:SAMPLE_SIZE]]
    return dg.MaterializeResult(
        metadata={
            **summary.counts,
            "new captures": dg.MetadataValue.md(render_table(("document", "origin", "type", "bytes"), new)),
            "not taken in": dg.MetadataValue.md(render_table(("path", "why"), problems[:SAMPLE_SIZE])),
        }
    )


@dg.asset(
    key=DOCUMENT,
    deps=[CAPTURE, CRAWL],
    code_version=sniff.VERSION,
    group_name="raw",
    kinds={"python"},
    description=load_tables()["raw.document"].grain_en,
)
def document(data: DataFolder) -> dg.MaterializeResult[None]:
    """Find new documents in the capture log; the year each reports on is known once it is read."""
    paths = data.paths()
    with explain_disk(paths.warehouse):
        summary = refresh_ledger(paths, lambda entries: find_readings(paths, entries), mask_origin, find_source_region)
    media_types = Counter(entry.media_type for entry in load_ledger(paths))
    return dg.MaterializeResult(
        data_version=DOCUMENT_VERSION,
        metadata={
            "dagster/row_count": sum(summary.partition_counts.values()),
            "new": summary.new_count,
            "changed years": ", ".join(summary.changed_partitions) or "none",
            "by year": dg.MetadataValue.md(render_table(("year", "documents"), summary.partition_counts.items())),
            "by media type": dg.MetadataValue.md(render_table(("type", "documents"), sorted(media_types.items()))),
            "bytes not usable": dg.MetadataValue.md(
                render_table(("document", "why"), [(f.document_id, f.message) for f in summary.failures[:SAMPLE_SIZE]])
            ),
        },
    )
