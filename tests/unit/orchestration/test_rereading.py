from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import yaml

from pipeline.archive import ledger
from pipeline.archive.captures import CaptureLog
from pipeline.archive.ingest import ingest_paths
from pipeline.archive.ledger import LedgerEntry
from pipeline.archive.store import BlobStore
from pipeline.orchestration.rereading import describe_rereading, find_places, list_documents, render_places
from pipeline.paths import DataPaths

# The first would be a number without quotes
IDS = ["1234567890123456", "00000000000000e1"]


def ask_for(config: str) -> list[str]:
    return list(yaml.safe_load(config)["ops"]["reread_documents"]["config"]["document_ids"])


def test_link_config_and_command_ask_for_the_same_documents():
    shown = describe_rereading(IDS)["read again"].value
    link = urlsplit(re.search(r"\]\((.*?)\)", shown)[1])
    assert link.path == "/locations/pipeline.definitions/jobs/reparse/playground/setup"
    assert ask_for(parse_qs(link.query)["config"][0]) == IDS
    assert ask_for(re.search(r"```yaml\n(.*?)```", shown, re.DOTALL)[1]) == IDS
    command = re.search(r"```sh\n(.*?)```", shown, re.DOTALL)[1].replace("\\\n", " ")
    assert command.split() == ["touming", "reparse", "--document", IDS[0], "--document", IDS[1]]


def test_a_page_takes_only_so_many_and_none_is_no_entry():
    many = [f"{number:016x}" for number in range(70)]
    assert (
        ask_for(re.search(r"```yaml\n(.*?)```", describe_rereading(many)["read again"].value, re.DOTALL)[1])
        == many[:50]
    )
    assert describe_rereading([]) == {}


def test_rows_of_checks_lead_to_their_documents():
    rows = [{"report_id": "b", "cell_code": "x"}, {"document_id": "a", "n": 1}, {"report_id": "b"}, {"agency_id": "c"}]
    assert list_documents(rows) == ["b", "a"]
    assert list_documents([{"report_id": None}]) == []


def test_places_are_partition_and_origin_of_known_documents(
    paths: DataPaths, put_document: Callable[..., LedgerEntry], tmp_path
):
    file = tmp_path / "page.html"
    file.write_bytes(b"<p>text</p>")
    ingest_paths(
        [file], BlobStore(paths.blobs), CaptureLog(paths.captures), lambda: dt.datetime(2025, 3, 1, tzinfo=dt.UTC)
    )
    entry = put_document(b"<p>text</p>", year="2022", region="410000")
    ledger._write_ledger(paths, [entry])
    places = find_places(paths, {entry.document_id, "f" * 16})
    assert set(places) == {entry.document_id}
    assert places[entry.document_id].partition == "410000|2022"
    assert places[entry.document_id].origin.endswith("page.html")
    assert "410000\\|2022" in render_places([entry.document_id], places)
    assert find_places(paths, set()) == {}
