"""The whole way: bundled samples to a published warehouse, through the jobs that `touming` and the UI run."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from pipeline.archive.captures import CaptureLog
from pipeline.archive.ledger import load_ledger, move_documents
from pipeline.definitions import defs
from pipeline.facts.decisions import COLUMNS
from pipeline.facts.stages import read_manifest
from pipeline.orchestration import batches
from pipeline.orchestration.batches import place_of
from pipeline.orchestration.nightly import run_nightly, run_reparse
from pipeline.orchestration.reading_asset import READING
from pipeline.orchestration.regions import Partition
from pipeline.orchestration.selection import ReadingFilter
from pipeline.paths import REPO_ROOT, SQL_ROOT, DataPaths
from pipeline.warehouse import checks, swap
from pipeline.warehouse.query import run_query
from pipeline.warehouse.source import find_source
from pipeline.warehouse.sql_files import read_sql_file, read_sql_folder

SAMPLES = DataPaths(REPO_ROOT / "data").samples
# What the samples have nothing of: renamed agencies, contradicting sentences, two years of one agency, changed figures,
# archived attachments. Other tests ask these of what has it
UNANSWERED = {
    "how_did_a_renamed_agency_develop",
    "where_do_sentences_contradict_the_table",
    "which_page_leads_to_which_attachment",
    "which_reports_were_revised",
    "who_repeats_last_years_text",
    "whose_requests_doubled",
}
READ_NOW = ("stage/reading", "read now")
NEW = ("raw/document", "new")


def ask(paths: DataPaths, sql: str) -> list[tuple[object, ...]]:
    return list(run_query(paths.published, sql).rows)


def find_document(paths: DataPaths, name: str) -> str:
    return next(c.document_id for c in CaptureLog(paths.captures).read() if c.origin_text.endswith(name))


@pytest.fixture(autouse=True)
def instance(dagster_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(dagster_home))


def test_every_sample_is_accounted_for(first_night):
    paths, outcome = first_night
    assert outcome.failed_steps == ()
    files = [path for path in SAMPLES.iterdir() if not path.name.startswith(".")]
    assert outcome.metadata_totals[NEW] == outcome.metadata_totals[READ_NOW] == len(files)
    outcomes = dict(ask(paths, "SELECT reading_outcome, count(*) FROM core.reading GROUP BY ALL"))
    assert sum(outcomes.values()) == len(files)
    assert outcomes["rejected"] == 1
    assert "failed" not in outcomes
    assert ask(paths, "SELECT count(*) FROM raw.document") == [(len(files),)]


@pytest.mark.parametrize("example", read_sql_folder(SQL_ROOT / "examples"), ids=lambda example: example.name)
def test_every_example_question_has_an_answer_in_the_samples(first_night, example):
    paths, _ = first_night
    assert bool(ask(paths, example.sql)) == (example.name not in UNANSWERED)


def test_published_numbers_are_those_in_print(first_night):
    paths, _ = first_night
    rows = ask(paths, "SELECT agency_id, report_year, licensing_decision_count FROM mart.agency_year WHERE has_report")
    licensed = [(agency, year, count) for agency, year, count in rows if count]
    assert licensed
    for agency, year, count in licensed:
        (row,) = find_source(paths.published, str(agency), int(str(year)), "proactive.licensing.decisions")
        assert row.value == count
        assert row.locator_text
        assert int(row.raw_text.replace(",", "")) == count


def test_a_later_version_replaces_the_earlier_in_the_mart_and_both_are_kept(first_night):
    paths, _ = first_night
    versions = ask(
        paths,
        "SELECT agency_id, report_year, count(*) AS versions, count(*) FILTER (is_latest) AS latest FROM core.report "
        "GROUP BY ALL HAVING versions > 1",
    )
    assert versions
    assert all(latest == 1 for *_, latest in versions)
    twice = "SELECT count(*) FROM mart.agency_year GROUP BY agency_id, report_year HAVING count(*) > 1"
    assert ask(paths, twice) == []


def test_contradictory_source_is_published_as_printed_and_said_so(first_night):
    paths, _ = first_night
    failing = ask(
        paths, "SELECT DISTINCT report_id FROM core.finding WHERE verdict_code = 'fail' AND severity_code = 'hard'"
    )
    graded = ask(paths, "SELECT report_id FROM core.report WHERE grade_code = 'contradictory'")
    assert sorted(failing) == sorted(graded) != []


def test_second_night_reads_nothing_and_publishes_the_same(first_night, paths):
    before = ask(paths, "SELECT build_id FROM meta.build")
    outcome = run_nightly(defs, paths, [SAMPLES])
    assert outcome.failed_steps == ()
    totals = outcome.metadata_totals
    assert totals["stage/reading", "documents read"] == totals[NEW] == totals["raw/capture", "new"] == 0
    assert READ_NOW not in totals
    assert ask(paths, "SELECT build_id FROM meta.build") == before


def test_same_documents_captured_at_another_time_give_the_same_build(first_night, tmp_path):
    """The clock is no part of the build."""
    again = DataPaths(tmp_path / "again")
    outcome = run_nightly(defs, again, [SAMPLES])
    assert outcome.failed_steps == ()
    assert ask(again, "SELECT build_id FROM meta.build") == ask(first_night[0], "SELECT build_id FROM meta.build")


def test_rebuilding_from_raw_alone_gives_the_same_build(paths):
    before = ask(paths, "SELECT build_id FROM meta.build")
    shutil.rmtree(paths.warehouse)
    outcome = run_nightly(defs, paths, [])
    assert outcome.failed_steps == ()
    assert ask(paths, "SELECT build_id FROM meta.build") == before


def test_one_partition_is_read_alone(paths):
    before = {entry.document_id: place_of(entry) for entry in load_ledger(paths)}
    shutil.rmtree(paths.shards)
    config = {"resources": {"data": {"config": {"root": str(paths.root)}}}}
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("nightly").execute_in_process(
            run_config=config, instance=instance, partition_key="410000|2022", asset_selection=[READING]
        )
        assert result.success
        partitions = instance.get_materialized_partitions(READING)
    assert partitions == {"410000|2022"}
    wanted = {key for key, place in before.items() if place == Partition("410000", "2022")}
    assert set(read_manifest(paths, "2022")) == wanted != set()
    assert read_manifest(paths, "2023") == {}


def test_a_night_records_the_partitions_it_touched(first_night, dagster_home):
    paths, _ = first_night
    with dg.DagsterInstance.get() as instance:
        partitions = instance.get_materialized_partitions(READING)
    places = {place_of(entry) for entry in load_ledger(paths)}
    # Read before the province was known, in the partition of those of unknown origin
    assert {f"unknown|{place.year}" for place in places} <= partitions
    assert {place.region for place in places} > {"410000"}


def test_document_that_was_filed_wrongly_moves_when_it_is_read(paths):
    before = ask(paths, "SELECT build_id FROM meta.build")
    document_id = find_document(paths, "01-huimeng-2022-plain.txt")
    move_documents(paths, {document_id: "2019"})
    assert run_nightly(defs, paths, []).failed_steps == ()
    assert {e.partition_year for e in load_ledger(paths) if e.document_id == document_id} == {"2022"}
    assert ask(paths, "SELECT build_id FROM meta.build") == before


def test_lost_ledger_is_made_again_without_reading(paths, monkeypatch):
    before = load_ledger(paths)
    (paths.warehouse / "ledger.parquet").unlink()
    monkeypatch.setattr(batches, "read_documents", None)
    assert run_nightly(defs, paths, []).failed_steps == ()
    assert load_ledger(paths) == before


def test_page_leads_to_its_attachment(paths, tmp_path):
    inbox = tmp_path / "site"
    (inbox / "files").mkdir(parents=True)
    link = "<a href='files/%E5%B9%B4%E6%8A%A5.pdf'>附件：年度报告</a>"
    page = f"<h1>某某县2022年政府信息公开工作年度报告</h1><p>{link}</p>"
    (inbox / "index.html").write_text(page, encoding="utf-8")
    assert run_nightly(defs, paths, [inbox]).failed_steps == ()
    page_id = find_document(paths, "index.html")
    said = f"SELECT message_text FROM core.issue WHERE document_id = '{page_id}'"
    assert "none of its attachments is archived" in str(ask(paths, said))
    # The attachment comes a night later
    (inbox / "files" / "年报.pdf").write_bytes(b"%PDF-1.4 torn")
    assert run_nightly(defs, paths, [inbox]).failed_steps == ()
    attachment_id = find_document(paths, "年报.pdf")
    columns = "link_number, anchor_text, attachment_kind_code, attachment_document_id"
    links = ask(paths, f"SELECT {columns} FROM raw.attachment WHERE page_document_id = '{page_id}'")
    assert links == [(1, "附件：年度报告", "pdf", attachment_id)]
    assert attachment_id in str(ask(paths, said))
    reason = f"SELECT reject_reason_code FROM core.reading WHERE document_id = '{page_id}'"
    assert ask(paths, reason) == [("report_in_attachment",)]
    (pair,) = ask(paths, read_sql_file(SQL_ROOT / "examples" / "which_page_leads_to_which_attachment.sql").sql)
    assert pair[:3] == (page_id, "rejected", "report_in_attachment")
    assert pair[6:9] == (attachment_id, "failed", "damaged_file")


def test_reparse_reads_exactly_what_was_asked_for(paths):
    document_id = find_document(paths, "01-huimeng-2022-plain.txt")
    before = {year: read_manifest(paths, year) for year in ("2022", "2023")}
    outcome = run_reparse(defs, paths, ReadingFilter(document_ids=(document_id,)), [])
    assert outcome.failed_steps == ()
    assert outcome.metadata_totals[READ_NOW] == 1
    after = {year: read_manifest(paths, year) for year in ("2022", "2023")}
    moved = [key for year in before for key in before[year] if before[year][key].batch != after[year][key].batch]
    assert moved == [document_id]


def test_reparse_by_agency_and_year(paths):
    agency, name = ask(
        paths, "SELECT agency_id, agency_name FROM mart.agency_year WHERE has_report AND report_year = 2022 ORDER BY 1"
    )[0]
    ((count,),) = ask(paths, f"SELECT count(*) FROM core.report WHERE agency_id = '{agency}' AND report_year = 2022")
    for asked in (agency, name):
        outcome = run_reparse(defs, paths, ReadingFilter(agency=str(asked)), ["2022"])
        assert outcome.metadata_totals[READ_NOW] == count
    assert run_reparse(defs, paths, ReadingFilter(agency=str(agency)), ["2025"]).metadata_totals == {}


@pytest.mark.parametrize(
    ("wanted", "years", "message"),
    [
        (ReadingFilter(), [], "nothing was asked for"),
        (ReadingFilter(document_ids=("f" * 16,)), [], "no such document"),
        (ReadingFilter(force=True), ["1066"], "no such year"),
    ],
)
def test_reparse_refuses_what_makes_no_sense(paths, wanted, years, message):
    (failure,) = run_reparse(defs, paths, wanted, years).failed_steps
    assert message in failure.message


def test_damaged_blob_is_a_row_and_the_night_goes_on(paths):
    document_id = find_document(paths, "01-huimeng-2022-plain.txt")
    sha256 = next(e.sha256 for e in load_ledger(paths) if e.document_id == document_id)
    (paths.blobs / sha256[:2] / sha256).write_bytes(b"the disk had other ideas")
    outcome = run_reparse(defs, paths, ReadingFilter(force=True), ["2022"])
    assert outcome.failed_steps == ()
    reading = ask(paths, f"SELECT reading_outcome FROM core.reading WHERE document_id = '{document_id}'")
    assert reading == [("failed",)]
    assert ask(paths, f"SELECT count(*) FROM core.cell WHERE report_id = '{document_id}'") == [(0,)]
    # Ingesting the file again mends the blob, and the next night reads what failed for want of it
    assert run_nightly(defs, paths, [SAMPLES]).metadata_totals[READ_NOW] == 1
    assert ask(paths, "SELECT count(*) FROM core.reading WHERE reading_outcome = 'failed'") == [(0,)]


def test_unreadable_documents_are_rows_beside_the_others(paths, tmp_path):
    inbox = tmp_path / "more"
    inbox.mkdir()
    (inbox / "picture.gif").write_bytes(b"GIF89a" + bytes(64))
    (inbox / "empty.txt").write_bytes(b"")
    before = ask(paths, "SELECT count(*) FROM core.report")
    outcome = run_nightly(defs, paths, [inbox])
    assert outcome.failed_steps == ()
    failed = ask(
        paths, "SELECT partition_year, reject_reason_code FROM core.reading WHERE reading_outcome = 'failed' ORDER BY 2"
    )
    assert failed == [("unknown", "empty_file"), ("unknown", "media_unsupported")]
    assert ask(paths, "SELECT count(*) FROM core.report") == before
    with dg.DagsterInstance.get() as instance:
        (record,) = instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(READING, "documents_read"), limit=1
        )
    evaluation = record.event.dagster_event.asset_check_evaluation_data
    assert not evaluation.passed
    assert "picture.gif" in evaluation.metadata["failures"].value


@pytest.fixture
def break_one_check(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Make one blocking check find a row, whatever the data; returns its name."""

    def apply() -> str:
        everything = checks.load_checks()
        victim = next(check for check in everything if check.severity == "error")
        broken = tuple(replace(c, sql="SELECT 'impossible' AS found") if c is victim else c for c in everything)
        monkeypatch.setattr(checks, "load_checks", lambda: broken)
        return victim.name

    return apply


@pytest.mark.parametrize("rerun", ["nightly", "reparse"])
def test_failing_gate_leaves_yesterdays_file(paths, break_one_check, rerun):
    before = paths.published.read_bytes()
    name = break_one_check()
    if rerun == "nightly":
        outcome = run_nightly(defs, paths, [])
    else:
        outcome = run_reparse(defs, paths, ReadingFilter(force=True), ["2022"])
    (failure,) = outcome.failed_steps
    assert failure.error_class == "WarehouseRejected"
    assert name in failure.message
    assert paths.published.read_bytes() == before
    with dg.DagsterInstance.get() as instance:
        key = dg.AssetCheckKey(dg.AssetKey(["warehouse", "published"]), name)
        (record,) = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
    assert not record.event.dagster_event.asset_check_evaluation_data.passed


def test_full_disk_leaves_yesterdays_file_and_says_so(paths, monkeypatch):
    before = paths.published.read_bytes()

    def refuse(_source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    monkeypatch.setattr(swap, "copy_file", refuse)
    (failure,) = run_nightly(defs, paths, []).failed_steps
    assert failure.error_class == "WarehouseUnwritable"
    assert "Free space" in failure.message
    assert paths.published.read_bytes() == before


def test_what_was_lost_needs_a_person_to_accept_it(paths):
    with duckdb.connect(str(paths.published)) as con:
        con.execute("UPDATE meta.table_hash SET row_count = 100 * row_count WHERE table_name = 'core.section'")
    (failure,) = run_nightly(defs, paths, []).failed_steps
    assert failure.error_class == "WarehouseRejected"
    assert "--accept-shrinkage" in failure.message
    assert run_nightly(defs, paths, [], accept_shrinkage=True).failed_steps == ()


def test_a_decision_of_a_person_is_published_the_next_night(paths):
    ((fingerprint,),) = ask(
        paths, "SELECT fingerprint FROM mart.flagged_finding WHERE rule_code = 'R03' AND verdict_code = 'fail'"
    )
    line = f"{fingerprint},R03,confirmed,printed so,desk 1,2026-02-03,"
    paths.decisions.write_text(f"{','.join(COLUMNS)}\n{line}\nnonsense\n", encoding="utf-8")
    assert run_nightly(defs, paths, []).failed_steps == ()
    assert ask(paths, "SELECT fingerprint, decision_code FROM mart.audit WHERE decision_code IS NOT NULL") == [
        (fingerprint, "confirmed")
    ]
    assert ask(paths, "SELECT line_number FROM core.decision_problem") == [(3,)]


def test_failing_mart_leaves_yesterdays_file_and_the_others_built(paths, monkeypatch):
    from pipeline.orchestration import mart_assets

    before = paths.published.read_bytes()
    broken = tuple(
        replace(model, sql="SELECT no_such_column FROM core.report") if model.name == "mart.region_year" else model
        for model in mart_assets.MODELS
    )
    monkeypatch.setattr(mart_assets, "MODELS", broken)
    outcome = run_nightly(defs, paths, [])
    assert [step.step for step in outcome.failed_steps] == ["mart"]
    assert "mart.region_year" in outcome.failed_steps[0].message
    assert ("mart/request_outcome", "dagster/row_count") in outcome.metadata_totals
    assert paths.published.read_bytes() == before
