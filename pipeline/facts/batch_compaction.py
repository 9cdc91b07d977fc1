"""Many small batches of a partition as one: every night leaves one, and each costs files and a look at every merge.

Belongs here: which batches are worth it, and their rows put together. Does not belong here: what a batch is
(batches.py), and removing those that no document points to any more, which the next merge does (stages.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from pipeline.contract.schema import load_tables
from pipeline.facts import batches
from pipeline.facts.batches import ManifestEntry
from pipeline.facts.encoded import list_read_tables
from pipeline.facts.files import encode_frame
from pipeline.paths import DataPaths

# A batch of this many documents is left alone, and fewer small ones than this are not worth a new reading of their rows
_LARGE_DOCUMENTS = 1_000
_MANY_BATCHES = 20


def list_batch_folders(paths: DataPaths) -> list[Path]:
    """The folder of every partition that was merged at least once."""
    return sorted(index.parent for index in paths.shards.rglob(batches.INDEX_FILE))


def compact_batches(folder: Path, *, many: int = _MANY_BATCHES) -> int:
    """Write the newest readings of a partition's small batches as batches of their own; how many they were.

    0 where there are fewer than `many`, and nothing is done. The rows stay the same, and so does every published
    number: which batch holds them is nobody's business but the next merge's.
    """
    with batches.partition_lock(folder):
        newest: dict[str, list[ManifestEntry]] = {}
        for entry in batches.read_entries(folder).values():
            newest.setdefault(entry.batch, []).append(entry)
        small = {batch: entries for batch, entries in newest.items() if len(entries) < _LARGE_DOCUMENTS}
        if len(small) < many:
            return 0
        for group in _group_batches(small):
            documents = {
                entry.document_id: {
                    "reader_version": entry.reader_version,
                    "outcome": entry.outcome,
                    "issue_codes": list(entry.issue_codes),
                }
                for entry in sorted(
                    (entry for batch in group for entry in small[batch]), key=lambda entry: entry.document_id
                )
            }
            batches.put_batch(folder, documents, _read_tables(folder, {batch: small[batch] for batch in group}))
        return len(small)


def _group_batches(small: Mapping[str, Sequence[ManifestEntry]]) -> Iterator[list[str]]:
    """Batches that together are one large one, in the order of their names: a year of them does not fit in memory."""
    group: list[str] = []
    count = 0
    for batch in sorted(small):
        group.append(batch)
        count += len(small[batch])
        if count >= _LARGE_DOCUMENTS:
            yield group
            group, count = [], 0
    if group:
        yield group


def _read_tables(folder: Path, group: Mapping[str, Sequence[ManifestEntry]]) -> dict[str, bytes]:
    files = {}
    for table in list_read_tables():
        key = load_tables()[table].key
        frames = []
        for batch, entries in group.items():
            path = batches.table_path(folder, batch, table)
            if path.exists():
                wanted = [entry.document_id for entry in entries]
                frames.append(pl.read_parquet(path, hive_partitioning=False).filter(pl.col(key[0]).is_in(wanted)))
        rows = pl.concat(frames) if frames else pl.DataFrame()
        if rows.height:
            files[table] = encode_frame(rows.sort(key))
    return files
