"""The documents of a nation as files, with their truth beside them as Parquet, written on every core.

Belongs here: the files of a corpus: documents/<thousand>/<slot>…, truth/documents-<first slot>.parquet and
truth/cells-<first slot>.parquet. Does not belong here: what documents there are (documents.py).
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import polars as pl

from bench.nation.documents import Nation, NationDocument, build_documents
from pipeline.archive.captures import DOCUMENT_ID_DIGITS

# Decides nothing but how often a word processor is started and how much is done again after a stop
SLOTS_PER_BATCH = 1_000
_DOCUMENT_SCHEMA = pl.Schema(
    {
        "path": pl.String(),
        "document_id": pl.String(),
        "format_name": pl.String(),
        "fault": pl.String(),
        "agency_name": pl.String(),
        "region_code": pl.String(),
        "report_year": pl.Int32(),
        "is_report": pl.Boolean(),
        "is_readable": pl.Boolean(),
        "byte_count": pl.Int64(),
    }
)
_CELL_SCHEMA = pl.Schema({"document_id": pl.String(), "cell_code": pl.String(), "value": pl.String()})


def write_nation(
    nation: Nation, folder: Path, slots: Sequence[int] | None = None, *, is_revised: bool = False
) -> Iterator[int]:
    """Write documents and truth of all slots, or of these; how many slots are done, batch by batch.

    Batches that an earlier call finished are not made again. The bytes do not depend on the number of cores.
    """
    wanted = range(nation.slot_count) if slots is None else slots
    batches = [wanted[start : start + SLOTS_PER_BATCH] for start in range(0, len(wanted), SLOTS_PER_BATCH)]
    open_batches = [batch for batch in batches if not _name_part(folder, "documents", batch).is_file()]
    yield sum(map(len, batches)) - sum(map(len, open_batches))
    workers = max(1, min(os.cpu_count() or 1, len(open_batches)))
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(write_batch, nation, folder, batch, is_revised): len(batch) for batch in open_batches}
        for future in as_completed(futures):
            future.result()
            yield futures[future]


def write_batch(nation: Nation, folder: Path, slots: Sequence[int], is_revised: bool) -> None:
    """Write the documents of some slots and then their truth, whose last file says that the batch is whole."""
    documents = build_documents(nation, slots, is_revised=is_revised)
    for each in documents:
        path = folder / "documents" / each.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.content)
    identifiers = [hashlib.sha256(each.content).hexdigest()[:DOCUMENT_ID_DIGITS] for each in documents]
    by_identifier = dict(zip(identifiers, documents, strict=True))
    cells = [(i, code, value) for i, each in by_identifier.items() for code, value in each.values.items()]
    _write_part(pl.DataFrame(cells, _CELL_SCHEMA, orient="row"), _name_part(folder, "cells", slots))
    rows = [_describe(each, identifier) for each, identifier in zip(documents, identifiers, strict=True)]
    _write_part(pl.DataFrame(rows, _DOCUMENT_SCHEMA, orient="row"), _name_part(folder, "documents", slots))


def _describe(document: NationDocument, identifier: str) -> tuple[object, ...]:
    return (
        document.path,
        identifier,
        document.format_name,
        document.fault,
        document.agency.printed_name,
        document.agency.region_code,
        document.report_year,
        document.is_report,
        document.is_readable,
        len(document.content),
    )


def _name_part(folder: Path, kind: str, slots: Sequence[int]) -> Path:
    return folder / "truth" / f"{kind}-{slots[0]:07}.parquet"


def _write_part(frame: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    frame.write_parquet(unfinished, compression="zstd")
    unfinished.replace(path)
