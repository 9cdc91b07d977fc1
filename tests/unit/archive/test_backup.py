from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.archive import backup_files
from pipeline.archive.backup import make_backup
from pipeline.archive.backup_files import BackupError, BackupFolder
from pipeline.archive.captures import CaptureLog, make_capture
from pipeline.archive.compaction import compact_months
from pipeline.archive.restore import restore_backup, unfinished_mark, verify_backup
from pipeline.archive.store import BlobStore
from pipeline.paths import DataPaths

NOW = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    """A data folder with three captures, a frontier, a decision and a record of Dagster's."""
    paths = DataPaths(tmp_path / "data")
    for number in range(3):
        capture_page(paths, number)
    paths.decisions.write_text("# who decides\nfingerprint,decision_code\nabc,confirmed\n")
    for database in (paths.frontier, paths.dagster_home / "history" / "runs.db"):
        database.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(database)) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("CREATE TABLE kept (number INTEGER)")
            db.execute("INSERT INTO kept VALUES (7)")
            db.commit()
    return paths


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def capture_page(paths: DataPaths, number: int, month: int = 1) -> None:
    content = f"<p>page {number}</p>".encode()
    sha256 = BlobStore(paths.blobs).put(content)
    moment = dt.datetime(2026, month, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=number)
    CaptureLog(paths.captures).append(make_capture(f"page/{number}", sha256, moment, "text/html", len(content)))


def back_up(paths: DataPaths, root: Path, minute: int = 0, **options: object):
    return make_backup(paths, paths.dagster_home, root, NOW + dt.timedelta(minutes=minute), **options)


def restore(root: Path, target: DataPaths, name: str = ""):
    return restore_backup(root, target, target.dagster_home, name)


def read_number(database: Path) -> int:
    with closing(sqlite3.connect(database)) as db:
        return db.execute("SELECT number FROM kept").fetchone()[0]


def blob_in(root: Path, number: int = 0) -> Path:
    return sorted((root / "blobs").glob("??/*"))[number]


def test_what_comes_back_is_what_was_there(paths, root, tmp_path):
    summary = back_up(paths, root)
    assert (summary.new_blob_count, summary.blob_count, summary.problems) == (3, 3, ())
    target = DataPaths(tmp_path / "new")
    restored = restore(root, target)
    assert (restored.blob_count, restored.file_count) == (3, 4)
    assert CaptureLog(target.captures).read() == CaptureLog(paths.captures).read()
    for capture in CaptureLog(target.captures).read():
        assert BlobStore(target.blobs).get(capture.sha256) == BlobStore(paths.blobs).get(capture.sha256)
    assert target.decisions.read_bytes() == paths.decisions.read_bytes()
    assert read_number(target.frontier) == read_number(target.dagster_home / "history" / "runs.db") == 7
    assert not unfinished_mark(target).exists()


def test_second_backup_copies_only_what_is_new(paths, root):
    back_up(paths, root)
    unchanged = back_up(paths, root, minute=1)
    assert (unchanged.new_blob_count, unchanged.new_file_count) == (0, 0)
    capture_page(paths, 9)
    assert (back_up(paths, root, minute=2).new_blob_count, len(BackupFolder(root).list_snapshots())) == (1, 3)


def test_an_earlier_snapshot_brings_back_the_earlier_state(paths, root, tmp_path):
    first = back_up(paths, root).snapshot.name
    capture_page(paths, 9)
    back_up(paths, root, minute=1)
    earlier, newest = DataPaths(tmp_path / "earlier"), DataPaths(tmp_path / "newest")
    assert restore(root, earlier, first).blob_count == 3
    assert restore(root, newest).blob_count == 4


def test_compacted_months_and_the_inbox_are_taken(paths, root, tmp_path):
    compact_months(paths.captures, "2026-02")
    capture_page(paths, 5, month=2)
    (paths.inbox / "deep").mkdir(parents=True)
    (paths.inbox / "deep" / "report.txt").write_text("1")
    back_up(paths, root, with_inbox=True)
    target = DataPaths(tmp_path / "new")
    restore(root, target)
    assert sorted(path.suffix for path in target.captures.iterdir()) == [".jsonl", ".parquet"]
    assert len(CaptureLog(target.captures).read()) == 4
    assert (target.inbox / "deep" / "report.txt").read_text() == "1"


def test_every_snapshot_is_whole_while_a_crawl_writes(paths, root, tmp_path):
    stop, failures = threading.Event(), []

    def crawl() -> None:
        try:
            with closing(sqlite3.connect(paths.frontier, timeout=30)) as frontier:
                for number in range(100, 100_000):
                    capture_page(paths, number)
                    frontier.execute("UPDATE kept SET number = ?", (number,))
                    frontier.commit()
                    if stop.is_set():
                        return
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=crawl)
    thread.start()
    try:
        names = [back_up(paths, root, minute=minute).snapshot.name for minute in range(5)]
    finally:
        stop.set()
        thread.join()
    assert failures == []
    assert verify_backup(root) == []
    for number, name in enumerate(names):
        target = DataPaths(tmp_path / f"target-{number}")
        restore(root, target, name)
        captured = [int(capture.origin_text.split("/")[1]) for capture in CaptureLog(target.captures).read()]
        # The frontier is never ahead of the captures: what it believes to have is there
        assert read_number(target.frontier) in [7, *captured]


def test_nothing_is_restored_over_data(paths, root, tmp_path):
    back_up(paths, root)
    with pytest.raises(BackupError) as refused:
        restore(root, paths)
    assert refused.value.code == "restore_refused"
    other = DataPaths(tmp_path / "other")
    other.root.mkdir()
    other.decisions.write_text("fingerprint,decision_code\nxyz,dismissed\n")
    with pytest.raises(BackupError, match=r"decisions\.csv"):
        restore(root, other)
    assert [path.name for path in other.root.iterdir()] == ["decisions.csv"]


def test_a_table_of_column_names_is_no_data(paths, root, tmp_path):
    back_up(paths, root)
    target = DataPaths(tmp_path / "new")
    target.root.mkdir()
    target.decisions.write_text("# write decisions below\nfingerprint,decision_code\n\n")
    restore(root, target)
    assert "abc,confirmed" in target.decisions.read_text()


def test_an_interrupted_restoration_goes_on(paths, root, tmp_path, monkeypatch):
    back_up(paths, root)
    target = DataPaths(tmp_path / "new")
    with monkeypatch.context() as broken:
        broken.setattr("pipeline.archive.restore.shutil.copyfile", fail_to_copy)
        with pytest.raises(OSError, match="no space"):
            restore(root, target)
    assert unfinished_mark(target).exists()
    assert not list(target.captures.glob("*"))
    restore(root, target)
    assert len(CaptureLog(target.captures).read()) == 3
    assert not unfinished_mark(target).exists()


def fail_to_copy(*_: object) -> None:
    raise OSError("no space")


def test_damage_is_found_and_never_restored(paths, root, tmp_path):
    back_up(paths, root)
    damaged = blob_in(root)
    damaged.write_bytes(b"other bytes")
    assert verify_backup(root) == [f"blobs/{damaged.name[:2]}/{damaged.name}"]
    target = DataPaths(tmp_path / "new")
    with pytest.raises(BackupError) as refused:
        restore(root, target)
    assert refused.value.code == "backup_damaged"
    assert not BlobStore(target.blobs).path_of(damaged.name).exists()
    damaged.unlink()
    assert verify_backup(root) == [f"blobs/{damaged.name[:2]}/{damaged.name}"]


def test_a_changed_snapshot_is_not_believed(paths, root, tmp_path):
    name = back_up(paths, root).snapshot.name
    path = root / "snapshots" / f"{name}.json"
    path.write_text(path.read_text().replace("decisions.csv", "decisions.cs"))
    with pytest.raises(BackupError, match="not as it was written"):
        restore(root, DataPaths(tmp_path / "new"))
    assert verify_backup(root) == [f"snapshots/{name}.json"]


def test_a_snapshot_that_leads_out_of_the_folder_is_refused(paths, root, tmp_path):
    kept = back_up(paths, root).snapshot.files
    files = [backup_files.KeptFile("../../escaped.csv", kept[-1].sha256, kept[-1].byte_count)]
    BackupFolder(root).write_snapshot(NOW + dt.timedelta(hours=1), files, ())
    with pytest.raises(BackupError, match="leads out"):
        restore(root, DataPaths(tmp_path / "new"))
    assert not (tmp_path / "escaped.csv").exists()


def test_what_the_archive_lost_is_named_and_the_rest_comes_back(paths, root, tmp_path):
    lost, damaged = sorted(paths.blobs.glob("??/*"))[:2]
    lost.unlink()
    damaged.write_bytes(b"other bytes")
    summary = back_up(paths, root)
    assert {problem.what for problem in summary.problems} == {f"blob {lost.name}", f"blob {damaged.name}"}
    assert set(summary.snapshot.unavailable) == {lost.name, damaged.name}
    assert verify_backup(root) == []
    assert restore(root, DataPaths(tmp_path / "new")).blob_count == 1


def test_a_broken_frontier_costs_only_itself(paths, root):
    paths.frontier.write_bytes(b"no database at all, and long enough to look like a file of some kind" * 20)
    summary = back_up(paths, root)
    assert [problem.what for problem in summary.problems] == ["state/frontier.sqlite"]
    assert summary.blob_count == 3


def test_old_snapshots_go_with_what_only_they_held(paths, root):
    back_up(paths, root)
    paths.decisions.write_text("fingerprint,decision_code\nabc,dismissed\n")
    newest = back_up(paths, root, minute=1, keep=1)
    assert (newest.removed_count, BackupFolder(root).list_snapshots()) == (1, [newest.snapshot.name])
    contents = [path.read_bytes() for path in (root / "files").glob("??/*")]
    assert [b"dismissed" in content for content in contents].count(True) == 1
    assert not [content for content in contents if b"abc,confirmed" in content]
    assert verify_backup(root) == []


def test_a_folder_without_an_archive_is_refused(tmp_path, root):
    with pytest.raises(BackupError) as refused:
        back_up(DataPaths(tmp_path / "nothing"), root, keep=1)
    assert refused.value.code == "backup_empty"
    assert not root.exists()


def test_two_backups_at_once_are_one_too_many(paths, root):
    with BackupFolder(root).lock(), pytest.raises(BackupError) as refused:
        back_up(paths, root)
    assert refused.value.code == "backup_running"


def test_names_of_a_snapshot_are_those_it_was_written_under(paths, root):
    snapshot = back_up(paths, root).snapshot
    record = json.loads((root / "snapshots" / f"{snapshot.name}.json").read_text())
    assert record["made_at"] == "2026-03-01T04:00:00+00:00"
    assert [file["path"] for file in record["files"]] == [
        "state/frontier.sqlite",
        "raw/captures/captures-2026-01.jsonl",
        "decisions.csv",
        "dagster/history/runs.db",
    ]
