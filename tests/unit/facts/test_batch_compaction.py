"""Small batches put together give the same stages and the same newest rows as before."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pipeline.archive.origins import Origins
from pipeline.contract.schema import load_tables
from pipeline.facts import batch_compaction, batch_rows, stages
from pipeline.facts.batch_compaction import compact_batches, list_batch_folders
from pipeline.facts.encoded import encode_rows
from pipeline.facts.identities import evaluate_rules
from pipeline.facts.model import DocumentRows
from pipeline.facts.rows import document_rows, failed_rows
from pipeline.issues import Issue, IssueCode
from pipeline.paths import DataPaths

YEAR = "2022"
CELL = "requests.new_received.natural_person"
CAPTURED = dt.datetime(2023, 1, 20, tzinfo=dt.UTC)
NAMES = [f"{number:016x}" for number in range(6)]


@pytest.fixture
def paths(tmp_path: Path, make_report) -> DataPaths:
    """Six documents in seven batches: one was read twice, and one failed."""
    paths = DataPaths(tmp_path)

    def read(name: str, value: int) -> DocumentRows:
        report = make_report({CELL: value}, agency_name=f"甲县{name[-1]}镇人民政府")
        return document_rows(name, YEAR, report, evaluate_rules(report))

    for number, name in enumerate(NAMES[:5]):
        batch_rows.write_batches(paths, [encode_rows([read(name, number)])])
    failed = failed_rows(NAMES[5], YEAR, Issue(IssueCode.READER_CRASHED, "ValueError"), "html/1")
    batch_rows.write_batches(paths, [encode_rows([failed])])
    batch_rows.write_batches(paths, [encode_rows([read(NAMES[0], 40)])])
    merge(paths)
    return paths


def merge(paths: DataPaths) -> stages.MergeSummary:
    return stages.merge_partition(paths, YEAR, dict.fromkeys(NAMES, CAPTURED), Origins([]))


def folder_of(paths: DataPaths) -> Path:
    (folder,) = list_batch_folders(paths)
    return folder


def batch_names(paths: DataPaths) -> set[str]:
    return {path.name for path in folder_of(paths).iterdir() if path.is_dir()}


def read_all(paths: DataPaths) -> dict[str, pl.DataFrame]:
    tables = [name for name, table in load_tables().items() if table.stage == "batch"]
    return {table: batch_rows.scan_newest(paths, table, YEAR).collect().sort(pl.all()) for table in tables}


def test_rows_are_the_same_and_batches_few(paths):
    before, staged = read_all(paths), [path.read_bytes() for path in sorted(paths.stage.rglob("*.parquet"))]
    assert (len(batch_names(paths)), compact_batches(folder_of(paths), many=2)) == (6, 6)
    summary = merge(paths)
    assert len(batch_names(paths)) == 1
    assert (summary.removed_batch_count, summary.changed_tables, summary.unread) == (6, (), ())
    after = read_all(paths)
    assert all(after[table].equals(rows) for table, rows in before.items())
    assert [path.read_bytes() for path in sorted(paths.stage.rglob("*.parquet"))] == staged
    cells = after["core.cell"].filter((pl.col("report_id") == NAMES[0]) & (pl.col("cell_code") == CELL))
    assert int(cells["value"][0]) == 40


def test_until_it_is_merged_the_index_leads_to_the_batches_of_before(paths):
    before = read_all(paths)
    compact_batches(folder_of(paths), many=2)
    assert all(read_all(paths)[table].equals(rows) for table, rows in before.items())


def test_what_is_known_of_each_document_stays(paths):
    before = stages.read_manifest(paths, YEAR)
    compact_batches(folder_of(paths), many=2)
    after = stages.read_manifest(paths, YEAR)
    assert len({entry.batch for entry in after.values()}) == 1
    for name, entry in before.items():
        assert (after[name].outcome, after[name].issue_codes, after[name].reader_version) == (
            entry.outcome,
            entry.issue_codes,
            entry.reader_version,
        )


def test_few_batches_and_large_ones_are_left_alone(paths, monkeypatch):
    names = batch_names(paths)
    assert compact_batches(folder_of(paths), many=7) == 0
    monkeypatch.setattr(batch_compaction, "_LARGE_DOCUMENTS", 1)
    assert compact_batches(folder_of(paths), many=1) == 0
    assert batch_names(paths) == names


def test_a_year_too_large_for_one_batch_becomes_several(paths, monkeypatch):
    before = read_all(paths)
    monkeypatch.setattr(batch_compaction, "_LARGE_DOCUMENTS", 2)
    assert compact_batches(folder_of(paths), many=2) == 6
    merge(paths)
    assert len(batch_names(paths)) == 3
    assert all(read_all(paths)[table].equals(rows) for table, rows in before.items())
