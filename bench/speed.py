"""How long reading takes: CPU per document from bytes to cells and findings, beside the bare parser on the same bytes.

Belongs here: the documents that are timed, and timing on one core. Does not belong here: whether what is read is right.
"""

from __future__ import annotations

import io
import json
import statistics
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pypdfium2
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from bench.corpus import TruthfulDocument, build_batch
from bench.formats import FORMATS
from pipeline.archive.sniff import sniff_media_type
from pipeline.documents.read import read_document
from pipeline.facts.identities import evaluate_rules
from pipeline.paths import REPO_ROOT
from pipeline.reports.read import read_report

# Formats timed, in the order they are shown. 'word' is the page of about 140 KB, 'page' the small one
TIMED_FORMATS = (
    *("plain", "lines", "tabs", "page", "word", "docx-clean", "docx-slivers"),
    *("pdf-chromium-ruled", "pdf-soffice-ruled", "pdf-soffice-docx"),
)
# One year each of five agencies
TIMED_REPORTS = range(0, 25, 5)
_PEERS_SCRIPT = Path(__file__).with_name("peers.py")


@dataclass(frozen=True, slots=True)
class Timing:
    """CPU milliseconds per document of one format, each the median over rounds of the mean over documents.

    reader_ms: bytes to Document, the look at what they are included. form_ms: Document to cells and findings.
    raw_ms: raw_parser alone. peers: name -> milliseconds for tables as that library gives them, no form read.
    """

    format_name: str
    documents: int
    mean_bytes: int
    pages: int
    reader_ms: float
    form_ms: float
    raw_parser: str
    raw_ms: float
    peers: Mapping[str, float] = field(default_factory=dict)


def build_timed_documents(formats: Sequence[str], seed: int) -> dict[str, list[TruthfulDocument]]:
    """The documents to time: format -> one for each of TIMED_REPORTS, as far as its program makes them."""
    built = {name: build_batch(TIMED_REPORTS, seed, [name]) for name in TIMED_FORMATS if name in formats}
    return {name: documents for name, documents in built.items() if documents}


def time_reading(documents: Mapping[str, Sequence[TruthfulDocument]], rounds: int) -> Iterator[Timing]:
    """The timing of each format in turn; before the first round everything has run once."""
    for name, group in documents.items():
        contents = [document.content for document in group]
        raw_parser, parse = RAW_PARSERS[FORMATS[name].suffix]
        times = [_time_round(contents, parse) for _ in range(rounds + 1)][1:]
        reader_ms, form_ms, raw_ms = (1_000 * statistics.median(column) for column in zip(*times, strict=True))
        pages = max(_count_pages(content) for content in contents)
        mean_bytes = sum(map(len, contents)) // len(contents)
        yield Timing(name, len(contents), mean_bytes, pages, reader_ms, form_ms, raw_parser, raw_ms)


def time_peers(
    documents: Mapping[str, Sequence[TruthfulDocument]], rounds: int, python: Path
) -> dict[str, dict[str, float]]:
    """Format -> library -> milliseconds per document, measured by another interpreter on the same bytes.

    Libraries that interpreter lacks are left out. Raises RuntimeError with what it said when it fails.
    """
    with tempfile.TemporaryDirectory(prefix="touming-bench-") as name:
        listed: dict[str, list[str]] = {}
        for format_name, group in documents.items():
            for document in group:
                path = Path(name) / document.name
                path.write_bytes(document.content)
                listed.setdefault(format_name, []).append(str(path))
        command = [str(python), str(_PEERS_SCRIPT), str(rounds)]
        ended = subprocess.run(command, input=json.dumps(listed), capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"{python} could not run {_PEERS_SCRIPT.relative_to(REPO_ROOT)}: {ended.stderr[-500:]}")
    measured: dict[str, dict[str, float]] = json.loads(ended.stdout)
    return measured


def describe_timing(timing: Timing) -> dict[str, Any]:
    """One timing as a JSON object, to the microsecond."""
    rounded = {"reader_ms": round(timing.reader_ms, 3), "form_ms": round(timing.form_ms, 3)}
    peers = {name: round(value, 3) for name, value in timing.peers.items()}
    return asdict(timing) | rounded | {"raw_ms": round(timing.raw_ms, 3), "peers": peers}


def _time_round(contents: Sequence[bytes], parse: Callable[[bytes], object]) -> tuple[float, float, float]:
    """Seconds of CPU per document: reader, form, bare parser."""
    spent = [0.0, 0.0, 0.0]
    for content in contents:
        started = time.process_time()
        document = read_document(content, sniff_media_type(content))
        read = time.process_time()
        evaluate_rules(read_report(document))
        judged = time.process_time()
        parse(content)
        ended = time.process_time()
        for i, seconds in enumerate((read - started, judged - read, ended - judged)):
            spent[i] += seconds / len(contents)
    return spent[0], spent[1], spent[2]


def _decode(content: bytes) -> str:
    return content.decode()


def _parse_html(content: bytes) -> LexborHTMLParser:
    # Finding out the charset is no parsing: characters of another one cost the same
    return LexborHTMLParser(content.decode(errors="replace"))


def _parse_docx(content: bytes) -> object:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return etree.fromstring(package.read("word/document.xml"))


def _extract_pdf_text(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def _count_pages(content: bytes) -> int:
    if not content.startswith(b"%PDF"):
        return 0
    document = pypdfium2.PdfDocument(content)
    try:
        return len(document)
    finally:
        document.close()


RAW_PARSERS: Mapping[str, tuple[str, Callable[[bytes], object]]] = {
    "txt": ("decoding", _decode),
    "html": ("selectolax, parse only", _parse_html),
    "docx": ("zipfile and lxml, parse only", _parse_docx),
    "pdf": ("pypdfium2, text only", _extract_pdf_text),
}
