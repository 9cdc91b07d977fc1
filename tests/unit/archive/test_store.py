from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipeline.archive.store import BlobDamagedError, BlobMissingError, BlobStore


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
