"""raw.attachment as merging makes it: links with the documents they lead to, archives with what they hold."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pipeline.documents.model import Link
from pipeline.facts.batch_rows import write_batches
from pipeline.facts.encoded import encode_rows
from pipeline.facts.rows import document_rows, failed_rows
from pipeline.facts.stages import merge_partition
from pipeline.issues import Issue, IssueCode
from pipeline.paths import DataPaths
from pipeline.reports.model import Report

YEAR = "2022"
CAPTURED = dt.datetime(2023, 1, 20, tzinfo=dt.UTC)
ANNOUNCEMENT = Report(
    False,
    reject_reason="report_in_attachment",
    issues=(Issue(IssueCode.REPORT_IN_ATTACHMENT, "in a.pdf"), Issue(IssueCode.NEEDS_OCR, "another")),
    links=(Link(1, "\u9644\u4ef6", "a.pdf", "pdf"), Link(2, "", "b.pdf", "pdf")),
)


class Archive:
    """Holds what it was made with."""

    def __init__(self, targets: dict[tuple[str, str], str], members: dict[str, list[tuple[str, str]]]) -> None:
        self.targets, self.members = targets, members
        self.version = repr((targets, members))

    def find_target(self, page_document_id: str, target: str) -> str | None:
        return self.targets.get((page_document_id, target))

    def find_origin(self, document_id: str) -> str:
        return ""

    def list_members(self, document_id: str) -> list[tuple[str, str]]:
        return self.members.get(document_id, [])


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    paths = DataPaths(tmp_path)
    archive = failed_rows("zip", YEAR, Issue(IssueCode.MEDIA_UNSUPPORTED, "a ZIP"), "none")
    write_batches(paths, [encode_rows([document_rows("page", YEAR, ANNOUNCEMENT, ()), archive])])
    return paths


def merge(paths: DataPaths, archived: Archive) -> tuple[list[tuple[object, ...]], list[str]]:
    """The rows of raw.attachment and the messages of core.issue of the page."""
    merge_partition(paths, YEAR, {"page": CAPTURED, "zip": CAPTURED}, archived)
    frames = [
        pl.read_parquet(paths.stage / table / f"year={YEAR}" / "part.parquet", hive_partitioning=False)
        for table in ("raw/attachment", "core/issue")
    ]
    return frames[0].rows(), frames[1].filter(document_id="page")["message_text"].to_list()


def test_links_are_resolved_when_merging_and_again_when_more_is_archived(paths: DataPaths) -> None:
    rows, messages = merge(paths, Archive({}, {}))
    assert rows == [
        ("page", 1, "\u9644\u4ef6", "a.pdf", "pdf", None),
        ("page", 2, "", "b.pdf", "pdf", None),
    ]
    assert messages[0].startswith("in a.pdf; none of its attachments is archived")
    assert messages[1] == "another"
    rows, messages = merge(paths, Archive({("page", "b.pdf"): "bbb"}, {}))
    assert [row[-1] for row in rows] == [None, "bbb"]
    assert messages == ["in a.pdf; archived of its attachments: bbb", "another"]


def test_an_archive_leads_to_what_was_taken_out_of_it(paths: DataPaths) -> None:
    rows, _ = merge(paths, Archive({}, {"zip": [("a.doc", "aaa"), ("b.doc", "bbb")]}))
    assert rows[2:] == [
        ("zip", 1, "", "a.doc", "member", "aaa"),
        ("zip", 2, "", "b.doc", "member", "bbb"),
    ]


def test_names_in_the_text_of_a_link_are_masked() -> None:
    text = "\u7533\u8bf7\u4eba\u738b\u5c0f\u660e\u7684\u7533\u8bf7\u8868\uff0c\u7535\u8bdd13812345678"
    rows = document_rows("page", YEAR, Report(False, links=(Link(1, text, "a.pdf", "pdf"),)), ())
    (row,) = rows.tables["raw.attachment"]
    assert "\uff0a" in str(row["anchor_text"])
    assert "13812345678" not in str(row["anchor_text"])
    assert len(str(row["anchor_text"])) == len(text)
