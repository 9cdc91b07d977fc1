"""Conversion: what we do around the converter is tested with small scripts in its place, the converter where it is."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.model import list_values
from bench.render_docx import pack_docx, render_docx
from bench.simulate import simulate_reports
from pipeline.documents import office
from pipeline.documents.docx import read_docx
from pipeline.documents.model import Text
from pipeline.documents.office import convert_office, find_converter, read_converted, read_office
from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import Issue, IssueCode
from pipeline.reports.read import read_report

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DOCX = pack_docx("<w:p><w:r><w:t>a</w:t></w:r></w:p>")
SECONDS = 60.0
needs_converter = pytest.mark.skipif(find_converter() is None, reason="LibreOffice (soffice) is not installed")

Install = Callable[[str], Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a shell script in the converter's place; it finds a good result in $HERE/good.docx and notes in $HERE."""

    def place(script: str) -> Path:
        (tmp_path / "good.docx").write_bytes(DOCX)
        command = tmp_path / "soffice"
        sources = 'set -- $(echo "$*" | tr " " "\\n" | grep "^$HOME/[0-9]")'
        prologue = f'HERE="{tmp_path}"\necho "$*" >> "$HERE/calls"\n{sources}\nmkdir -p made'
        command.write_text(f"#!/bin/sh\n{prologue}\n{script}\n")
        command.chmod(0o755)
        monkeypatch.setattr(office, "find_converter", lambda: str(command))
        return tmp_path

    return place


COPY = 'for file in "$@"; do name=${file##*/}; cp "$HERE/good.docx" "made/${name%.*}.docx"; done'


def codes(results: list[bytes | Issue]) -> list[IssueCode | None]:
    return [result.code if isinstance(result, Issue) else None for result in results]


def test_without_a_converter_each_document_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "find_converter", lambda: None)
    assert codes(convert_office([OLE, b"{\\rtf1 }"], SECONDS)) == [IssueCode.CONVERTER_MISSING] * 2
    with pytest.raises(DocumentRefused) as refused:
        read_office(OLE)
    assert refused.value.issue.code is IssueCode.CONVERTER_MISSING


def test_version_says_whether_there_is_a_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "find_converter", lambda: "/usr/bin/soffice")
    assert office.version() == office.VERSION
    monkeypatch.setattr(office, "find_converter", lambda: None)
    assert office.version() == office.NO_CONVERTER != office.VERSION


def test_what_is_no_word_processor_file_is_never_given_to_it(install: Install) -> None:
    folder = install(COPY)
    assert codes(convert_office([b"<html>", b"", b"PK\x03\x04"], SECONDS)) == [IssueCode.CONVERSION_FAILED] * 3
    assert not (folder / "calls").exists()


def test_results_come_in_order_with_one_run_for_each_kind(install: Install) -> None:
    folder = install(COPY)
    results = convert_office([OLE + b"1", b"<html>", b"{\\rtf1 }", OLE + b"2"], SECONDS)
    assert codes(results) == [None, IssueCode.CONVERSION_FAILED, None, None]
    assert {result for result in results if isinstance(result, bytes)} == {DOCX}
    calls = (folder / "calls").read_text().splitlines()
    assert ["0.doc" in calls[0], "3.doc" in calls[0], "2.rtf" in calls[1], len(calls)] == [True, True, True, 2]


def test_what_was_converted_before_is_not_given_to_it_again(install: Install) -> None:
    folder = install(COPY)
    document = read_converted(DOCX)
    assert [b.text for b in document.blocks if isinstance(b, Text)] == ["a"]
    assert (document.reader, document.reader_version) == ("office", office.VERSION)
    assert not (folder / "calls").exists()


@pytest.mark.parametrize("made", ["echo '<html>' > made/0.docx", 'head -c 200 "$HERE/good.docx" > made/0.docx', "true"])
def test_results_that_are_not_whole_are_not_believed(install: Install, made: str) -> None:
    install(made)
    assert codes(convert_office([OLE], SECONDS)) == [IssueCode.CONVERSION_FAILED]


def test_a_converter_that_hangs_is_stopped_with_all_it_started(install: Install) -> None:
    folder = install('sleep 1000 & echo $! > "$HERE/child"; wait')
    (issue,) = convert_office([OLE], seconds=0.5)
    assert isinstance(issue, Issue)
    assert (issue.code, "within 0.5 s" in issue.message) == (IssueCode.CONVERSION_FAILED, True)
    child = Path(f"/proc/{(folder / 'child').read_text().strip()}/stat")
    # Killed, and waiting to be collected at most
    assert not child.exists() or child.read_text().split()[2] in "ZX"


def test_one_that_stood_still_is_tried_once_more(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "SECONDS_ALONE", (0.5, SECONDS))
    folder = install(f'[ -e "$HERE/second" ] || {{ touch "$HERE/second"; exec sleep 1000; }}\n{COPY}')
    assert [b.text for b in read_office(OLE).blocks if isinstance(b, Text)] == ["a"]
    assert len((folder / "calls").read_text().splitlines()) == 2


def test_one_that_stands_still_again_is_given_up(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "SECONDS_ALONE", (0.2, 0.5))
    folder = install("exec sleep 1000")
    with pytest.raises(DocumentRefused, match=r"within 0\.5 s"):
        read_office(OLE)
    assert len((folder / "calls").read_text().splitlines()) == 2


def test_an_interruption_stops_the_converter_too(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = install('echo $$ > "$HERE/child"; exec sleep 1000')

    class StoppedError(BaseException):
        pass

    wait = subprocess.Popen.wait

    def interrupted(process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        if timeout is None:
            return wait(process)
        while not (folder / "child").exists() or not (folder / "child").read_text():
            assert process.poll() is None
        raise StoppedError

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    with pytest.raises(StoppedError):
        convert_office([OLE], SECONDS)
    with pytest.raises(ProcessLookupError):
        os.kill(int((folder / "child").read_text()), 0)


def test_nothing_is_left_behind_and_nothing_of_ours_is_shown_to_it(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    folder = install(f'env > "$HERE/environment"; cp profile/user/registrymodifications.xcu "$HERE/settings"\n{COPY}')
    assert codes(convert_office([OLE], SECONDS)) == [None]
    surroundings = dict(line.split("=", 1) for line in (folder / "environment").read_text().splitlines())
    assert "SECRET_TOKEN" not in surroundings
    assert not Path(surroundings["HOME"]).exists()
    assert "DisableMacrosExecution" in (folder / "settings").read_text()


def test_a_document_says_that_it_came_by_way_of_the_converter(install: Install) -> None:
    install(COPY)
    document = read_office(OLE)
    assert (document.reader, document.reader_version) == ("office", "office/1+docx/2")
    assert [b.text for b in document.blocks if isinstance(b, Text)] == ["a"]


@needs_converter
def test_rich_text_and_doc_files_are_read_cell_by_cell(tmp_path: Path) -> None:
    report = next(simulate_reports(1, seed=4))
    for variant in ("runs", "slivers"):
        (tmp_path / f"{variant}.docx").write_bytes(render_docx(report, variant, random.Random(4)))
    sources = sorted(map(str, tmp_path.glob("*.docx")))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    for target in ("doc:MS Word 97", "rtf:Rich Text Format"):
        command = [str(find_converter()), "--headless", profile, "--convert-to", target, "--outdir", str(tmp_path)]
        subprocess.run([*command, *sources], check=True, capture_output=True)
    files = sorted([*tmp_path.glob("*.doc"), *tmp_path.glob("*.rtf")])
    results = convert_office([file.read_bytes() for file in files], SECONDS)
    assert codes(results) == [None] * 4
    for file, result in zip(files, results, strict=True):
        assert isinstance(result, bytes)
        cells = read_report(read_docx(result)).cells
        printed = {cell.code: "" if cell.value is None else str(cell.value) for cell in cells}
        assert printed == list_values(report.cells), file.name


@needs_converter
def test_a_damaged_file_makes_no_document() -> None:
    noise = random.Random(1).randbytes(3_000)
    assert codes(convert_office([OLE + noise], SECONDS)) == [IssueCode.CONVERSION_FAILED]
