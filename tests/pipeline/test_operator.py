"""What an operator does in the UI, over a real webserver and daemon: launch, re-run, backfill, and see what broke."""

from __future__ import annotations

import http.server
import json
import os
import re
import signal
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.archive.ledger import load_ledger
from pipeline.definitions import defs
from pipeline.facts.stages import read_manifest
from pipeline.orchestration.batches import place_of
from pipeline.orchestration.failures import read_last_failure
from pipeline.orchestration.nightly import run_nightly
from pipeline.orchestration.partitions import READING_PARTITIONS
from pipeline.orchestration.reading import PARTITION_KEYS
from pipeline.paths import REPO_ROOT, DataPaths
from tests.pipeline.operator_for_tests import Operator, location, start_dagster, wait_for

SAMPLES = DataPaths(REPO_ROOT / "data").samples
READING = "stage/reading"
_PARTITION = """query($k: AssetKeyInput!, $p: [String!]) { assetNodeOrError(assetKey: $k) { ... on AssetNode {
  assetMaterializations(partitions: $p, limit: 1) { runId metadataEntries { label
    ... on IntMetadataEntry { intValue } ... on MarkdownMetadataEntry { mdStr } } } } } }"""
_CHECK = """query($k: AssetKeyInput!, $n: String!) { assetCheckExecutions(assetKey: $k, checkName: $n, limit: 1) {
  evaluation { success metadataEntries { label ... on MarkdownMetadataEntry { mdStr } } } } }"""
_EVENTS = """query($i: ID!) { logsForRun(runId: $i) { ... on EventConnection {
  events { __typename ... on MessageEvent { message } } } } }"""
_FRESH = """query($k: AssetKeyInput!) { assetNodeOrError(assetKey: $k) {
  ... on AssetNode { freshnessStatusInfo { freshnessStatus } } } }"""
_STALE = """query($k: AssetKeyInput!, $p: String!) { assetNodeOrError(assetKey: $k) {
  ... on AssetNode { staleStatus(partition: $p) } } }"""
_EVALUATE = """mutation($s: SensorSelector!) { sensorDryRun(selectorData: $s, cursor: "") {
  ... on DryRunInstigationTick { evaluationResult {
    skipReason runRequests { tags { key value } } error { message } } } } }"""


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.server.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def webhook() -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.received = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory, webhook: http.server.ThreadingHTTPServer) -> Iterator[Operator]:
    """Dagster over the samples and two files nobody can read, after a night of `touming run`."""
    root = tmp_path_factory.mktemp("operator")
    (root / "unreadable").mkdir()
    (root / "unreadable" / "torn.pdf").write_bytes(b"%PDF-1.4 torn")
    (root / "unreadable" / "empty.txt").write_bytes(b"")
    paths = DataPaths(root / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DAGSTER_HOME", raising=False)
        assert run_nightly(defs, paths, [SAMPLES, root / "unreadable"]).failed_steps == ()
        paths.inbox.mkdir(parents=True, exist_ok=True)
        patch.delenv("DAGSTER_HOME")
        address = f"http://127.0.0.1:{webhook.server_port}/hook"
        with start_dagster(paths, {"TOUMING_WEBHOOK": address}) as started:
            yield started


def key_of(asset: str) -> dict[str, list[str]]:
    return {"path": asset.split("/")}


def list_batches(paths: DataPaths) -> Mapping[str, str]:
    """The batch of each document's newest reading."""
    return {key: one.batch for year in PARTITION_KEYS for key, one in read_manifest(paths, year).items()}


def list_ran_steps(operator: Operator, run_id: str) -> list[str]:
    events = operator.ask(_EVENTS, i=run_id)["logsForRun"]["events"]
    return [event["message"].split('"')[1] for event in events if event["__typename"] == "ExecutionStepStartEvent"]


def show_partition(operator: Operator, partition: str) -> dict[str, Any]:
    """The metadata of the newest materialisation of a partition."""
    node = operator.ask(_PARTITION, k=key_of(READING), p=[partition])["assetNodeOrError"]
    (newest,) = node["assetMaterializations"]
    return {entry["label"]: entry.get("intValue", entry.get("mdStr")) for entry in newest["metadataEntries"]} | {
        "run": newest["runId"]
    }


def test_a_night_launched_from_the_launchpad_does_all_steps(operator):
    run_id = operator.launch("nightly")
    assert operator.wait_for_run(run_id) == "SUCCESS"
    assert {"raw__capture", "stage__reading", "core", "mart", "warehouse__published"} <= set(
        list_ran_steps(operator, run_id)
    )
    fresh = wait_for(lambda: operator.ask(_FRESH, k=key_of("warehouse/published"))["assetNodeOrError"])
    assert fresh["freshnessStatusInfo"]["freshnessStatus"] == "HEALTHY"


def test_a_document_is_shown_in_its_province_after_the_first_night(operator):
    places = {place_of(entry) for entry in load_ledger(operator.paths)}
    known = sorted(place for place in places if place.region != "unknown")
    assert known
    for place in known:
        assert show_partition(operator, f"{place.region}|{place.year}")["reports"] >= 1
        stale = operator.ask(_STALE, k=key_of(READING), p=f"{place.region}|{place.year}")["assetNodeOrError"]
        assert stale == {"staleStatus": "FRESH"}


def test_the_check_leads_from_failures_to_reading_them_again(operator):
    (execution,) = operator.ask(_CHECK, k=key_of(READING), n="documents_read")["assetCheckExecutions"]
    assert not execution["evaluation"]["success"]
    shown = {entry["label"]: entry.get("mdStr") for entry in execution["evaluation"]["metadataEntries"]}
    for part in ("unknown\\|unknown", "torn.pdf", "damaged_file", "empty_file"):
        assert part in shown["failures"]
    config = yaml.safe_load(re.search(r"```yaml\n(.*?)```", shown["read again"], re.DOTALL)[1])
    documents = config["ops"]["reread_documents"]["config"]["document_ids"]
    assert len(documents) == 2
    before = list_batches(operator.paths)
    run_id = operator.launch("reparse", {"ops": {"reread_documents": {"config": {"document_ids": documents[:1]}}}})
    assert operator.wait_for_run(run_id) == "SUCCESS"
    assert show_partition(operator, "unknown|unknown")["run"] == run_id
    assert list_batches(operator.paths).keys() == before.keys()


@pytest.mark.parametrize("asked", [{"force": True}, {"only_failed": True}, {"document_ids": ["one"]}, {}])
def test_one_partition_is_read_again_from_the_launchpad_of_the_asset(operator, asked):
    place = next(place_of(e) for e in load_ledger(operator.paths) if place_of(e).region == "410000")
    inside = [e.document_id for e in load_ledger(operator.paths) if place_of(e) == place]
    expected = {"force": len(inside), "document_ids": 1}.get(next(iter(asked), ""), 0)
    config = {**asked, "document_ids": inside[:1]} if "document_ids" in asked else asked
    run_id = operator.launch(
        "__ASSET_JOB",
        {"ops": {"stage__reading": {"config": config}}},
        {"dagster/partition": f"{place.region}|{place.year}"},
        [READING],
    )
    assert operator.wait_for_run(run_id) == "SUCCESS"
    shown = show_partition(operator, f"{place.region}|{place.year}")
    assert (shown["run"], shown["read now"]) == (run_id, expected)


def test_backfill_of_a_province_or_a_year_is_one_run(operator):
    keys = READING_PARTITIONS.get_partition_keys()
    for chosen in ([k for k in keys if k.startswith("410000|")], [k for k in keys if k.endswith("|2022")]):
        (run,) = operator.backfill(chosen)
        assert run["status"] == "SUCCESS"


def test_backfill_of_everything_would_be_a_run_a_year():
    ranges = READING_PARTITIONS.subset_with_all_partitions().get_partition_key_ranges(READING_PARTITIONS)
    assert len(ranges) == len(PARTITION_KEYS)


def test_reading_everything_again_is_one_run(operator):
    before = list_batches(operator.paths)
    run_id = operator.launch("reparse", {"ops": {"reread_documents": {"config": {"force": True}}}})
    assert operator.wait_for_run(run_id) == "SUCCESS"
    assert list_batches(operator.paths).keys() == before.keys()


def test_a_request_for_nothing_fails_and_is_kept_and_posted(operator, webhook):
    run_id = operator.launch("reparse")
    assert operator.wait_for_run(run_id) == "FAILURE"
    failure = wait_for(lambda: (f := read_last_failure(operator.paths)) and f.run_id == run_id and f)
    assert (failure.job, failure.step, failure.code) == ("reparse", "reread_documents", "run_failed")
    assert wait_for(lambda: [message for message in webhook.received if message["run_id"] == run_id])
    assert not [run for run in operator.find_runs() if run["parentRunId"] == run_id], "a failed step was tried again"


def test_a_run_whose_process_was_killed_is_tried_once_more_and_no_documents_are_lost(operator):
    before = list_batches(operator.paths)
    run_id = operator.launch("reparse", {"ops": {"reread_documents": {"config": {"force": True}}}})
    wait_for(lambda: "reread_documents" in list_ran_steps(operator, run_id))
    events = operator.ask(_EVENTS, i=run_id)["logsForRun"]["events"]
    pids = [found[1] for e in events if (found := re.search(r"pid: (\d+)", e.get("message") or ""))]
    os.kill(int(pids[-1]), signal.SIGKILL)
    assert operator.wait_for_run(run_id) == "FAILURE"
    retry = wait_for(lambda: [run for run in operator.find_runs() if run["parentRunId"] == run_id])[0]
    assert operator.wait_for_run(retry["runId"]) == "SUCCESS"
    assert list_batches(operator.paths).keys() == before.keys()
    failure = wait_for(lambda: (f := read_last_failure(operator.paths)) and f.run_id == run_id and f)
    assert failure.code == "run_killed"


def test_the_sensor_says_what_is_outdated_without_requesting_anything(operator):
    selector = {**location(), "sensorName": "reread_outdated"}
    evaluated = operator.ask(_EVALUATE, s=selector)["sensorDryRun"]["evaluationResult"]
    assert evaluated["error"] is None
    assert "no document was read by other versions" in evaluated["skipReason"]
    outdate(operator.paths)
    evaluated = operator.ask(_EVALUATE, s=selector)["sensorDryRun"]["evaluationResult"]
    ((tag,),) = [[t["value"] for t in r["tags"] if t["key"] == "touming/reason"] for r in evaluated["runRequests"]]
    assert re.fullmatch(r"outdated: 1 × text/plain \(text/0 → text/\d+\)", tag)


def outdate(paths: DataPaths) -> None:
    """Make one document's reading one of an earlier reader."""
    media_types = {entry.document_id: entry.media_type for entry in load_ledger(paths)}
    for manifest in Path(paths.shards).glob("year=*/*/manifest.json"):
        content = json.loads(manifest.read_text(encoding="utf-8"))
        for document_id, one in content["documents"].items():
            if media_types[document_id] == "text/plain":
                one["reader_version"] = re.sub(r"text/\d+", "text/0", one["reader_version"])
                manifest.write_text(json.dumps(content), encoding="utf-8")
                return
    pytest.fail("no text among the documents")
