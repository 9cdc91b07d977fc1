"""Rows on disk: shards that reading writes, and the merged Parquet stage of one partition.

Belongs here: the only I/O of this room, the order of batches, and what needs more than one document (agency, version,
attachment).
Does not belong here: what a row says (rows.py), which documents are read, and the database.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.agencies.version import identity_version
from pipeline.contract.frames import arrow_schema, make_frame, polars_schema
from pipeline.contract.schema import load_tables
from pipeline.facts import batches
from pipeline.facts.agency_frames import (
    REPORT_COLUMNS,
    ReportIdentity,
    agency_frames,
    identify_reports,
    report_columns_frame,
)
from pipeline.facts.attachments import Archived, complete_attachments, list_announcements, name_archived
from pipeline.facts.batches import ManifestEntry
from pipeline.facts.files import encode_frame, replace_file, replace_parquet
from pipeline.facts.model import DocumentRows
from pipeline.facts.versions import Candidate, number_versions
from pipeline.paths import DataPaths

__all__ = ["ManifestEntry", "MergeSummary", "is_outdated", "merge_partition", "read_manifest", "write_batch"]

# What only merging knows, and shards lack. The values make a row whole while the contract checks it.
_MERGED_COLUMNS: Mapping[str, Mapping[str, object]] = {
    "core.report": {**REPORT_COLUMNS, "version_number": 0, "version_change_code": "first", "is_latest": False},
    "raw.attachment": {"attachment_document_id": None},
}
# In a partition's folder: by which identity data it was merged
_MERGED_BY = "merged_by.txt"
# Documents merged at a time: about 2 million cells; a year of 160,000 reports then needs 4 GB instead of 21
_SLICE_DOCUMENTS = 10_000


@dataclass(frozen=True, slots=True)
class MergeSummary:
    """What merging one partition came to.

    row_counts: rows by table. outcome_counts: merged documents by reading outcome. unread: documents of the partition
    that no batch has. changed_tables: tables whose file was rewritten. removed_batch_count: batches deleted because no
    document of the partition points to them any more.
    """

    row_counts: Mapping[str, int]
    outcome_counts: Mapping[str, int]
    unread: tuple[str, ...]
    changed_tables: tuple[str, ...]
    removed_batch_count: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What merging knows of documents beyond their readings: first capture, and what is archived."""

    documents: Mapping[str, dt.datetime]
    archived: Archived


def write_batch(paths: DataPaths, partition_year: str, rows: Sequence[DocumentRows]) -> str:
    """Write what was read of these documents as one batch and return its name; it becomes their newest reading.

    The name is derived from the content: the same reading gives the same batch, and writing it again changes nothing
    but makes it the newest. ContractError when a row breaks the contract, ValueError for a document given twice.
    """
    files = {
        table: encode_frame(frame)
        for table in _staged_tables()
        if (frame := _shard_frame(table, [row for one in rows for row in one.tables.get(table, ())])).height
    }
    return batches.write_batch_files(_partition_folder(paths, partition_year), rows, files)


def read_manifest(paths: DataPaths, partition_year: str) -> Mapping[str, ManifestEntry]:
    """The newest reading of each document that was read in a partition, by document_id; empty when there is none."""
    return batches.read_entries(_partition_folder(paths, partition_year))


def merge_partition(
    paths: DataPaths, partition_year: str, documents: Mapping[str, dt.datetime], archived: Archived
) -> MergeSummary:
    """Write the stages of one partition from the newest reading of each of its documents.

    documents: document_id -> time of its first capture, for every document that belongs to the partition; readings of
    other documents are dropped. archived: where links lead. Files are replaced one by one and only when their content
    changed.
    """
    folder = _partition_folder(paths, partition_year)
    row_counts: dict[str, int] = {}
    changed: list[str] = []
    with batches.partition_lock(folder):
        entries = {key: entry for key, entry in batches.read_entries(folder).items() if key in documents}
        for table, frames in _merge_tables(folder, entries, _Known(documents, archived)):
            path = _stage_path(paths, table, partition_year)
            row_counts[table], is_changed = replace_parquet(path, arrow_schema(table), frames)
            if is_changed:
                changed.append(table)
        replace_file(folder / _MERGED_BY, identity_version().encode())
        removed = batches.remove_batches(folder, keep={entry.batch for entry in entries.values()})
    return MergeSummary(
        row_counts=row_counts,
        outcome_counts=dict(sorted(Counter(entry.outcome for entry in entries.values()).items())),
        unread=tuple(sorted(documents.keys() - entries.keys())),
        changed_tables=tuple(changed),
        removed_batch_count=removed,
    )


def is_outdated(paths: DataPaths, partition_year: str) -> bool:
    """Whether a partition was merged by other identity data than today's: its reports may be of other agencies now."""
    path = _partition_folder(paths, partition_year) / _MERGED_BY
    return path.exists() and path.read_text() != identity_version()


def _partition_folder(paths: DataPaths, partition_year: str) -> Path:
    return paths.shards / f"year={partition_year}"


def _staged_tables() -> tuple[str, ...]:
    """The tables that reading writes, in the order of the contract."""
    return tuple(name for name, table in load_tables().items() if table.stage == "year")


def _shard_frame(table: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    merged = _MERGED_COLUMNS.get(table, {})
    if not merged:
        return make_frame(table, rows)
    return make_frame(table, [{**row, **merged} for row in rows]).drop(*merged)


def _merge_tables(
    folder: Path, entries: Mapping[str, ManifestEntry], known: _Known
) -> Iterator[tuple[str, Iterable[pl.DataFrame]]]:
    """Each table as frames in key order: a slice of the documents each, so that a large year fits in memory."""
    batch_of = sorted((entry.document_id, entry.batch) for entry in entries.values())
    slices = [batch_of[start : start + _SLICE_DOCUMENTS] for start in range(0, len(batch_of), _SLICE_DOCUMENTS)]
    for table in _staged_tables():
        frames = (_read_slice(folder, table, part) for part in slices)
        if table == "core.report":
            reports = pl.concat([_shard_frame(table, []), *frames])
            identities = _identify_slices(folder, slices, known.archived)
            for name, frame in agency_frames(identities).items():
                yield name, [frame]
            yield table, [_add_versions(reports, report_columns_frame(identities), known.documents)]
        elif table == "raw.attachment":
            yield table, (_read_attachments(folder, part, known.archived) for part in slices)
        elif table == "core.issue":
            yield table, (_read_issues(folder, part, known.archived) for part in slices)
        else:
            yield table, frames


def _identify_slices(
    folder: Path, slices: Sequence[Sequence[tuple[str, str]]], archived: Archived
) -> list[ReportIdentity]:
    found: list[ReportIdentity] = []
    for part in slices:
        origins = {document_id: archived.find_origin(document_id) for document_id, _ in part}
        reports = _read_slice(folder, "core.report", part)
        evidence = _read_slice(folder, "core.report_evidence", part)
        found += identify_reports(reports, evidence, origins)
    return found


def _read_slice(folder: Path, table: str, batch_of: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """The rows of these documents, each from its own batch, sorted by the table's key."""
    key = load_tables()[table].key
    documents: dict[str, list[str]] = {}
    for document_id, batch in batch_of:
        documents.setdefault(batch, []).append(document_id)
    parts = [_shard_frame(table, []).lazy()]
    for batch, wanted in documents.items():
        path = batches.table_path(folder, batch, table)
        if path.exists():
            parts.append(pl.scan_parquet(path, hive_partitioning=False).filter(pl.col(key[0]).is_in(wanted)))
    return pl.concat(parts).sort(key).collect()


def _read_attachments(folder: Path, batch_of: Sequence[tuple[str, str]], archived: Archived) -> pl.DataFrame:
    links = _read_slice(folder, "raw.attachment", batch_of)
    return complete_attachments(links, [document_id for document_id, _ in batch_of], archived)


def _read_issues(folder: Path, batch_of: Sequence[tuple[str, str]], archived: Archived) -> pl.DataFrame:
    issues = _read_slice(folder, "core.issue", batch_of)
    announcing = list_announcements(issues)
    pages = [(document_id, batch) for document_id, batch in batch_of if document_id in announcing]
    return name_archived(issues, _read_attachments(folder, pages, archived)) if pages else issues


def _add_versions(
    reports: pl.DataFrame, identities: pl.DataFrame, documents: Mapping[str, dt.datetime]
) -> pl.DataFrame:
    """core.report with its agency and version, sorted by key.

    A report whose year is unknown is a version of no other report: it stands alone.
    """
    joined = reports.join(identities, on="report_id")
    groups: dict[tuple[str, str], list[Candidate]] = {}
    wanted = ("report_id", "agency_id", "report_year", "figures_hash", "text_hash")
    for report_id, agency_id, year, figures_hash, text_hash in joined.select(wanted).iter_rows():
        alone = report_id if year is None else str(year)
        one = Candidate(report_id, documents[report_id], figures_hash, text_hash)
        groups.setdefault((agency_id, alone), []).append(one)
    versions = [version for group in groups.values() for version in number_versions(group)]
    numbered = pl.DataFrame(
        {
            "report_id": [version.report_id for version in versions],
            "version_number": [version.number for version in versions],
            "version_change_code": [str(version.change) for version in versions],
            "is_latest": [version.is_latest for version in versions],
        },
        schema_overrides={"report_id": pl.String, "version_change_code": pl.String, "is_latest": pl.Boolean},
    )
    schema = polars_schema("core.report")
    return joined.join(numbered, on="report_id").select(schema.names()).cast(schema).sort("report_id")


def _stage_path(paths: DataPaths, table: str, partition_year: str) -> Path:
    schema_name, _, name = table.partition(".")
    return paths.stage / schema_name / name / f"year={partition_year}" / "part.parquet"
