from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.archive.store import BlobDamagedError, BlobMissingError, BlobStore, write_file_atomically
from pipeline.paths import REPO_ROOT


def test_put_then_get(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs")
    sha256 = store.put(b"some report")
    assert sha256 == hashlib.sha256(b"some report").hexdigest()
    assert (tmp_path / "blobs" / sha256[:2] / sha256).read_bytes() == b"some report"
    assert store.get(sha256) == b"some report"
    assert store.path_of(sha256).is_file()


def test_the_same_bytes_are_written_once(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    path = store.path_of(store.put(b"same"))
    before = path.stat().st_ino
    store.put(b"same")
    assert path.stat().st_ino == before
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]


def test_missing_blob_says_what_to_do(tmp_path: Path) -> None:
    absent = "ab" * 32
    assert not BlobStore(tmp_path).path_of(absent).exists()
    with pytest.raises(BlobMissingError, match=f"{absent}.*restore it from a backup"):
        BlobStore(tmp_path).get(absent)


def test_damaged_blob_is_found_and_put_heals_it(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    sha256 = store.put(b"intact")
    store.path_of(sha256).write_bytes(b"intacT")
    with pytest.raises(BlobDamagedError, match=r"damaged.*restore it"):
        store.get(sha256)
    store.put(b"intact")
    assert store.get(sha256) == b"intact"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "AB" * 32, "ab" * 31])
def test_only_hashes_name_blobs(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no sha256"):
        BlobStore(tmp_path).get(name)


def test_a_crash_before_the_rename_leaves_the_old_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "ledger"
    target.write_bytes(b"old")

    def crash(descriptor: int) -> None:
        raise OSError("power failure")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="power failure"):
        write_file_atomically(target, b"new and longer")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_killed_writers_left_is_taken_over_by_the_next(tmp_path: Path) -> None:
    target = tmp_path / "ledger"
    script = "import os, signal, sys\nfrom pathlib import Path\nfrom pipeline.archive import store\n"
    script += "store.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
    script += "store.write_file_atomically(Path(sys.argv[1]), b'much longer than the next')\n"
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", script, str(target)], cwd=REPO_ROOT, check=False)
        assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 1
    write_file_atomically(target, b"whole")
    assert target.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [target]


def test_many_at_once_write_one_whole_file(tmp_path: Path) -> None:
    contents = [bytes([number]) * 200_000 for number in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda content: write_file_atomically(tmp_path / "ledger", content), contents))
    assert (tmp_path / "ledger").read_bytes() in contents
    assert list(tmp_path.iterdir()) == [tmp_path / "ledger"]
