"""Verifying a release: every file as listed, and the database what it was stamped as."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipeline.warehouse.errors import ReleaseError
from pipeline.warehouse.release import make_release
from pipeline.warehouse.release_verify import hash_files, verify_release, write_manifest


@pytest.fixture
def folder(paths, published) -> Path:
    return make_release(paths, dt.date(2026, 11, 21)).folder


def test_a_release_verifies_wherever_it_is_moved(folder, published, tmp_path):
    moved = folder.rename(tmp_path / "elsewhere")
    found = verify_release(moved)
    assert (found.version, found.build_id) == ("2026.11.0", published.build_id)
    assert found.file_count == len([path for path in moved.rglob("*") if path.is_file()]) - 1


def flip_a_byte(folder: Path) -> None:
    path = folder / "parquet/core/cell.parquet"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)


SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "differs": (flip_a_byte, "parquet/core/cell.parquet differs"),
    "missing": (lambda folder: (folder / "LICENSE.md").unlink(), "LICENSE.md is missing"),
    "more": (lambda folder: (folder / "more.txt").write_text("x"), "more.txt is not in MANIFEST"),
    "renamed": (
        lambda folder: (folder / "README.md").rename(folder / "README"),
        "README.md is missing; README is not in",
    ),
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_any_file_that_is_not_as_listed_is_named(folder, spoiled):
    spoil, message = SPOILED[spoiled]
    spoil(folder)
    with pytest.raises(ReleaseError, match=message) as refused:
        verify_release(folder)
    assert refused.value.code == "release_damaged"


def test_a_folder_without_a_manifest_is_no_whole_release(folder):
    (folder / "MANIFEST.sha256").unlink()
    with pytest.raises(ReleaseError) as refused:
        verify_release(folder)
    assert refused.value.code == "release_incomplete"


def test_a_changed_number_is_found_though_the_manifest_was_made_to_fit(folder):
    with duckdb.connect(str(folder / "touming.duckdb")) as con:
        con.execute("UPDATE mart.agency_year SET request_received_count = request_received_count + 1")
    write_manifest(folder, hash_files(folder))
    with pytest.raises(ReleaseError, match="is stamped") as refused:
        verify_release(folder)
    assert refused.value.code == "release_damaged"


def test_a_database_that_does_not_open_is_damage(folder):
    (folder / "touming.duckdb").write_bytes(b"not a database")
    write_manifest(folder, hash_files(folder))
    with pytest.raises(ReleaseError, match="does not read"):
        verify_release(folder)


def test_another_recorded_hash_is_damage(folder):
    path = folder / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(package | {"touming:build_id": "0" * 16}), encoding="utf-8")
    write_manifest(folder, hash_files(folder))
    with pytest.raises(ReleaseError, match="says build 0000"):
        verify_release(folder)
