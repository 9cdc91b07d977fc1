"""The documents of a site: report pages and files with bench's simulated figures, and their truths.

Belongs here: the bytes of one document, the same for the same plan, number and version. Does not belong here: which
documents a site has, and how its lists look. PDF and DOC files here are as small as such files can be and hold no
report: what matters of them is that every byte arrives.
"""

from __future__ import annotations

import html
import io
import json
import random
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace

from bench.model import SimulatedReport, list_values
from bench.render_docx import render_docx
from bench.render_html import render_page, render_word
from bench.simulate import simulate_agency_year, simulate_report
from tests.sites.model import Attachment, Document, SitePlan

_STAMP = (2024, 1, 19, 8, 0, 0)
# Every so many reports one is a page of 140 KB pasted from a word processor
_PASTED_EVERY = 5
_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/octet-stream",
    "zip": "application/zip",
}


def simulate_document(plan: SitePlan, number: int, version: int = 0) -> SimulatedReport:
    """The report behind a number; a later version prints other figures under the same title."""
    report = simulate_report(number, plan.seed)
    if not version:
        return report
    later = simulate_agency_year(report.agency_name, report.report_year, plan.seed + version)
    return replace(later, title=report.title, published=report.published)


def list_truths(plan: SitePlan, document: Document, version: int = 0) -> dict[str, str]:
    """Cell code -> printed value of a report page or a Word file."""
    return list_values(simulate_document(plan, document.number, version).cells)


def write_page(plan: SitePlan, document: Document, body_mark: str, version: int, visit_number: int) -> bytes:
    """The page of a report with the links to its files. visit_number feeds the click counter and the nonce."""
    report = simulate_document(plan, document.number, version)
    links = "".join(_write_link(document, attachment) for attachment in document.attachments)
    counter = f'<p>浏览次数：<span id="hits">{visit_number}</span></p>' if plan.has_counters else ""
    if document.number % _PASTED_EVERY == 3:
        text = render_word(report).text
        text = text.replace('<meta charset="utf-8">', "").replace('<div id="zoom">', f"<div {body_mark}>")
        before, end, after = text.rpartition("</div></td></tr>")
    else:
        text = render_page(report).text.replace('<div class="article">', f"<div {body_mark}>")
        before, end, after = text.rpartition('</div>\n<div class="footer">')
    text = f"{before}{links}{end}{after}".replace("</body>", f"{counter}</body>")
    text = text.replace(
        "<head>", f'<head><meta charset="{plan.declared_charset}">{_write_nonce(plan, visit_number)}', 1
    )
    if "DETAIL" in body_mark:
        text = _hide_in_script(text, document)
    return text.encode(plan.charset)


def write_file(plan: SitePlan, document: Document, attachment: Attachment, version: int = 0) -> tuple[bytes, str]:
    """Bytes and declared type of a file."""
    number = document.number
    if attachment.kind == "pdf":
        return _write_pdf(f"Annex {number} version {version}"), _TYPES["pdf"]
    if attachment.kind == "doc":
        noise = random.Random(f"{plan.seed}/{number}/{version}").randbytes(4_000)
        return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + noise, _TYPES["doc"]
    report = simulate_document(plan, number, version)
    word = render_docx(report, "clean", random.Random(number))
    if attachment.kind == "docx":
        return word, _TYPES["docx"]
    return _pack_zip({"附件/年度报告.docx": word, "说明.txt": f"第{number}号".encode("gbk")}), _TYPES["zip"]


def _write_link(document: Document, attachment: Attachment) -> str:
    """The anchor of a file; a file in the page's own folder is linked relatively, as TRS does."""
    folder = document.path.rpartition("/")[0] + "/"
    path = attachment.path
    address = f"./{path.removeprefix(folder)}" if path.startswith(folder) else path
    return f'<p>附件：<a href="{html.escape(address)}" target="_blank">{attachment.name}</a></p>'


def _write_nonce(plan: SitePlan, visit_number: int) -> str:
    if not plan.has_counters:
        return ""
    mark = f"{random.Random(visit_number).getrandbits(64):016x}"
    return f'<!-- served in 0.{visit_number:03d} s --><script nonce="{mark}">var token="{mark}";</script>'


def _hide_in_script(text: str, document: Document) -> str:
    """The Guangdong platform's page: the text is a string inside a script, the page around it an empty frame."""
    body = re.search(r"<body>(.*)</body>", text, re.DOTALL)
    content = body[1] if body else ""
    configuration = {"SID": "755001", "DETAIL": {"id": document.number, "title": document.title, "content": content}}
    head = text[: text.index("</head>")]
    script = f"<script>window._CONFIG = {json.dumps(configuration)};</script>"
    return f"{head}{script}</head><body><div id='app'></div></body></html>"


def _write_pdf(line: str) -> bytes:
    """One page with one line."""
    content = f"BT /F1 12 Tf 72 720 Td ({line}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources "
        b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    parts, places = [b"%PDF-1.4\n"], []
    for number, each in enumerate(objects, 1):
        places.append(sum(map(len, parts)))
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, each))
    start = sum(map(len, parts))
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    parts.append(b"xref\n0 5\n0000000000 65535 f \n" + rows)
    parts.append(b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)
    return b"".join(parts)


class _GbkMember(zipfile.ZipInfo):
    """A member whose name is GBK without the flag that would say UTF-8, as old Windows programs pack them."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def _pack_zip(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(_GbkMember(name, _STAMP), content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
