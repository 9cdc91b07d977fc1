"""Rows in batches: what was read goes in, and the rows of chosen documents come out, each from the batch that counts.

Belongs here: dividing what was read among partitions, and finding rows in batches. Does not belong here: batches as
files and their order (batches.py), and what merging makes of them (stages.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from pipeline.contract.schema import load_tables
from pipeline.facts import batches
from pipeline.facts.encoded import EncodedRows, ReadDocument, join_tables, list_read_tables
from pipeline.facts.files import encode_frame
from pipeline.paths import DataPaths


def write_batches(paths: DataPaths, parts: Sequence[EncodedRows]) -> Mapping[str, str]:
    """Write what was read as one batch for each partition it belongs to; it becomes the documents' newest reading.

    Returns batch names by partition. A name is derived from the content, whatever the order of the documents: the same
    readings give the same batch, and writing it again changes nothing but makes it the newest. ValueError for a
    document given twice.
    """
    read: dict[str, list[ReadDocument]] = {}
    for document in (one for part in parts for one in part.documents):
        read.setdefault(document.partition_year, []).append(document)
    partitions = {one.document_id: one.partition_year for documents in read.values() for one in documents}
    files: dict[str, dict[str, bytes]] = {partition: {} for partition in read}
    for table in list_read_tables():
        for partition, frame in _split_by_partition(table, parts, partitions):
            files[partition][table] = encode_frame(frame)
    return {
        partition: batches.write_batch_files(
            batches.partition_folder(paths, partition), read[partition], files[partition]
        )
        for partition in sorted(read)
    }


def scan_newest(paths: DataPaths, table: str, partition_year: str) -> pl.LazyFrame:
    """The rows of a table that stays in batches, of each document's newest reading as of the last merge."""
    index = batches.partition_folder(paths, partition_year) / batches.INDEX_FILE
    batch_of = dict(pl.read_parquet(index, hive_partitioning=False).iter_rows()) if index.exists() else {}
    return scan_documents(paths, table, partition_year, batch_of)


def scan_documents(paths: DataPaths, table: str, partition_year: str, batch_of: Mapping[str, str]) -> pl.LazyFrame:
    """The rows of a table that reading writes, of each of these documents as the batch named for it has them."""
    return _scan_batches(batches.partition_folder(paths, partition_year), table, batch_of.items())


def read_rows(folder: Path, table: str, batch_of: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """The rows of these documents, each from its own batch, sorted by the table's key."""
    return _scan_batches(folder, table, batch_of).sort(load_tables()[table].key).collect()


def make_empty(table: str) -> pl.DataFrame:
    """A table of batches without rows."""
    return pl.DataFrame(join_tables(table, []))


def _split_by_partition(
    table: str, parts: Sequence[EncodedRows], partitions: Mapping[str, str]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """The rows of one table for each partition that has any, in the order of their documents' ids."""
    key = load_tables()[table].key[0]
    frame = pl.DataFrame(join_tables(table, parts)).sort(key, maintain_order=True)
    if frame.is_empty():
        return
    ids = frame.select(key).unique()
    of_document = ids.with_columns(_partition=pl.col(key).replace_strict(partitions, return_dtype=pl.String))
    frame = frame.join(of_document, on=key, how="left", maintain_order="left")
    yield from (
        (str(partition), rows)
        for (partition,), rows in frame.partition_by("_partition", include_key=False, as_dict=True).items()
    )


def _scan_batches(folder: Path, table: str, batch_of: Iterable[tuple[str, str]]) -> pl.LazyFrame:
    """The rows of these documents, each from its own batch."""
    documents: dict[str, list[str]] = {}
    for document_id, batch in batch_of:
        documents.setdefault(batch, []).append(document_id)
    key = load_tables()[table].key
    parts = [make_empty(table).lazy()]
    for batch, wanted in documents.items():
        path = batches.table_path(folder, batch, table)
        if path.exists():
            parts.append(pl.scan_parquet(path, hive_partitioning=False).filter(pl.col(key[0]).is_in(wanted)))
    return pl.concat(parts)
