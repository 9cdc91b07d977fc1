"""Documents that a converter has to open first: one start serves many, and what stops it costs only itself."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from bench.render_docx import pack_docx, render_docx
from bench.simulate import simulate_reports
from pipeline.documents.office import CONVERTED_TYPES, SECONDS_ALONE, find_converter
from pipeline.facts.encoded import join_tables
from pipeline.orchestration import readers, stored_reader
from pipeline.orchestration.limits import limits_of
from pipeline.orchestration.readers import read_documents
from pipeline.orchestration.stored_reader import StoredDocument, StoredReader

OLE, RICH_TEXT = CONVERTED_TYPES
START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Stands for LibreOffice: notes its sources, stops at one with POISON in it, else makes the same good file of each
SCRIPT = r"""#!/bin/sh
HERE="{here}"
set -- $(echo "$*" | tr " " "\n" | grep "^$HOME/[0-9]")
echo "$#" >> "$HERE/calls"
if grep -q POISON "$@"; then exit 1; fi
mkdir -p made
for file in "$@"; do name=${{file##*/}}; cp "$HERE/good.docx" "made/${{name%.*}}.docx"; done
"""


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """A converter on the path; asked, it says how many files it was given at each start."""
    here = tmp_path / "converter"
    here.mkdir()
    (here / "good.docx").write_bytes(pack_docx("<w:p><w:r><w:t>a notice</w:t></w:r></w:p>"))
    command = here / "soffice"
    command.write_text(SCRIPT.format(here=here))
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(here), prepend=":")
    return lambda: [int(line) for line in (here / "calls").read_text().split()]


def read_issues(paths, entries):
    """The first issue of each document, by document_id."""
    groups = list(read_documents(paths.blobs, entries, 1))
    documents = [document.document_id for group in groups for document in group.documents]
    assert sorted(documents) == sorted(entry.document_id for entry in entries)
    issues = join_tables("core.issue", groups).to_pylist()
    return {i["document_id"]: i["issue_code"] for i in issues if i["issue_number"] == 1}


def read_cells(paths, entries):
    """Every cell of every document, its value and place as text."""
    cells = join_tables("core.cell", list(read_documents(paths.blobs, entries, 1))).to_pylist()
    return sorted(tuple(map(str, cell.values())) for cell in cells)


def test_one_start_serves_the_documents_of_a_kind(paths, put_document, calls):
    old = [put_document(START + bytes([number]), OLE) for number in range(5)]
    rich = [put_document(b"{\\rtf1 %d}" % number, RICH_TEXT) for number in range(3)]
    found = read_issues(paths, [*old, *rich])
    assert set(found.values()) == {"not_a_report"}
    assert calls() == [5, 3]


def test_more_than_one_start_serves_are_cut(paths, put_document, calls, monkeypatch):
    monkeypatch.setattr(readers, "_CONVERTED_CHUNK_SIZE", 4)
    read_issues(paths, [put_document(START + bytes([number]), OLE) for number in range(9)])
    assert calls() == [4, 4, 1]


def test_a_large_one_has_a_start_of_its_own(paths, put_document, calls, monkeypatch):
    monkeypatch.setattr(readers, "_LARGEST_CONVERTED_TOGETHER", 50)
    large = put_document(START + bytes(100), OLE)
    read_issues(paths, [large, put_document(START + b"1", OLE), put_document(START + b"2", OLE)])
    assert sorted(calls()) == [1, 2]


def test_one_that_stops_the_converter_costs_only_itself(paths, put_document, calls):
    good = [put_document(START + bytes([number]), OLE) for number in range(3)]
    poison = put_document(START + b"POISON", OLE)
    found = read_issues(paths, [good[0], poison, *good[1:]])
    assert found.pop(poison.document_id) == "conversion_failed"
    assert set(found.values()) == {"not_a_report"}
    # Together, then each alone, the one twice
    assert calls() == [4, 1, 1, 1, 1, 1]


def test_a_damaged_blob_is_left_out(paths, put_document, calls):
    entries = [put_document(START + bytes([number]), OLE) for number in range(3)]
    (paths.blobs / entries[1].sha256[:2] / entries[1].sha256).unlink()
    found = read_issues(paths, entries)
    assert found.pop(entries[1].document_id) == "blob_damaged"
    assert set(found.values()) == {"not_a_report"}
    assert calls() == [2]


def test_one_that_hangs_has_time_left_to_be_tried_alone(paths, put_document, calls, tmp_path, monkeypatch):
    script = tmp_path / "converter" / "soffice"
    script.write_text(script.read_text().replace("mkdir -p made", '[ "$#" = 1 ] || exec sleep 1000\nmkdir -p made'))
    monkeypatch.setattr(stored_reader, "SECONDS_TOGETHER", 0.5)
    entries = [put_document(START + bytes([number]), OLE) for number in range(2)]
    read = StoredReader(paths.blobs)
    together = tuple(entry.sha256 for entry in entries)
    for at, entry in enumerate(entries):
        rows = read(StoredDocument(entry.document_id, "unknown", entry.sha256, OLE, together[at:]))
        assert [issue["issue_code"] for issue in rows.tables["core.issue"]] == ["not_a_report"]
    assert calls() == [2, 1, 1]


def test_all_tries_of_a_document_fit_into_its_time() -> None:
    """A worker that is ended in the middle would leave the converter running."""
    for media_type in CONVERTED_TYPES:
        assert limits_of(media_type).seconds > stored_reader.SECONDS_TOGETHER + sum(SECONDS_ALONE)


@pytest.mark.skipif(find_converter() is None, reason="LibreOffice (soffice) is not installed")
def test_read_together_they_come_to_what_they_come_to_alone(tmp_path: Path, paths, put_document):
    for number, report in enumerate(simulate_reports(3, seed=8)):
        (tmp_path / f"{number}.docx").write_bytes(render_docx(report, "runs", random.Random(number)))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    options = ["--headless", profile, "--convert-to", "doc:MS Word 97", "--outdir", str(tmp_path)]
    sources = map(str, sorted(tmp_path.glob("*.docx")))
    subprocess.run([str(find_converter()), *options, *sources], check=True, capture_output=True)
    entries = [put_document(file.read_bytes(), OLE) for file in sorted(tmp_path.glob("*.doc"))]
    assert len(entries) == 3
    together = read_cells(paths, entries)
    assert len(together) == 600
    assert together == sorted(cell for entry in entries for cell in read_cells(paths, [entry]))
