from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest

from pipeline.archive import container
from pipeline.archive.captures import CaptureLog
from pipeline.archive.container import ZIP, Member, list_members
from pipeline.archive.ingest import IngestSummary, ingest_paths
from pipeline.archive.store import BlobStore
from pipeline.issues import IssueCode


def pack(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def rename(content: bytes, placeholder: bytes, name: bytes) -> bytes:
    """The archive with a name of the same length in other bytes, as packers without UTF-8 write it."""
    assert len(placeholder) == len(name)
    return content.replace(placeholder, name)


def codes(content: bytes, media_type: str = ZIP) -> list[IssueCode]:
    return [issue.code for issue in list_members(content, media_type).issues]


def names(content: bytes) -> list[str]:
    return [member.name for member in list_members(content, ZIP).members]


def test_files_come_in_order_by_their_own_names() -> None:
    held = list_members(pack({"b/2022.txt": b"x", "b/": b"", "a.html": b"y", "../../etc/c.txt": b"z"}), ZIP)
    assert held.members == (Member("2022.txt", b"x"), Member("a.html", b"y"), Member("c.txt", b"z"))
    assert held.issues == ()


def test_files_of_one_name_keep_their_folders() -> None:
    assert names(pack({"2022/r.txt": b"x", "2023/r.txt": b"y", "s.txt": b"z"})) == ["2022/r.txt", "2023/r.txt", "s.txt"]


def test_a_file_that_is_there_twice_is_named() -> None:
    stream = io.BytesIO(pack({"a.txt": b"x"}))
    with zipfile.ZipFile(stream, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.txt", b"y")
    held = list_members(stream.getvalue(), ZIP)
    assert held.members == (Member("a.txt", b"x"),)
    assert "twice" in held.issues[0].message


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_without_a_flag_are_utf_8_or_gb(encoding: str) -> None:
    name = "年报\\报告.txt" if encoding == "gb18030" else "年报.txt"
    written = name.encode(encoding)
    assert names(rename(pack({"q" * len(written): b"x"}), b"q" * len(written), written)) == [name.rpartition("\\")[2]]


def test_a_second_byte_that_looks_like_a_separator_is_none() -> None:
    name = "誠.txt"
    assert b"\\" in name.encode("gb18030")
    assert names(rename(pack({"qq.txt": b"x"}), b"qq.txt", name.encode("gb18030"))) == [name]


def test_flagged_names_are_read_as_they_are() -> None:
    assert names(pack({"年报/报告.txt": b"x"})) == ["报告.txt"]


def test_what_systems_add_and_what_is_empty_is_left_out() -> None:
    files = {"__MACOSX/a.txt": b"x", ".DS_Store": b"x", "d/Thumbs.db": b"x", "empty.txt": b"", "a.txt": b"x"}
    assert names(pack(files)) == ["a.txt"]


def test_archives_inside_are_files_like_others() -> None:
    inner = pack({"b.txt": b"x"})
    assert list_members(pack({"a.zip": inner}), ZIP).members == (Member("a.zip", inner),)


def test_limits_leave_the_archive_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = pack({"a.txt": b"0" * (container.RATIO_EXEMPT_BYTES + 1), "b.txt": b"x"})
    crowd = pack({f"{i}.txt": b"x" for i in range(container.MAX_MEMBERS + 1)})
    for content in (bomb, crowd):
        held = list_members(content, ZIP)
        assert (held.members, [issue.code for issue in held.issues]) == ((), [IssueCode.LIMIT_EXCEEDED])
    monkeypatch.setattr(container, "MAX_TOTAL_BYTES", 5)
    assert codes(pack({"a.txt": b"xxx", "b.txt": b"xxx"})) == [IssueCode.LIMIT_EXCEEDED]


def test_a_directory_that_lies_about_a_size() -> None:
    content = bytearray(pack({"a.txt": b"x" * 500, "b.txt": b"y"}))
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (5).to_bytes(4, "little")
    held = list_members(bytes(content), ZIP)
    assert [member.name for member in held.members] == ["b.txt"]
    assert [issue.code for issue in held.issues] == [IssueCode.DAMAGED_FILE]


def test_encrypted_files_are_named_and_the_others_taken() -> None:
    content = bytearray(pack({"a.txt": b"x", "b.txt": b"y"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    held = list_members(bytes(content), ZIP)
    assert [member.name for member in held.members] == ["b.txt"]
    assert "'a.txt' is protected by a password" in held.issues[0].message


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", pack({"a.txt": b"x" * 90})[:-5], b"\0" * 99])
def test_a_broken_archive(content: bytes) -> None:
    assert codes(content) == [IssueCode.DAMAGED_FILE]


def test_other_archives_are_named_and_other_files_hold_nothing() -> None:
    held = list_members(b"Rar!\x1a\x07", "application/x-rar")
    assert [(issue.code, "RAR" in issue.message) for issue in held.issues] == [(IssueCode.MEDIA_UNSUPPORTED, True)]
    assert (
        codes(b"7z", "application/x-7z-compressed") == codes(b"PK", "application/ofd") == [IssueCode.MEDIA_UNSUPPORTED]
    )
    assert list_members(pack({"a.txt": b"x"}), "text/plain") == container.Members()


def ingest(folder: Path, *patterns: Path) -> IngestSummary:
    log, store = CaptureLog(folder / "captures"), BlobStore(folder / "blobs")
    return ingest_paths(patterns, store, log, lambda: dt.datetime(2026, 3, 1, tzinfo=dt.UTC))


def test_files_of_an_archive_are_captured_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "inbox" / "all.zip"
    path.parent.mkdir()
    path.write_bytes(pack({"年报/a.html": b"<html><p>a</p></html>", "b.txt": "总体情况".encode()}))
    summary = ingest(tmp_path, path)
    assert [(c.origin_text, c.media_type) for c in summary.new] == [
        ("inbox/all.zip", ZIP),
        ("inbox/all.zip!/a.html", "text/html"),
        ("inbox/all.zip!/b.txt", "text/plain"),
    ]
    store = BlobStore(tmp_path / "blobs")
    assert [len(store.get(c.sha256)) for c in summary.new] == [c.byte_count for c in summary.new]
    assert ingest(tmp_path, path).counts == {"new": 0, "known": 3, "missing": 0, "unreadable": 0}


def test_a_changed_archive_is_captured_with_all_that_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(pack({"a.txt": b"a", "b.txt": b"b", "c.txt": b"c"}))
    ingest(tmp_path, path)
    path.write_bytes(pack({"a.txt": b"a", "b.txt": b"B"}))
    archive, *members = ingest(tmp_path, path).new
    assert [c.origin_text.rpartition("/")[2] for c in members] == ["a.txt", "b.txt"]
    assert {c.parent_capture_id for c in members} == {archive.capture_id}
    assert archive.parent_capture_id is None
    assert len([blob for blob in (tmp_path / "blobs").rglob("*") if blob.is_file()]) == 6


def test_what_could_not_be_taken_out_is_said_once(tmp_path: Path) -> None:
    path = tmp_path / "all.rar"
    path.write_bytes(b"Rar!\x1a\x07\x01\x00")
    assert [failure.path for failure in ingest(tmp_path, path).unreadable] == [str(path)]
    assert ingest(tmp_path, path).counts == {"new": 0, "known": 1, "missing": 0, "unreadable": 0}
