"""Where documents were captured, as evidence of whose they are.

Belongs here: the first capture of each document and the division of its source, out of the stages of raw.capture and
core.source. Does not belong here: what such evidence is worth (agencies/).
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import polars as pl

from pipeline.agencies.evidence import ORIGIN, SOURCE_COLUMN
from pipeline.paths import DataPaths


def read_whence(
    paths: DataPaths, documents: Collection[str], find_origin: Callable[[str], str]
) -> dict[str, dict[str, str]]:
    """Where each of these documents was first captured, as evidence by kind: its origin, its source's division.

    find_origin gives the whole origin of a document, of which raw.capture shows no more than may be published.
    """
    origins = {document_id: {ORIGIN: find_origin(document_id)} for document_id in documents}
    path = paths.stage / "raw" / "capture" / "part.parquet"
    divisions = _read_source_divisions(paths)
    if not divisions or not path.exists():
        return origins
    captures = pl.scan_parquet(path, hive_partitioning=False).filter(pl.col("document_id").is_in(list(documents)))
    first = captures.sort("captured_at", "capture_id").unique("document_id", keep="first", maintain_order=True)
    sources = first.select("document_id", "source_id").drop_nulls().collect().iter_rows()
    for document_id, source_id in sources:
        if source_id in divisions:
            origins[document_id][SOURCE_COLUMN] = divisions[source_id]
    return origins


def _read_source_divisions(paths: DataPaths) -> dict[str, str]:
    """The division of each registered source; {} before core.source is written."""
    path = paths.stage / "core" / "source" / "part.parquet"
    if not path.exists():
        return {}
    sources = pl.read_parquet(path, columns=["source_id", "region_code"], hive_partitioning=False)
    return dict(sources.drop_nulls().iter_rows())
