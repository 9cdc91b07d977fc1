"""What a worker does with one document of the archive: its stored bytes to rows.

Belongs here: fetching the bytes, and having the converter serve several documents with one start. Does not belong here:
what reading means (reading.py), sharing documents out over workers (readers.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.archive.store import BlobStore
from pipeline.documents.office import convert_office
from pipeline.facts.model import DocumentRows
from pipeline.facts.rows import failed_rows
from pipeline.issues import Issue, IssueCode
from pipeline.orchestration.reading import read_rows, reading_version

# For the files that go through the converter together. It and the time of one alone must fit into what one document may
# take: a worker that is ended in the middle would leave the converter running
SECONDS_TOGETHER = 25.0


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """What a worker needs to know of a document to read it.

    together: the sha256 of documents that are converted along with it, its own and those that come after it.
    """

    document_id: str
    partition_year: str
    sha256: str
    media_type: str
    together: tuple[str, ...] = ()


@dataclass(slots=True)
class StoredReader:
    """What a worker calls.

    converted: what one start of the converter made of this document and of those to come, by sha256, while they last.
    """

    blobs: Path
    converted: dict[str, bytes | None] = field(default_factory=dict)

    def __call__(self, document: StoredDocument) -> DocumentRows:
        """The rows of one document. Raises nothing but MemoryError."""
        try:
            content = BlobStore(self.blobs).get(document.sha256)
        except MemoryError:
            raise
        except Exception as error:
            # Damaged, missing or unreadable: the class says which, the path is nobody's business
            message = f"its stored bytes could not be used ({type(error).__name__}); ingest the file again"
            issue = Issue(IssueCode.BLOB_DAMAGED, message)
            version = reading_version(document.media_type)
            return failed_rows(document.document_id, document.partition_year, issue, version)
        converted = self._convert(document)
        return read_rows(document.document_id, document.partition_year, content, document.media_type, converted)

    def _convert(self, document: StoredDocument) -> bytes | None:
        """What the converter made of a document beside others, None where it was alone or nothing came of it."""
        if len(document.together) > 1 and document.sha256 not in self.converted:
            stored = {sha256: content for sha256 in document.together if (content := self._get(sha256)) is not None}
            made = convert_office(list(stored.values()), SECONDS_TOGETHER)
            self.converted = {
                sha256: result if isinstance(result, bytes) else None
                for sha256, result in zip(stored, made, strict=True)
            }
        return self.converted.pop(document.sha256, None)

    def _get(self, sha256: str) -> bytes | None:
        try:
            return BlobStore(self.blobs).get(sha256)
        except MemoryError:
            raise
        except Exception:  # said when its turn comes
            return None
