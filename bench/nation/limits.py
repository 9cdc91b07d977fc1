"""How far reading is from the least that it could cost: bare parsers and bare scans over the same bytes.

Belongs here: timing parsers that only parse, over documents as they are stored, and engines that only scan, over the
rows that reading wrote. Does not belong here: what the nights cost (night.py).
"""

from __future__ import annotations

import math
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import polars.selectors as cs

from bench.speed import RAW_PARSERS
from pipeline.archive.store import BlobStore
from pipeline.contract.schema import load_tables
from pipeline.orchestration.reading import read_content
from pipeline.paths import DataPaths

_DOCUMENTS_PER_FORMAT = 200
_SLOW_DOCUMENTS = 5
_CALLED_BEFORE = 2
_SAMPLE = """
SELECT format_name, any_value(media_type) AS media_type, list(sha256 ORDER BY document_id) AS hashes,
  count(*) AS documents, avg(truth.byte_count) AS mean_bytes
FROM (
  SELECT DISTINCT ON (document_id) * FROM read_parquet($truth) WHERE fault <> 'truncated' ORDER BY document_id, path
) AS truth
JOIN published.raw.document AS document USING (document_id)
GROUP BY format_name ORDER BY format_name
"""
_SUFFIX_OF = {"pdf": "pdf", "docx": "docx"} | dict.fromkeys(("page", "word", "word_light", "text_page"), "html")


def measure_limits(paths: DataPaths, truth_folder: Path) -> dict[str, Any]:
    """Milliseconds of CPU a document, by format, bare and read; seconds to scan the rows once. A JSON object.

    Of formats that another program opens (doc, wps) and of pictures only reading is timed, that program included.
    """
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{paths.published}' AS published (READ_ONLY)")
        found = con.execute(_SAMPLE, {"truth": str(truth_folder / "documents-*.parquet")}).fetchall()
    formats = {}
    for format_name, media_type, hashes, count, mean_bytes in found:
        suffix = _SUFFIX_OF.get(format_name)
        wanted = hashes[: _DOCUMENTS_PER_FORMAT if suffix else _SLOW_DOCUMENTS]
        contents = [BlobStore(paths.blobs).get(sha256) for sha256 in wanted]
        raw_parser, parse = RAW_PARSERS[suffix] if suffix else ("", None)
        formats[format_name] = {
            "documents": count,
            "mean_bytes": round(mean_bytes),
            "raw_parser": raw_parser,
            "raw_ms": _time_each(contents, parse) if parse else None,
            "read_ms": _time_each(contents, partial(read_content, media_type=media_type)),
        }
    return {"formats": formats, "mean": _average(formats), "scans": _scan_rows(paths)}


def _average(formats: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Milliseconds of a document of the corpus, by how many there are of each format.

    raw_ms and read_ms: over the formats with a bare parser; whole_ms: reading, over all.
    """
    bare = [each for each in formats.values() if each["raw_ms"] is not None]
    return {
        "raw_ms": _weigh(bare, "raw_ms"),
        "read_ms": _weigh(bare, "read_ms"),
        "whole_ms": _weigh(list(formats.values()), "read_ms"),
    }


def _weigh(formats: Sequence[Mapping[str, Any]], name: str) -> float:
    count: int = sum(each["documents"] for each in formats)
    spent = math.fsum(each["documents"] * each[name] for each in formats)
    return round(spent / max(1, count), 3)


def _time_each(contents: list[bytes], call: Callable[[bytes], object]) -> float:
    """CPU milliseconds of one call, programs that it runs included; the first calls are made before the clock runs."""
    for content in contents[:_CALLED_BEFORE]:
        call(content)
    started = _read_cpu_seconds()
    for content in contents:
        call(content)
    return round(1_000 * (_read_cpu_seconds() - started) / max(1, len(contents)), 3)


def _read_cpu_seconds() -> float:
    """What this process has spent, and the programs that it ran to their end."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _scan_rows(paths: DataPaths) -> dict[str, Any]:
    """The largest value of every column of every batch, by two engines: each value is decoded once."""
    files: dict[str, list[str]] = {}
    for table in load_tables().values():
        if table.stage == "batch":
            found = sorted(map(str, paths.shards.rglob(f"{table.name}.parquet")))
            files |= {table.name: found} if found else {}
    started = time.perf_counter()
    with duckdb.connect() as con:
        for found in files.values():
            con.execute("SELECT max(COLUMNS(*)) FROM read_parquet($files, hive_partitioning = false)", {"files": found})
            con.fetchall()
    between = time.perf_counter()
    for found in files.values():
        # Lists have no largest
        largest = (cs.exclude(cs.list()).max(), cs.list().list.len().max())
        pl.scan_parquet(found, hive_partitioning=False).select(*largest).collect(engine="streaming")
    ended = time.perf_counter()
    return {
        "files": sum(map(len, files.values())),
        "bytes": sum(Path(path).stat().st_size for found in files.values() for path in found),
        "duckdb_seconds": round(between - started, 2),
        "polars_seconds": round(ended - between, 2),
    }
