"""Batches of rows in a partition's folder: <batch>/<table>.parquet, <batch>/manifest.json, and index.parquet for all.

Belongs here: writing a batch whole or not at all, the order of batches, and which batch is a document's newest.
Does not belong here: what the tables mean (stages.py).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import polars as pl

from pipeline.contract.frames import polars_schema
from pipeline.facts.encoded import ReadDocument, list_read_tables
from pipeline.facts.files import encode_frame
from pipeline.paths import DataPaths
from pipeline.whole_files import UNFINISHED, replace_file, write_durably

INDEX_FILE = "index.parquet"
INDEX_SCHEMA = pl.Schema({"document_id": pl.String(), "batch_name": pl.String()})
MANIFEST = "manifest.json"
_LOCK = ".lock"
# In a folder of partitions: held while batches are written that no document is filed under yet
_READING_LOCK = ".reading"
# In a partition's folder while its tables are replaced one by one; what a killed merge leaves there is done again
HALF_MERGED = "half_merged"
_NAME_DIGITS = 16


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """The newest reading of one document: the batch it is in, the reader that made it, and what it came to."""

    document_id: str
    batch: str
    reader_version: str
    outcome: str
    issue_codes: tuple[str, ...]


def partition_folder(paths: DataPaths, partition_year: str) -> Path:
    """Where a partition's batches lie."""
    return paths.shards / f"year={partition_year}"


@contextmanager
def partition_lock(folder: Path) -> Iterator[None]:
    """Hold a partition's folder: batches are written and merged one at a time, by whichever process comes first."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def reading_lock(shards: Path) -> Iterator[None]:
    """Keep merging from removing batches: until the documents of a pass are filed, nothing points to what it wrote."""
    shards.mkdir(parents=True, exist_ok=True)
    with (shards / _READING_LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def _try_to_outlast_reading(shards: Path) -> Iterator[bool]:
    """Whether nobody is reading, and keep it so for the block; does not wait."""
    with (shards / _READING_LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def write_batch_files(folder: Path, read: Sequence[ReadDocument], files: Mapping[str, bytes]) -> str:
    """Write one batch and return its name; ValueError when it has a document twice.

    The batch gets the next sequence number of the partition: it outranks every batch written before, whatever the
    clock says.
    """
    documents = {
        one.document_id: {
            "reader_version": one.reader_version,
            "outcome": str(one.outcome),
            "issue_codes": list(one.issue_codes),
        }
        for one in sorted(read, key=lambda one: one.document_id)
    }
    if len(documents) != len(read):
        raise ValueError(f"a batch has each document once: got {len(read)}, {len(documents)} of them different")
    with partition_lock(folder):
        return put_batch(folder, documents, files)


def adopt_batch(folder: Path, batch: str, files: Mapping[str, bytes]) -> None:
    """Take in a batch that was written in another folder, by its name and its files; it becomes the newest here.

    ValueError when it is not what its name says: a file is damaged or missing, or other code wrote it.
    """
    tables = {PurePath(name).stem: content for name, content in files.items() if name != MANIFEST}
    try:
        manifest = json.loads(files[MANIFEST])
        is_whole = manifest["shape"] == row_shape() and _name_batch(manifest["documents"], tables) == batch
    except (KeyError, ValueError) as error:
        raise ValueError(f"batch {batch} has no manifest that can be read") from error
    if not is_whole:
        raise ValueError(f"batch {batch} is not what its name says: a file of it is damaged, or other code wrote it")
    with partition_lock(folder):
        put_batch(folder, manifest["documents"], tables)


def put_batch(folder: Path, documents: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    """Write one batch, what its manifest says of each document given, as the newest; the lock must be held."""
    batch = _name_batch(documents, files)
    manifests = _read_manifests(folder)
    newest = max((manifest["sequence"] for manifest in manifests.values()), default=0)
    if batch in manifests and manifests[batch]["sequence"] == newest:
        return batch
    manifest = {"sequence": newest + 1, "shape": row_shape(), "documents": documents}
    content = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    if batch not in manifests:
        _write_folder(folder, batch, {f"{table}.parquet": data for table, data in files.items()})
    replace_file(folder / batch / MANIFEST, content)
    return batch


def read_entries(folder: Path) -> dict[str, ManifestEntry]:
    """The newest reading of each document by document_id, from complete batches of the present row shape."""
    entries: dict[str, ManifestEntry] = {}
    manifests = _read_manifests(folder)
    for batch in sorted(manifests, key=lambda name: (manifests[name]["sequence"], name)):
        for document_id, raw in manifests[batch]["documents"].items():
            entries[document_id] = ManifestEntry(
                document_id, batch, raw["reader_version"], raw["outcome"], tuple(raw["issue_codes"])
            )
    return entries


def remove_batches(folder: Path, keep: Collection[str]) -> int:
    """Delete every batch that is not kept, unfinished ones too, and return how many; the lock must be held.

    While documents are read none is deleted: what is superseded goes at a later merge.
    """
    with _try_to_outlast_reading(folder.parent) as is_quiet:
        doomed = [path for path in folder.iterdir() if path.is_dir() and path.name not in keep] if is_quiet else []
        for path in doomed:
            # Without its manifest a batch counts for nothing: removing that first makes a half-deleted one harmless
            (path / MANIFEST).unlink(missing_ok=True)
            shutil.rmtree(path)
    return len(doomed)


def write_index(folder: Path, batch_of: Mapping[str, str]) -> None:
    """Say which batch holds the newest reading of each document that belongs to the partition, by document_id.

    Whoever loads batches reads index.parquet (document_id, batch_name), not the manifests: rows of a document in any
    other batch are superseded.
    """
    documents = sorted(batch_of)
    names = [batch_of[document] for document in documents]
    frame = pl.DataFrame({"document_id": documents, "batch_name": names}, schema=INDEX_SCHEMA)
    replace_file(folder / INDEX_FILE, encode_frame(frame))


def table_path(folder: Path, batch: str, table: str) -> Path:
    """Where a batch keeps one table; the file exists only when the batch has rows for it."""
    return folder / batch / f"{table}.parquet"


def _write_folder(folder: Path, name: str, files: Mapping[str, bytes]) -> None:
    target = folder / name
    # A folder of that name without a manifest is what a killed writer left
    shutil.rmtree(target, ignore_errors=True)
    unfinished = folder / f"{UNFINISHED}{name}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    for file_name, content in files.items():
        write_durably(unfinished / file_name, content)
    os.replace(unfinished, target)


def _name_batch(documents: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256(json.dumps(documents, sort_keys=True).encode())
    for table in sorted(files):
        digest.update(table.encode() + hashlib.sha256(files[table]).digest())
    return digest.hexdigest()[:_NAME_DIGITS]


def _read_manifests(folder: Path) -> dict[str, Any]:
    """Manifests by batch. A broken one, or one of another row shape, counts as none: its documents are read again."""
    manifests = {}
    for path in sorted(folder.glob(f"*/{MANIFEST}")):
        try:
            manifest = json.loads(path.read_bytes())
        except (ValueError, FileNotFoundError):  # torn, or removed by a merge since it was listed
            continue
        if manifest.get("shape") == row_shape():
            manifests[path.parent.name] = manifest
    return manifests


def row_shape() -> str:
    """Changes when the contract changes a table that reading writes: shards of another shape can't be merged."""
    shapes = [(name, str(polars_schema(name))) for name in list_read_tables()]
    return hashlib.sha256(repr(shapes).encode()).hexdigest()[:_NAME_DIGITS]
