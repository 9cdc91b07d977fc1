"""Every format draws the report, the same each time; files of other programs take those programs."""

from __future__ import annotations

import random

import pytest

from bench.corpus import build_batch, build_corpus
from bench.formats import DIRECT_FORMATS, FORMATS, draw_document
from bench.measure import list_available_formats
from bench.producers import find_producer, produce_files
from bench.render_scan import explain_missing_libraries, scan_document
from bench.simulate import simulate_report
from pipeline.archive.sniff import sniff_media_type
from pipeline.documents.pdf import read_pdf
from pipeline.documents.refusal import DocumentRefused
from tests.unit.documents.pdf_drawing import Sheet, build_pdf

REPORT = simulate_report(3, 11)
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/x-ole-storage",
    "rtf": "text/rtf",
    "tiff": "image/tiff",
}
PRODUCED = [name for name, each in FORMATS.items() if each.producer]


def needs(name: str) -> None:
    if find_producer(FORMATS[name].producer) is None:
        pytest.skip(f"{FORMATS[name].producer} is not installed")
    if FORMATS[name].is_scanned and explain_missing_libraries():
        pytest.skip(explain_missing_libraries())


@pytest.mark.parametrize("name", FORMATS)
def test_a_drawing_depends_on_the_seed_alone(name):
    first, second = (draw_document(REPORT, FORMATS[name], random.Random(4)) for _ in range(2))
    assert first == second


def test_a_ruled_page_differs_from_the_page_in_its_borders_alone():
    plain, ruled = (draw_document(REPORT, FORMATS[name], random.Random(0)) for name in ("page", "pdf-soffice-ruled"))
    assert ruled.count(b'<table border="1"') == plain.count(b"<table>") == 3
    assert len(ruled.split(b"<td")) == len(plain.split(b"<td"))


def test_a_corpus_has_every_format_of_our_own_and_no_other():
    names = {document.format_name for document in build_corpus(200, 2)}
    assert names == set(DIRECT_FORMATS)


def test_a_document_is_the_same_whichever_batch_it_is_made_in():
    assert build_batch([7], 5, DIRECT_FORMATS)[0] == build_batch(range(10), 5, DIRECT_FORMATS)[7]
    assert list(build_corpus(8, 5))[7] == build_batch([7], 5, DIRECT_FORMATS)[0]


def test_a_blank_is_printed_only_where_it_can_be_seen():
    borderless = [document for document in build_corpus(300, 8) if not FORMATS[document.format_name].shows_blanks]
    marked = [document for document in borderless if "" in document.values.values()]
    assert marked
    assert all("/" in document.report.cells.values() for document in marked)
    assert all("" not in document.report.cells.values() for document in marked)


@pytest.mark.parametrize("name", ["pdf-chromium-ruled", "pdf-soffice-ruled", "doc", "rtf", "scan-pdf", "scan-tiff"])
def test_programs_make_the_files_of_a_batch(name):
    needs(name)
    documents = build_batch(range(2), 1, [name])
    assert [document.name for document in documents] == [f"00000{n}-{name}.{FORMATS[name].suffix}" for n in range(2)]
    assert {sniff_media_type(document.content) for document in documents} == {MEDIA_TYPES[FORMATS[name].suffix]}


def test_a_missing_program_skips_its_formats_with_the_reason(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    available, skipped = list_available_formats()
    assert available == list(DIRECT_FORMATS)
    assert list(skipped) == PRODUCED
    assert skipped["doc"] == "soffice is not installed here; install the package libreoffice-writer-nogui"
    with pytest.raises(FileNotFoundError, match="chromium is not installed here"):
        produce_files("chromium", {"a": b"<p>"}, "html", "pdf")


def test_a_document_that_a_program_fails_on_is_left_out(monkeypatch):
    def fail_on_first(producer, drawings, drawing_suffix, suffix):
        return dict.fromkeys(list(drawings)[1:], b"made")

    monkeypatch.setattr("bench.corpus.produce_files", fail_on_first)
    assert [document.name[:6] for document in build_batch(range(4), 1, ["rtf"])] == ["000001", "000002", "000003"]


def test_without_the_libraries_scans_are_skipped_with_the_reason(monkeypatch):
    monkeypatch.setattr("bench.render_scan.find_spec", lambda name: None)
    _, skipped = list_available_formats()
    scanned = [name for name, each in FORMATS.items() if each.is_scanned]
    if find_producer("chromium"):
        assert all("touming[ocr]" in skipped[name] for name in scanned)
    assert set(scanned) <= set(skipped)


@pytest.mark.parametrize("suffix", ["pdf", "tiff"])
def test_a_scan_is_pictures_alone_and_the_same_each_time(suffix):
    if explain_missing_libraries():
        pytest.skip(explain_missing_libraries())
    sheet = Sheet()
    sheet.write(50, 700, "a line of text that is long enough to be read as one")
    printed = build_pdf(sheet)
    first, second = (scan_document(printed, suffix, random.Random(2)) for _ in range(2))
    other = scan_document(printed, suffix, random.Random(3))
    assert first != other
    if suffix == "tiff":  # a PDF is stamped with a random identity
        assert first == second
    else:
        with pytest.raises(DocumentRefused, match="a scan"):
            read_pdf(first)
