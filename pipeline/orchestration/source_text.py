"""The archived document of a report as pages show it: lines and tables with their places, persons masked.

Belongs here: the composition of archive, documents and masking that `touming site` and `touming serve` share. Does not
belong here: pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.archive.sniff import sniff_media_type
from pipeline.archive.store import BlobDamagedError, BlobMissingError, BlobStore
from pipeline.documents.model import Document, Grid
from pipeline.documents.read import DocumentRefused, read_document
from pipeline.facts.masking import mask_personal
from pipeline.paths import DataPaths

# A contact word in one cell and a number in the next are seen together, two numbers of a table never as one
_CELL_END = "\t"
_BLOCK_END = "\n"


@dataclass(frozen=True, slots=True)
class SourceTexts:
    """Reads the source text of documents of one data folder."""

    paths: DataPaths

    def read(self, sha256: str) -> Sequence[Mapping[str, Any]]:
        """The blocks of a document, as pipeline/site/reports.py describes them; no content makes it raise."""
        try:
            content = BlobStore(self.paths.blobs).get(sha256)
            document = read_document(content, sniff_media_type(content))
        except (BlobMissingError, BlobDamagedError) as error:
            return [{"problem": str(error)}]
        except DocumentRefused as refused:
            return [{"problem": refused.issue.message}]
        except Exception as error:  # a reader's fault in one document must not end the writing of all
            return [{"problem": f"{type(error).__name__}: {error}"}]
        return list(mask_blocks(document))


def mask_blocks(document: Document) -> Iterator[dict[str, Any]]:
    """Lines as {place, start, text, style}, tables as {rows}; names and contact data covered, lengths kept.

    The document is masked as one text, since a name may be a line or a cell away from the word that betrays it.
    """
    masked = mask_personal("".join(_pieces(document)))
    place = 0

    def take(text: str, ending: str) -> str:
        nonlocal place
        taken = masked[place : place + len(text)]
        place += len(text) + len(ending)
        return taken

    for block in document.blocks:
        if isinstance(block, Grid):
            rows: dict[int, list[dict[str, Any]]] = {}
            for cell in block.cells:
                shown = {"place": str(cell.locator), "text": take(cell.text, _CELL_END)}
                spans = {"rows": cell.row_span, "columns": cell.column_span}
                rows.setdefault(cell.row, []).append(shown | {k: v for k, v in spans.items() if v > 1})
            take("", _BLOCK_END)
            yield {"rows": [rows[row] for row in sorted(rows)]}
        else:
            line = {"place": str(block.locator), "text": take(block.text, _BLOCK_END)}
            yield line | ({"style": block.style} if block.style else {})


def _pieces(document: Document) -> Iterator[str]:
    for block in document.blocks:
        if isinstance(block, Grid):
            for cell in block.cells:
                yield cell.text + _CELL_END
        else:
            yield block.text
        yield _BLOCK_END
