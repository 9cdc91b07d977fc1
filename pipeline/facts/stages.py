"""Merging: the stages of one partition, which hold what only all its documents tell.

Belongs here: what needs more than one document (agency, version, attachment), and when it must be done again. The rows
that need none stay in their batches, and an index says which batch counts for which document. Does not belong here:
what a row says (rows.py), rows in batches (batch_rows.py), which documents are read, and the database.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from pipeline.agencies.version import identity_version
from pipeline.contract.arrays import arrow_schema
from pipeline.contract.schema import load_tables
from pipeline.facts import batches
from pipeline.facts.agency_frames import agency_frames, report_columns_frame
from pipeline.facts.attachments import Archived, complete_attachments, list_announcements, name_archived
from pipeline.facts.batch_rows import make_empty, read_rows
from pipeline.facts.batches import ManifestEntry
from pipeline.facts.files import replace_parquet
from pipeline.facts.report_frame import complete_reports
from pipeline.facts.report_identities import identify_reports, join_identities, keep_identities, read_identities
from pipeline.facts.whence import read_whence
from pipeline.paths import DataPaths
from pipeline.whole_files import replace_file

__all__ = [
    "ManifestEntry",
    "MergeSummary",
    "merge_partition",
    "read_manifest",
    "reading_pass",
    "was_merged",
]

# In a partition's folder: of what it was last merged
_MERGED_OF = "merged_of.json"
# Documents merged at a time, so that a year of 160,000 needs no more memory than one of 10,000
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
    whence: Mapping[str, Mapping[str, str]]


def read_manifest(paths: DataPaths, partition_year: str) -> Mapping[str, ManifestEntry]:
    """The newest reading of each document that was read in a partition, by document_id; empty when there is none."""
    return batches.read_entries(batches.partition_folder(paths, partition_year))


def merge_partition(
    paths: DataPaths, partition_year: str, documents: Mapping[str, dt.datetime], archived: Archived
) -> MergeSummary:
    """Write the stages of one partition from the newest reading of each of its documents, and the index of its batches.

    documents: document_id -> time of its first capture, for every document that belongs to the partition; readings of
    other documents are dropped. archived: where links lead. Files are replaced one by one and only when their content
    changed; where all of this is as it was when the partition was last merged, nothing is done.
    """
    folder = batches.partition_folder(paths, partition_year)
    row_counts: dict[str, int] = {}
    changed: list[str] = []
    with batches.partition_lock(folder):
        entries = {key: entry for key, entry in batches.read_entries(folder).items() if key in documents}
        whence = read_whence(paths, entries, archived.find_origin)
        merged_of = _describe_inputs(entries, _Known(documents, archived, whence))
        half_merged = folder / batches.HALF_MERGED
        is_as_merged = _read_merged_of(folder) == merged_of and not half_merged.exists()
        if is_as_merged and (row_counts := _count_staged(paths, partition_year)):
            return _summarise(entries, documents, row_counts)
        half_merged.touch()
        for table, frames in _merge_tables(folder, entries, _Known(documents, archived, whence)):
            path = _stage_path(paths, table, partition_year)
            row_counts[table], is_changed = replace_parquet(path, arrow_schema(table), frames)
            if is_changed:
                changed.append(table)
        batches.write_index(folder, {entry.document_id: entry.batch for entry in entries.values()})
        removed = batches.remove_batches(folder, keep={entry.batch for entry in entries.values()})
        replace_file(folder / _MERGED_OF, json.dumps(merged_of).encode())
        half_merged.unlink()
    return _summarise(entries, documents, row_counts, changed, removed)


@contextmanager
def reading_pass(paths: DataPaths) -> Iterator[None]:
    """Around reading until the documents are filed: whoever merges meanwhile removes no batch."""
    with batches.reading_lock(paths.shards):
        yield


def was_merged(paths: DataPaths, partition_year: str) -> bool:
    """Whether a partition has stages: once its documents are all filed elsewhere, they must be merged away."""
    return (batches.partition_folder(paths, partition_year) / batches.INDEX_FILE).exists()


def _staged_tables() -> tuple[str, ...]:
    """The tables that reading writes and merging completes, in the order of the contract."""
    return tuple(name for name, table in load_tables().items() if table.stage == "year")


def _describe_inputs(entries: Mapping[str, ManifestEntry], known: _Known) -> dict[str, str]:
    """Everything that decides what merging a partition gives."""
    digest = hashlib.sha256()
    for document_id, captured_at in sorted(known.documents.items()):
        batch = entries[document_id].batch if document_id in entries else ""
        whence = sorted(known.whence.get(document_id, {}).items())
        digest.update(f"{document_id} {batch} {captured_at.isoformat()} {whence}\n".encode("utf-8", "surrogatepass"))
    return {
        "identity_version": identity_version(),
        "archived_version": known.archived.version,
        "row_shape": batches.row_shape(),
        "documents": digest.hexdigest(),
    }


def _read_merged_of(folder: Path) -> dict[str, str]:
    try:
        merged_of: dict[str, str] = json.loads((folder / _MERGED_OF).read_bytes())
    except (FileNotFoundError, ValueError):  # never merged, or by an earlier version
        return {}
    return merged_of


def _count_staged(paths: DataPaths, partition_year: str) -> dict[str, int]:
    """Rows of each stage; {} where one is missing."""
    tables = [name for name, table in load_tables().items() if table.stage in ("year", "merge")]
    files = {table: _stage_path(paths, table, partition_year) for table in tables}
    if not all(file.exists() for file in files.values()):
        return {}
    return {table: pq.read_metadata(file).num_rows for table, file in files.items()}


def _summarise(
    entries: Mapping[str, ManifestEntry],
    documents: Mapping[str, dt.datetime],
    row_counts: Mapping[str, int],
    changed_tables: Sequence[str] = (),
    removed_batch_count: int = 0,
) -> MergeSummary:
    return MergeSummary(
        row_counts=row_counts,
        outcome_counts=dict(sorted(Counter(entry.outcome for entry in entries.values()).items())),
        unread=tuple(sorted(documents.keys() - entries.keys())),
        changed_tables=tuple(changed_tables),
        removed_batch_count=removed_batch_count,
    )


def _merge_tables(
    folder: Path, entries: Mapping[str, ManifestEntry], known: _Known
) -> Iterator[tuple[str, Iterable[pl.DataFrame]]]:
    """Each table as frames in key order: a slice of the documents each, so that a large year fits in memory."""
    batch_of = sorted((entry.document_id, entry.batch) for entry in entries.values())
    slices = [batch_of[start : start + _SLICE_DOCUMENTS] for start in range(0, len(batch_of), _SLICE_DOCUMENTS)]
    for table in _staged_tables():
        frames = (read_rows(folder, table, part) for part in slices)
        if table == "core.report":
            reports = pl.concat([make_empty(table), *frames])
            identities = _identify_slices(folder, slices, known.whence)
            for name, frame in agency_frames(identities).items():
                yield name, [frame]
            yield table, [complete_reports(reports, report_columns_frame(identities), known.documents)]
        elif table == "raw.attachment":
            yield table, (_read_attachments(folder, part, known.archived) for part in slices)
        elif table == "core.issue":
            yield table, (_read_issues(folder, part, known.archived) for part in slices)
        else:
            yield table, frames


def _identify_slices(
    folder: Path, slices: Sequence[Sequence[tuple[str, str]]], whence: Mapping[str, Mapping[str, str]]
) -> pl.DataFrame:
    """Whose each report is; the answers stay in the folder, and what the last merge left there is used."""
    kept = read_identities(folder)
    parts = []
    for part in slices:
        reports = read_rows(folder, "core.report", part)
        evidence = read_rows(folder, "core.report_evidence", part)
        parts.append(identify_reports(reports, evidence, whence, kept))
    identities = join_identities(parts)
    keep_identities(folder, identities)
    return identities


def _read_attachments(folder: Path, batch_of: Sequence[tuple[str, str]], archived: Archived) -> pl.DataFrame:
    links = read_rows(folder, "raw.attachment", batch_of)
    return complete_attachments(links, [document_id for document_id, _ in batch_of], archived)


def _read_issues(folder: Path, batch_of: Sequence[tuple[str, str]], archived: Archived) -> pl.DataFrame:
    issues = read_rows(folder, "core.issue", batch_of)
    announcing = list_announcements(issues)
    pages = [(document_id, batch) for document_id, batch in batch_of if document_id in announcing]
    return name_archived(issues, _read_attachments(folder, pages, archived)) if pages else issues


def _stage_path(paths: DataPaths, table: str, partition_year: str) -> Path:
    schema_name, _, name = table.partition(".")
    return paths.stage / schema_name / name / f"year={partition_year}" / "part.parquet"
