"""Where the links of pages lead, once all documents are known: the merging of raw.attachment.

Belongs here: giving each link the archived document it leads to, archives the files in them, and issues about
attachments what is archived. Does not belong here: how a link is followed to an address (archive/origins.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import polars as pl

from pipeline.contract.frames import make_frame, polars_schema
from pipeline.contract.schema import load_tables
from pipeline.facts.addresses import mask_link
from pipeline.issues import IssueCode

_TABLE = "raw.attachment"
_MOST_NAMED = 3
_NONE_ARCHIVED = "; none of its attachments is archived, capture it or put it into the inbox beside the page"
_ANNOUNCES = pl.col("issue_code") == str(IssueCode.REPORT_IN_ATTACHMENT)


class Archived(Protocol):
    """What is archived, and where it came from. version changes with anything that the answers depend on."""

    @property
    def version(self) -> str:
        """A digest of all that is known."""
        ...

    def find_target(self, page_document_id: str, target: str) -> str | None:
        """The document that a link of a page leads to, None where its bytes are not archived."""
        ...

    def find_origin(self, document_id: str) -> str:
        """Where a document was first captured from, '' where that is not known."""
        ...

    def list_members(self, document_id: str) -> Sequence[tuple[str, str]]:
        """(name, document_id) of each file that was taken out of an archive, in order of the names."""
        ...


def complete_attachments(links: pl.DataFrame, document_ids: Sequence[str], archived: Archived) -> pl.DataFrame:
    """raw.attachment of these documents in key order: their links, resolved, and for archives the files in them."""
    pages_and_targets = links.select("page_document_id", "target_text").iter_rows()
    found = [archived.find_target(page, target) for page, target in pages_and_targets]
    # Masked only now: a link is followed as the page writes it
    shown = [mask_link(target) for target in links["target_text"]]
    resolved = links.with_columns(
        pl.Series("attachment_document_id", found, dtype=pl.String), pl.Series("target_text", shown, dtype=pl.String)
    ).select(polars_schema(_TABLE).names())
    members = [
        {
            "page_document_id": document_id,
            "link_number": number,
            "anchor_text": "",
            "target_text": mask_link(name),
            "attachment_kind_code": "member",
            "attachment_document_id": member_id,
        }
        for document_id in document_ids
        for number, (name, member_id) in enumerate(archived.list_members(document_id), start=1)
    ]
    return pl.concat([resolved, make_frame(_TABLE, members)]).sort(load_tables()[_TABLE].key)


def list_announcements(issues: pl.DataFrame) -> frozenset[str]:
    """The documents of these core.issue rows that announce a report in an attachment."""
    return frozenset(issues.filter(_ANNOUNCES)["document_id"])


def name_archived(issues: pl.DataFrame, attachments: pl.DataFrame) -> pl.DataFrame:
    """core.issue with each announcement saying which attachments of its page are archived."""
    documents = (
        attachments.filter(pl.col("attachment_document_id").is_not_null())
        .group_by("page_document_id", maintain_order=True)
        .agg(pl.col("attachment_document_id").unique(maintain_order=True).head(_MOST_NAMED).str.join(", ").alias("ids"))
    )
    joined = issues.join(
        documents, left_on="document_id", right_on="page_document_id", how="left", maintain_order="left"
    )
    note = pl.coalesce(pl.lit("; archived of its attachments: ") + pl.col("ids"), pl.lit(_NONE_ARCHIVED))
    message = pl.when(_ANNOUNCES).then(pl.col("message_text") + note).otherwise(pl.col("message_text"))
    return joined.with_columns(message_text=message).select(issues.columns)
