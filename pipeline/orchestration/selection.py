"""Which documents of a partition are read now.

Belongs here: the filter a person types into the launchpad or after `touming reparse`, and its meaning.
Does not belong here: reading them (batches.py), or where the facts about them are stored (stage_queries.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pipeline.archive.ledger import LedgerEntry
from pipeline.documents.read import can_read
from pipeline.facts.stages import ManifestEntry
from pipeline.issues import IssueCode
from pipeline.orchestration.reading import reading_version


@dataclass(frozen=True, slots=True)
class ReadingFilter:
    """What to read again. With nothing set: what was never read, or was read by another version of the readers.

    A document that was read keeps its reading where it could not be read now, the program it needs being gone.
    document_ids, agency, issue_code and only_failed each narrow the choice, and what is left is read again whatever its
    version. force alone reads everything again.
    """

    document_ids: tuple[str, ...] = ()
    agency: str = ""
    issue_code: str = ""
    only_failed: bool = False
    force: bool = False

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but force is asked for."""
        return bool(self.document_ids or self.agency or self.issue_code or self.only_failed)


def select_documents(
    entries: Iterable[LedgerEntry],
    manifest: Mapping[str, ManifestEntry],
    wanted: ReadingFilter,
    agency_documents: Collection[str] = (),
) -> list[LedgerEntry]:
    """The documents to read, in the order of `entries`; agency_documents are those of wanted.agency."""
    return [e for e in entries if _is_wanted(e, manifest.get(e.document_id), wanted, agency_documents)]


def _is_wanted(
    entry: LedgerEntry, known: ManifestEntry | None, wanted: ReadingFilter, agency_documents: Collection[str]
) -> bool:
    if not wanted.is_narrowed:
        return wanted.force or known is None or _is_outdated(entry, known)
    return (
        (not wanted.document_ids or entry.document_id in wanted.document_ids)
        and (not wanted.agency or entry.document_id in agency_documents)
        and (not wanted.issue_code or (known is not None and wanted.issue_code in known.issue_codes))
        and (not wanted.only_failed or (known is not None and known.outcome == "failed"))
    )


def has_other_version(entry: LedgerEntry, known: ManifestEntry) -> bool:
    """Whether today's readers are others than those of this reading, and would not lose what those could read."""
    would_lose = known.outcome != "failed" and not can_read(entry.media_type)
    return known.reader_version != reading_version(entry.media_type) and not would_lose


def _is_outdated(entry: LedgerEntry, known: ManifestEntry) -> bool:
    if IssueCode.BLOB_DAMAGED in known.issue_codes:
        return True  # its bytes may have been captured again
    return has_other_version(entry, known)
