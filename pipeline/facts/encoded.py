"""Rows of some documents as columns in Arrow's stream format: small to send from process to process, quick to join.

Belongs here: rows of documents to bytes, checked against the contract, and back to a table. Does not belong here: what
a row says (rows.py), files and partitions (batches.py, stages.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pyarrow as pa

from pipeline.contract.arrays import arrow_schema, make_table
from pipeline.contract.schema import load_tables
from pipeline.facts.model import DocumentRows, Outcome

# What only merging knows, and rows of one document lack
MERGED_COLUMNS: Mapping[str, frozenset[str]] = {
    "core.report": frozenset(
        {
            *("agency_id", "identity_method_code", "identity_confidence_code", "scope_code", "scope_evidence_text"),
            *("version_number", "version_change_code", "is_latest"),
        }
    ),
    "raw.attachment": frozenset({"attachment_document_id"}),
}
# Without threads: processes that read are forked, and their memory is counted
_WRITING = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """What became of reading one document, and the year that its rows belong to."""

    document_id: str
    partition_year: str
    reader_version: str
    outcome: Outcome
    issue_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EncodedRows:
    """The rows of some documents: an Arrow stream by table name, tables without rows left out."""

    documents: tuple[ReadDocument, ...]
    streams: Mapping[str, bytes]


@cache
def list_read_tables() -> tuple[str, ...]:
    """The tables that reading writes, in the order of the contract."""
    return tuple(name for name, table in load_tables().items() if table.stage in ("batch", "year"))


def encode_rows(rows: Sequence[DocumentRows]) -> EncodedRows:
    """The rows of these documents, of one table after another; ContractError when a row breaks the contract."""
    streams = {}
    for table in list_read_tables():
        of_table = [row for one in rows for row in one.tables.get(table, ())]
        if of_table:
            streams[table] = _write_stream(make_table(table, of_table, MERGED_COLUMNS.get(table, ())))
    return EncodedRows(tuple(_describe(one) for one in rows), streams)


def join_tables(table: str, parts: Iterable[EncodedRows]) -> pa.Table:
    """The rows of one table in all these parts, in their order."""
    fields = [field for field in arrow_schema(table) if field.name not in MERGED_COLUMNS.get(table, ())]
    streams = [part.streams[table] for part in parts if table in part.streams]
    empty = pa.schema(fields).empty_table()
    return pa.concat_tables([empty, *(pa.ipc.open_stream(stream).read_all() for stream in streams)])


def _write_stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_WRITING) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _describe(rows: DocumentRows) -> ReadDocument:
    return ReadDocument(rows.document_id, rows.partition_year, rows.reader_version, rows.outcome, rows.issue_codes)
