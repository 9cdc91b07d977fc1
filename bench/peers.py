"""What other libraries take for the tables of the same bytes; run by an interpreter that has them installed.

`python peers.py ROUNDS`, a JSON object format -> [file, …] on stdin, format -> library -> CPU milliseconds on stdout.
Belongs here: the shortest honest use of each library. Does not belong here: anything of this project, which that
interpreter cannot import.
"""

from __future__ import annotations

import importlib.util
import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path


def read_with_soup(content: bytes) -> list[list[list[str]]]:
    """Every table as rows of texts, spans ignored."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(content, "lxml")
    return [
        [[cell.get_text(strip=True) for cell in row.find_all(("td", "th"))] for row in table.find_all("tr")]
        for table in soup.find_all("table")
    ]


def read_with_pandas(content: bytes) -> list[object]:
    """Every table as a frame, spans filled, types guessed."""
    import pandas

    return list(pandas.read_html(io.StringIO(content.decode()), flavor="lxml"))


def read_with_pdfplumber(content: bytes) -> list[object]:
    """Every ruled table of every page as rows of texts."""
    import pdfplumber

    with pdfplumber.open(io.BytesIO(content)) as document:
        return [page.extract_tables() for page in document.pages]


def read_with_python_docx(content: bytes) -> list[list[list[str]]]:
    """Every table as rows of texts, merged cells repeated."""
    import docx

    document = docx.Document(io.BytesIO(content))
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


# suffix -> (name shown, module it needs, reader)
PEERS: dict[str, list[tuple[str, str, Callable[[bytes], object]]]] = {
    ".html": [
        ("bs4 with lxml, tables", "bs4", read_with_soup),
        ("pandas.read_html", "pandas", read_with_pandas),
    ],
    ".pdf": [("pdfplumber, tables", "pdfplumber", read_with_pdfplumber)],
    ".docx": [("python-docx, tables", "docx", read_with_python_docx)],
}


def time_reader(read: Callable[[bytes], object], contents: list[bytes], rounds: int) -> float:
    """CPU milliseconds per document, median over rounds; everything has run once before."""
    times = []
    for _ in range(rounds + 1):
        started = time.process_time()
        for content in contents:
            read(content)
        times.append(1_000 * (time.process_time() - started) / len(contents))
    return statistics.median(times[1:])


def main() -> None:
    """Time every library that is installed on every format it reads."""
    rounds = int(sys.argv[1])
    measured: dict[str, dict[str, float]] = {}
    for format_name, paths in json.load(sys.stdin).items():
        contents = [Path(path).read_bytes() for path in paths]
        measured[format_name] = {
            name: time_reader(read, contents, rounds)
            for name, module, read in PEERS.get(Path(paths[0]).suffix, [])
            if importlib.util.find_spec(module)
        }
    json.dump(measured, sys.stdout)


if __name__ == "__main__":
    main()
