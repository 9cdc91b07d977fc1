"""Documents made to break readers: each ends in a clear issue or a right reading, and costs no other document.

Every one is made here and read in a worker with the limits of production: through the type sniffer, since a name or a
declared type is not believed either.
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.archive.captures import CaptureLog, make_capture
from pipeline.archive.container import list_members
from pipeline.archive.ledger import load_ledger, refresh_ledger
from pipeline.archive.sniff import sniff_media_type
from pipeline.archive.store import BlobStore
from pipeline.documents.model import Grid
from pipeline.documents.read import read_document
from pipeline.documents.scan import find_model
from pipeline.facts.stages import read_manifest
from pipeline.issues import IssueCode
from pipeline.orchestration import readers
from pipeline.orchestration.batches import read_partitions
from pipeline.orchestration.limits import Limits, limits_of
from pipeline.orchestration.reading import read_content
from pipeline.orchestration.selection import ReadingFilter
from pipeline.orchestration.workers import Died, Worker
from pipeline.paths import REPO_ROOT, DataPaths

DOCX_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
}
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TWO_CELLS = "<table><tr><td>甲</td><td>5</td></tr></table>"


def page(body: str) -> bytes:
    return f"<html><head><title>甲市2022年度报告</title></head><body>{body}</body></html>".encode()


def docx(document: str) -> bytes:
    return zipped({**DOCX_PARTS, "word/document.xml": document})


def word(body: str) -> str:
    return f"<w:document {W}><w:body>{body}</w:body></w:document>"


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def pdf(content: bytes, box: str = "0 0 595 842", extra: tuple[bytes, ...] = (), filters: str = "") -> bytes:
    """One page with this content stream; `extra` are objects from number 5 on, all of them XObjects of the page."""
    named = " ".join(f"/X{number} {number} 0 R" for number in range(5, 5 + len(extra)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 4 0 R/Resources<</XObject<<{named}>>"
        "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>".encode(),
        f"<</Length {len(content)}{filters}>>stream\n".encode() + content + b"\nendstream",
        *extra,
    ]
    written = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(written))
    return written + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer


PRINTED = b"BT /F 12 Tf 50 700 Td (" + b"hostile text that prints " * 3 + b") Tj ET"


def pdf_of_nested_forms() -> bytes:
    """Each form draws the next one ten times: 10^20 strokes."""
    forms = []
    for number in range(5, 25):
        draw = b"/X%d Do " % (number + 1) * 10 if number < 24 else b"0 0 m 9 9 l S"
        head = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X%d %d 0 R>>>>/Length %d>>stream\n"
        forms.append(head % (number + 1, number + 1, len(draw)) + draw + b"\nendstream")
    return pdf(b"/X5 Do", extra=tuple(forms))


def pdf_of_flate_bomb() -> bytes:
    """Strokes without end, packed a thousand to one."""
    packer = zlib.compressobj(1)
    chunk = b"1 1 m 2 2 l S\n" * 100_000
    packed = b"".join(packer.compress(chunk) for _ in range(300)) + packer.flush()
    return pdf(packed, filters="/Filter/FlateDecode")


def pdf_encrypted() -> bytes:
    locked = b"<</Filter/Standard/V 1/R 2/P -4/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">>>"
    return pdf(PRINTED, extra=(locked,)).replace(b"/Root 1 0 R", b"/Root 1 0 R/Encrypt 5 0 R/ID[<61><61>]")


def gzip_bomb() -> bytes:
    return gzip.compress(bytes(100 * 1024**2), 1)


def docx_of_entities() -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    begin = f'<!DOCTYPE w [<!ENTITY e0 "0123456789">{entities}]>'
    return docx(begin + word("<w:p><w:r><w:t>&e9;</w:t></w:r></w:p>"))


def docx_of_outside_entity() -> bytes:
    begin = '<!DOCTYPE w [<!ENTITY out SYSTEM "file:///etc/hostname">]>'
    return docx(begin + word("<w:p><w:r><w:t>&out;</w:t></w:r></w:p>"))


def docx_of_wide_cell() -> bytes:
    wide = '<w:tc><w:tcPr><w:gridSpan w:val="1000000000"/></w:tcPr><w:p><w:r><w:t>5</w:t></w:r></w:p></w:tc>'
    return docx(word(f"<w:tbl><w:tr>{wide}{wide}</w:tr></w:tbl>"))


def random_bytes() -> bytes:
    return random.Random(1).randbytes(10 * 1024**2)


# Read to the end; what it says it is instead of a report is not the point here
NO_REPORT = "no_report"
# What pdfium does to its process is its own business; that it is only this process is ours
KILLED = "killed"

HOSTILE: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "span_of_rows": (lambda: page(TWO_CELLS.replace("<td>", "<td rowspan=1000000000>", 1)), "not_a_report"),
    "span_of_columns": (lambda: page(TWO_CELLS.replace("<td>", "<td colspan=1000000000>", 1)), "not_a_report"),
    "page_50_mb": (lambda: page(TWO_CELLS * (50 * 1024**2 // len(TWO_CELLS.encode()))), "limit_exceeded"),
    "page_10_mb": (lambda: page(TWO_CELLS * (9 * 1024**2 // len(TWO_CELLS.encode()))), "limit_exceeded"),
    "nested_tags": (lambda: page("<div>" * 100_000), "limit_exceeded"),
    "nested_spans": (lambda: page("<p><span>" * 100_000), "limit_exceeded"),
    "nested_paragraph_lists": (lambda: page("<li><ul>" * 100_000), "limit_exceeded"),
    "nested_tables": (lambda: page("<table><tr><td>" * 100_000), "limit_exceeded"),
    "nested_cells": (lambda: page("<table>" + "<td><tr>" * 100_000), "not_a_report"),
    "attributes": (lambda: page(f"<p {' '.join(f'a{n}=1' for n in range(1_000_000))}>5</p>"), "limit_exceeded"),
    "slashed_attributes": (lambda: page(f"<p {'/'.join(f'a{n}' for n in range(1_000_000))}>5</p>"), "limit_exceeded"),
    "paragraphs": (lambda: page("<p>x" * 2_500_000), "limit_exceeded"),
    "unclosed_fonts": (lambda: page("<font>" * 400 + "<p>5" * 20_000), "limit_exceeded"),
    "misnested_fonts": (lambda: page("<p><font size=1>5</p>" * 450 + "<p>5" * 20_000), "limit_exceeded"),
    "unclosed_links": (lambda: page("<a><p>5</p>" * 20_000), "limit_exceeded"),
    "misnested_sizes": (
        lambda: page("".join(f"<p><font size={n}>5</p>" for n in range(400)) + "<p>5" * 20_000),
        "limit_exceeded",
    ),
    "adjoining_attributes": (
        lambda: page("<p " + "".join(f'a{n}=""' for n in range(300_000)) + ">5"),
        "limit_exceeded",
    ),
    "docx_of_texts": (lambda: docx(word("<w:p><w:r><w:t>5</w:t></w:r></w:p>" * 800_000)), "limit_exceeded"),
    "misnested_bold": (lambda: page("<b><i><p>5</b></i>" * 100_000), "limit_exceeded"),
    "unclosed_comment": (lambda: page("<!--" * 500_000), "not_a_report"),
    "unclosed_script": (lambda: page("<script>" * 500_000), "limit_exceeded"),
    "open_angles": (lambda: page("<" * 2_000_000), NO_REPORT),
    "open_tags": (lambda: page("<a " * 1_000_000), "limit_exceeded"),
    "quotes": (lambda: page("<p a=" + "\"'" * 2_000_000), NO_REPORT),
    "entities": (lambda: page("&amp" * 1_000_000), NO_REPORT),
    "wide_table": (lambda: page("<table><tr>" + "<td>5" * 1_000_000), "limit_exceeded"),
    "long_table": (lambda: page("<table>" + "<tr><td>5<td>6" * 300_000), "limit_exceeded"),
    "pipes": (lambda: b"|\n" * 5_000_000, "limit_exceeded"),
    "pipes_in_one_line": (lambda: b"|" * 10_000_000, NO_REPORT),
    "tabs": (lambda: b"5\t6\n" * 2_000_000, "limit_exceeded"),
    "blank_lines": (lambda: b"5" + b"\n" * 10_000_000, "limit_exceeded"),
    "spaces": (lambda: b"5" + b" " * 15_000_000 + b"6", NO_REPORT),
    "one_line": (lambda: "甲乙".encode() * 5_000_000, "limit_exceeded"),
    "one_line_18_mb": (lambda: "甲乙".encode() * 3_000_000, NO_REPORT),
    "digits": (lambda: "本年新收政府信息公开申请数量\t".encode() + b"7" * 2_000_000, NO_REPORT),
    "digits_on_page": (lambda: page(f"<table><tr><td>本年新收政府信息公开申请数量<td>{'7' * 2_000_000}"), NO_REPORT),
    "labels": (lambda: "一、本年新收政府信息公开申请数量\t5\n".encode() * 90_000, NO_REPORT),
    "labels_in_prose": (lambda: "收到政府信息公开申请5件，".encode() * 100_000, NO_REPORT),
    "sections": (lambda: "一、总体情况\n二、主动公开政府信息情况\n".encode() * 45_000, NO_REPORT),
    "titles": (lambda: "甲市2022年政府信息公开工作年度报告\n".encode() * 90_000, NO_REPORT),
    "gzip_bomb": (gzip_bomb, "media_unsupported"),
    "zip_bomb": (lambda: zipped({"a.txt": bytes(100 * 1024**2)}), "media_unsupported"),
    "nested_zip": (lambda: zipped({"a.zip": zipped({"b.zip": zipped({"c": b"5"})})}), "media_unsupported"),
    "docx_bomb": (lambda: docx(word(" " * (100 * 1024**2))), "limit_exceeded"),
    "docx_of_paragraphs": (lambda: docx(word("<w:p/>" * 1_500_000)), "limit_exceeded"),
    "docx_nested": (lambda: docx(word("<w:tbl><w:tr><w:tc>" * 100_000)), "limit_exceeded"),
    "docx_of_entities": (docx_of_entities, "damaged_file"),
    "docx_of_outside_entity": (docx_of_outside_entity, "damaged_file"),
    "docx_of_wide_cell": (docx_of_wide_cell, NO_REPORT),
    "pdf_of_flate_bomb": (pdf_of_flate_bomb, KILLED),
    "pdf_of_nested_forms": (pdf_of_nested_forms, KILLED),
    "pdf_cut_off": (lambda: pdf(PRINTED)[:400], "damaged_file"),
    "pdf_encrypted": (pdf_encrypted, "damaged_file"),
    "pdf_of_huge_page": (lambda: pdf(PRINTED, "0 0 1000000 1000000"), "not_a_report"),
    "page_named_pdf": (lambda: b"%PDF-1.7\n" + page(TWO_CELLS), "damaged_file"),
    "random": (random_bytes, "media_unsupported"),
    "empty": (lambda: b"", "empty_file"),
    "picture": (lambda: b"\xff\xd8\xff\xe0" + bytes(1000), "damaged_file" if find_model() else "needs_ocr"),
    "zeros": (lambda: bytes(10 * 1024**2), "media_unsupported"),
    "utf16_without_mark": (lambda: page(TWO_CELLS).decode().encode("utf-16-le"), "not_a_report"),
    "half_nul": (lambda: page(TWO_CELLS) + bytes(15 * 1024**2), "media_unsupported"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one document: why it is no report, whether its reader refused it, and the numbers found."""

    reason: str
    is_refused: bool
    values: Mapping[str, Decimal]


def look_at(content: bytes) -> Seen:
    """Runs in a worker."""
    reading = read_content(content, sniff_media_type(content))
    values = {cell.code: cell.value for cell in reading.report.cells if cell.value is not None}
    return Seen(str(reading.report.reject_reason), reading.failure is not None, values)


def take_first(seen: list[Seen]) -> Seen:
    """Runs in a worker, which is asked for one document at a time."""
    return seen[0]


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker[bytes, Seen]]:
    with Worker(look_at, take_first) as started:
        yield started


def look(worker: Worker[bytes, Seen], content: bytes) -> Seen | Died[bytes]:
    (answer,) = worker.run([(content, limits_of(sniff_media_type(content)))])
    return answer


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_document_ends_with_a_reason_and_no_number(worker: Worker[bytes, Seen], name: str) -> None:
    make, expected = HOSTILE[name]
    seen = look(worker, make())
    if expected == KILLED:
        assert not isinstance(seen, Seen) or seen.is_refused
        return
    assert isinstance(seen, Seen), seen
    assert seen.values == {}
    assert seen.reason != IssueCode.READER_CRASHED
    assert (seen.reason == expected) if expected != NO_REPORT else (not seen.is_refused)


@pytest.mark.parametrize("attribute", ["rowspan", "colspan"])
def test_claimed_spans_make_no_cell(attribute: str) -> None:
    content = page(f"<table><tr><td {attribute}=1000000000>甲</td><td>5</td></tr><tr><td>6</td></tr></table>")
    document = read_document(content, "text/html")
    grids = [block for block in document.blocks if isinstance(block, Grid)]
    if attribute == "rowspan":
        assert [(cell.text, cell.row, cell.column) for cell in grids[0].cells] == [
            ("甲", 0, 0),
            ("5", 0, 1),
            ("6", 1, 1),
        ]
    else:
        assert grids == []
        assert [issue.code for issue in document.issues] == [IssueCode.LIMIT_EXCEEDED]


def test_zip_bomb_gives_no_member_and_nested_archives_stay_closed() -> None:
    bomb = list_members(zipped({"a.txt": bytes(100 * 1024**2)}), "application/zip")
    assert (bomb.members, [issue.code for issue in bomb.issues]) == ((), [IssueCode.LIMIT_EXCEEDED])
    nested = list_members(zipped({"a.zip": zipped({"b.zip": b"5"})}), "application/zip")
    assert [member.name for member in nested.members] == ["a.zip"]


SAMPLES = REPO_ROOT / "data" / "raw" / "samples"
REPORT = (SAMPLES / "08-pingtan-2025-page.html").read_text(encoding="utf-8")
ROW = next(row for row in re.findall("<tr>.*?</tr>", REPORT, re.DOTALL) if "本年新收政府信息公开申请数量" in row)
SPOILT: Mapping[str, str] = {
    "digits": REPORT.replace(ROW, re.sub(r"<td>\d+</td>", f"<td>{'7' * 2_000_000}</td>", ROW, count=1)),
    "row_repeated": REPORT.replace(ROW, ROW * 1_500),
    "row_flood": REPORT.replace(ROW, ROW * 20_000),
    "prose_flood": REPORT.replace("</body>", "<p>收到政府信息公开申请5件。</p>" * 50_000 + "</body>"),
    "digits_in_prose": REPORT.replace("</body>", f"<p>收到政府信息公开申请{'7' * 2_000_000}件。</p></body>"),
    "wide_row": REPORT.replace(ROW, ROW.replace("<tr>", '<tr><td colspan="1000000000"></td>')),
}


@pytest.mark.parametrize("name", SPOILT)
def test_spoilt_report_gives_no_other_number_than_the_report(worker: Worker[bytes, Seen], name: str) -> None:
    assert SPOILT[name] != REPORT
    whole, spoilt = look(worker, REPORT.encode()), look(worker, SPOILT[name].encode())
    assert isinstance(whole, Seen)
    assert isinstance(spoilt, Seen), spoilt
    assert len(whole.values) == 200
    # The flood of digits alone is a number as printed, however silly; the rules say that it does not add up
    assert {code for code, value in spoilt.values.items() if whole.values.get(code) != value and value < 10**9} == set()


def test_deadly_pdf_costs_no_other_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    little = Limits(60, 256 * 1024**2)
    monkeypatch.setattr(readers, "limits_of", lambda media_type: little)
    paths = DataPaths(tmp_path)
    for number, content in enumerate([REPORT.encode(), pdf_of_nested_forms(), b"", page(TWO_CELLS)]):
        sha256 = BlobStore(paths.blobs).put(content)
        media_type = sniff_media_type(content)
        moment = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
        CaptureLog(paths.captures).append(make_capture(str(number), sha256, moment, media_type, len(content)))
    refresh_ledger(paths, lambda entries: {}, str)
    assert read_partitions(paths, ReadingFilter(), worker_count=2).read_count == 4
    assert sorted(entry.partition_year for entry in load_ledger(paths)) == ["2025", *["unknown"] * 3]
    readings = [one for year in ("2025", "unknown") for one in read_manifest(paths, year).values()]
    outcomes = {one.document_id: (one.outcome, one.issue_codes[:1]) for one in readings}
    assert outcomes.keys() == {entry.document_id for entry in load_ledger(paths)}
    assert len(readings) == len(outcomes) == 4
    assert sorted(outcome for outcome, _ in outcomes.values()) == ["failed", "failed", "rejected", "report"]
    failures = {codes for outcome, codes in outcomes.values() if outcome == "failed"}
    assert failures == {("empty_file",), ("reader_crashed",)}
