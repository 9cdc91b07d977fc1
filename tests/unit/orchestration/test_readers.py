from __future__ import annotations

import faulthandler
import os
import signal
from functools import partial

import pytest

from pipeline.archive.store import BlobStore
from pipeline.documents.scan import find_model
from pipeline.facts.encoded import join_tables
from pipeline.facts.model import Outcome
from pipeline.facts.rows import failed_rows
from pipeline.issues import Issue, IssueCode
from pipeline.orchestration import limits, readers
from pipeline.orchestration.limits import Limits
from pipeline.orchestration.packing import pack_documents
from pipeline.orchestration.readers import read_apart, read_documents

PAGE = b"<html><body><p>%s</p></body></html>"
SOME_MEMORY = 512 * 1024**2


def do_as_told(content):
    """Ends this process in the way the content asks for, or comes back."""
    if b"abort" in content:
        faulthandler.disable()  # in a fork of pytest it would print a page
        os.abort()
    if b"exit" in content:
        os._exit(9)
    if b"hang" in content:
        while True:
            pass
    if b"grow" in content:
        bytearray(4 * 1024**3)


def do_as_stored(blobs, document):
    """Runs in a worker instead of the reader."""
    do_as_told(BlobStore(blobs).get(document.sha256))
    issue = Issue(IssueCode.NOT_A_REPORT, "read")
    return failed_rows(document.document_id, document.partition_year, issue, "none")


def die_once(blobs, document):
    """Runs in a worker: the first process to see the document dies of it, and the next does not."""
    marker = blobs.parent / document.document_id
    if not marker.exists():
        marker.touch()
        os.abort()
    return do_as_stored(blobs, document)


def die_of(document_id, rows):
    """Runs in a worker: dies of packing what was read of one document."""
    if any(one.document_id == document_id and one.outcome is Outcome.REJECTED for one in rows):
        faulthandler.disable()
        os.abort()
    return pack_documents(rows)


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(readers, "limits_of", lambda media_type: Limits(1, SOME_MEMORY))


def read_all(paths, entries, worker_count=2):
    """The first issue (code, message) of each document."""
    groups = list(read_documents(paths.blobs, entries, worker_count))
    documents = [document for group in groups for document in group.documents]
    assert sorted(one.document_id for one in documents) == sorted(e.document_id for e in entries)
    assert sorted(join_tables("core.reading", groups)["document_id"].to_pylist()) == sorted(
        one.document_id for one in documents
    )
    issues = join_tables("core.issue", groups).to_pylist()
    return {i["document_id"]: (i["issue_code"], i["message_text"]) for i in issues if i["issue_number"] == 1}


def test_every_document_comes_back_once(paths, notices):
    found = read_all(paths, notices)
    assert {code for code, _ in found.values()} == {"notice_about_reports"}


def test_nothing_to_read_starts_nothing(paths, monkeypatch):
    monkeypatch.setattr(readers, "Worker", None)
    assert list(read_documents(paths.blobs, [])) == []


def test_damaged_or_missing_blob_is_a_failed_row_that_names_no_path(paths, notices):
    (paths.blobs / notices[0].sha256[:2] / notices[0].sha256).unlink()
    (paths.blobs / notices[1].sha256[:2] / notices[1].sha256).write_bytes(b"something else")
    found = read_all(paths, notices)
    assert [found[e.document_id][0] for e in notices] == ["blob_damaged", "blob_damaged", "notice_about_reports"]
    assert "BlobDamagedError" in found[notices[1].document_id][1]
    assert str(paths.root) not in found[notices[1].document_id][1]


def test_document_that_ends_its_process_costs_only_itself(paths, notices, put_document, monkeypatch, short):
    monkeypatch.setattr(readers, "StoredReader", partial(partial, do_as_stored))
    expected = {
        b"abort": ("reader_crashed", "killed by signal 6 (SIGABRT)"),
        b"exit": ("reader_crashed", "ended with status 9"),
        b"hang": ("limit_exceeded", "longer than 1 s"),
        b"grow": ("limit_exceeded", "out of memory at 0.5 GiB"),
    }
    deadly = {word: put_document(PAGE % word) for word in expected}
    entries = [notices[0], *list(deadly.values())[:2], notices[1], *list(deadly.values())[2:], notices[2]]
    found = read_all(paths, entries, worker_count=1)
    assert {found[e.document_id] for e in notices} == {("not_a_report", "read")}
    for word, (code, message) in expected.items():
        assert found[deadly[word].document_id][0] == code, word
        assert message in found[deadly[word].document_id][1]


def test_document_that_dies_beside_others_is_read_once_more_alone(paths, notices, monkeypatch):
    monkeypatch.setattr(readers, "StoredReader", partial(partial, die_once))
    assert set(read_all(paths, notices).values()) == {("not_a_report", "read")}


def test_document_whose_rows_cannot_be_packed_costs_only_itself(paths, notices, monkeypatch):
    monkeypatch.setattr(readers, "pack_documents", partial(die_of, notices[1].document_id))
    found = read_all(paths, notices)
    assert found.pop(notices[1].document_id)[0] == "reader_crashed"
    assert {code for code, _ in found.values()} == {"notice_about_reports"}


def test_failed_document_counts_as_failed(paths, put_document, monkeypatch, short):
    monkeypatch.setattr(readers, "StoredReader", partial(partial, do_as_stored))
    (group,) = read_documents(paths.blobs, [put_document(PAGE % b"abort")])
    assert group.documents[0].outcome is Outcome.FAILED


def test_documents_are_left_unread_when_the_caller_stops(paths, put_document, monkeypatch):
    monkeypatch.setattr(readers, "CHUNK_SIZE", 1)
    entries = [put_document(PAGE % str(number).encode()) for number in range(50)]
    groups = read_documents(paths.blobs, entries, 1)
    assert len(next(groups).documents) == 1
    groups.close()


def test_one_document_read_apart_is_a_reading_whatever_happens(monkeypatch, short):
    assert read_apart(PAGE % b"opening hours", "text/html").failure is None
    monkeypatch.setattr(readers, "_read_content", lambda document: do_as_told(document[0]))
    for word, code in {b"abort": IssueCode.READER_CRASHED, b"grow": IssueCode.LIMIT_EXCEEDED}.items():
        reading = read_apart(PAGE % word, "text/html")
        assert reading.failure is not None
        assert reading.failure.code is code
        assert reading.report.reject_reason == code


@pytest.mark.parametrize(
    ("exit_code", "code", "message"),
    [
        (-signal.SIGALRM, IssueCode.LIMIT_EXCEEDED, "longer than 20 s"),
        (128 + signal.SIGALRM, IssueCode.LIMIT_EXCEEDED, "longer than 20 s"),
        (128 + signal.SIGSEGV, IssueCode.READER_CRASHED, "(SIGSEGV)"),
        (-signal.SIGKILL, IssueCode.READER_CRASHED, "(SIGKILL)"),
        (limits.OUT_OF_MEMORY, IssueCode.LIMIT_EXCEEDED, "2 GiB"),
        (0, IssueCode.READER_CRASHED, "status 0"),
        (3, IssueCode.READER_CRASHED, "status 3"),
    ],
)
def test_every_end_has_an_explanation(exit_code, code, message):
    issue = limits.explain_end(exit_code, limits.limits_of("text/html"))
    assert issue.code is code
    assert message in issue.message


def test_pictures_have_the_time_that_recognition_takes():
    picture, page = limits.limits_of("image/png"), limits.limits_of("text/html")
    assert (picture.seconds, page.seconds) == (120, 20)
    assert limits.limits_of("application/pdf") == (picture if find_model() else Limits(60, 2 * 1024**3))
