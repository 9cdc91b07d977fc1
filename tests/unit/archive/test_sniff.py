from __future__ import annotations

import io
import random
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.archive.sniff import sniff_media_type

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CHINESE = "某镇人民政府政府信息公开工作年度报告\n一、总体情况\n本年新收申请 3 件。\n"
PAGE = "<html><head><title>年报</title></head><body><p>总体情况</p></body></html>"


def zip_of(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "application/x-empty"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf"),
        (b"junk from a proxy\r\n%PDF-1.4\n", "application/pdf"),
        (zip_of("[Content_Types].xml", "word/document.xml"), DOCX),
        (zip_of("OFD.xml", "Doc_0/Document.xml"), "application/ofd"),
        (zip_of("a.txt"), "application/zip"),
        (zip_of("word/document.xml")[:40], "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "application/x-ole-storage"),
        (b"{\\rtf1\\ansi hello}", "text/rtf"),
        (b"Rar!\x1a\x07\x01\x00", "application/x-rar"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "application/x-7z-compressed"),
        (b"\x1f\x8b\x08\x00\x00", "application/gzip"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"GIF89a\x01", "image/gif"),
        (b"II*\x00\x08\x00", "image/tiff"),
        (b"MM\x00*\x00\x08", "image/tiff"),
        (b"BM\x36\x00\x0c\x00\x00\x00\x00\x00\x36", "image/bmp"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n<html><p>", "multipart/related"),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "application/xml"),
    ],
)
def test_known_signatures(content: bytes, expected: str) -> None:
    assert sniff_media_type(content) == expected


@pytest.mark.parametrize(
    "content",
    [
        PAGE.encode(),
        PAGE.encode("gb18030"),
        b"\xef\xbb\xbf \r\n" + PAGE.encode(),
        b"<!-- saved page --><!DOCTYPE html>\n" + CHINESE.encode(),
        b"<?xml version='1.0' encoding='utf-8'?>\n<!DOCTYPE html PUBLIC 'x'><html>",
        PAGE.encode("utf-16"),
        (PAGE * 3).encode("utf-16-le"),
        b"<TABLE border=1><TR><TD>1</TD></TR></TABLE>",
        ("正文在前<p>" + CHINESE + "</p><p>又一段</p>").encode(),
        PAGE.replace("总体", "总\0体").encode(),
    ],
)
def test_pages_are_html_whatever_precedes_them(content: bytes) -> None:
    assert sniff_media_type(content) == "text/html"


@pytest.mark.parametrize(
    "content",
    [
        CHINESE.encode(),
        CHINESE.encode("gb18030"),
        CHINESE.encode("utf-16"),
        "比上年 < 3 件，a<b 且 b>c".encode(),
        "表格用 <table> 标记".encode(),
        b"BMW is a text too, not a bitmap",
        b"# heading\n\n| a | b |\n|---|---|\n",
        b" \n\t\n",
        CHINESE.encode("gb18030")[:-1],
        b"a\tb\x0c\n",
    ],
)
def test_text_that_is_no_page(content: bytes) -> None:
    assert sniff_media_type(content) == "text/plain"


def test_a_character_cut_by_the_sample_is_not_damage() -> None:
    assert sniff_media_type(("x" + "公开" * 40_000).encode()) == "text/plain"


@pytest.mark.parametrize("content", [random.Random(7).randbytes(10_000_000), bytes(5_000_000), b"\x01\x02\x03" * 9_000])
def test_bytes_of_no_known_kind(content: bytes) -> None:
    assert sniff_media_type(content) == "application/octet-stream"


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"<", b"\xff\xfe", b"RIFF"]))
def test_never_raises(tail: bytes, head: bytes) -> None:
    assert "/" in sniff_media_type(head + tail)
