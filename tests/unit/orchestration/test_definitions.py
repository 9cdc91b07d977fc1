from __future__ import annotations

import datetime as dt

import dagster as dg
import pytest

from pipeline.contract.schema import load_tables
from pipeline.definitions import defs
from pipeline.orchestration.jobs import nightly_schedule
from pipeline.orchestration.mart_assets import MODELS
from pipeline.orchestration.partitions import READING_PARTITIONS
from pipeline.orchestration.reading import PARTITION_KEYS
from pipeline.orchestration.reparse import ReparseConfig, reparse
from pipeline.orchestration.versions import name_versions
from pipeline.warehouse.gate import gate_checks


@pytest.fixture(scope="module")
def graph() -> dg.AssetGraph:
    return defs.resolve_asset_graph()


def key(table: str) -> dg.AssetKey:
    return dg.AssetKey(table.split("."))


def test_every_table_and_mart_is_an_asset(graph):
    assets = graph.get_all_asset_keys()
    wanted = [name for name in load_tables() if name.startswith(("raw.", "core."))] + [m.name for m in MODELS]
    assert {key(name) for name in wanted} <= set(assets)


def test_every_check_of_the_gate_is_shown_and_blocks_when_it_should(graph):
    shown = {check.name: graph.get(check).blocking for check in graph.asset_check_keys}
    for check in gate_checks():
        assert shown[check.name] == (check.severity == "error")


def test_every_asset_says_what_a_row_is(graph):
    for asset in graph.get_all_asset_keys():
        assert graph.get(asset).description, asset


def test_marts_depend_on_what_their_sql_reads(graph):
    for model in MODELS:
        expected = {key(table) for table in model.depends_on if not table.startswith("meta.")}
        assert graph.get(key(model.name)).parent_keys == expected


def test_writers_share_one_pool():
    nodes = defs.resolve_job_def("nightly").graph.nodes
    pools = {node.name: node.definition.pool for node in nodes if node.definition.pool}
    assert pools == {"core": "writer", "mart": "writer", "warehouse__published": "writer"}


@pytest.mark.parametrize("name", ["release", "site"])
def test_releases_and_pages_are_made_only_when_asked_for(name):
    nightly, job = (defs.resolve_job_def(one) for one in ("nightly", name))
    key = dg.AssetKey(["warehouse", name])
    assert key not in nightly.asset_layer.executable_asset_keys
    assert set(job.asset_layer.executable_asset_keys) == {key}


def test_schedule_chooses_no_partition_and_waits_to_be_started():
    assert nightly_schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    context = dg.build_schedule_context(scheduled_execution_time=dt.datetime(2026, 1, 1, 2, tzinfo=dt.UTC))
    request = nightly_schedule(context)
    assert not [tag for tag in request.tags if "partition" in tag]
    assert request.partition_key is None


def test_documents_are_read_by_province_and_year():
    keys = READING_PARTITIONS.get_partition_keys()
    assert len(keys) == len(set(keys)) == 35 * len(PARTITION_KEYS)
    assert {"410000|2022", "unknown|unknown"} <= set(keys)


def test_the_ui_sees_when_versions_change_and_when_publishing_is_overdue(graph):
    assert graph.get(key("stage.reading")).code_version == name_versions()
    for model in MODELS:
        assert graph.get(key(model.name)).code_version
    assert graph.get(key("warehouse.published")).freshness_policy is not None
    assert graph.get(key("raw.crawl")).freshness_policy is not None


def test_the_launchpad_of_reparse_shows_its_whole_form():
    shown = reparse.run_config["ops"]["reread_documents"]["config"]
    assert shown == ReparseConfig().model_dump()
