from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from pipeline.contract.arrays import ContractError
from pipeline.contract.frames import polars_schema
from pipeline.contract.schema import load_tables
from pipeline.facts import batch_rows, stages
from pipeline.facts.encoded import encode_rows
from pipeline.facts.identities import evaluate_rules
from pipeline.facts.model import DocumentRows
from pipeline.facts.rows import document_rows, failed_rows
from pipeline.facts.stages import MergeSummary, read_manifest
from pipeline.issues import Issue, IssueCode
from pipeline.paths import DataPaths
from pipeline.reports.model import Report

YEAR = "2022"
EARLY = dt.datetime(2023, 1, 20, tzinfo=dt.UTC)
LATE = EARLY + dt.timedelta(days=30)


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(tmp_path)


class NothingArchived:
    """What merging asks about archived documents, where there are none that links lead to."""

    version = ""

    def __init__(self, origins: Mapping[str, str]) -> None:
        self.origins = origins

    def find_target(self, page_document_id: str, target: str) -> str | None:
        return None

    def find_origin(self, document_id: str) -> str:
        return self.origins.get(document_id, "")

    def list_members(self, document_id: str) -> list[tuple[str, str]]:
        return []


def merge_partition(
    paths: DataPaths, year: str, documents: Mapping[str, dt.datetime], origins: Mapping[str, str] | None = None
) -> MergeSummary:
    return stages.merge_partition(paths, year, documents, NothingArchived(origins or {}))


def rows_of(document_id: str, report: Report) -> DocumentRows:
    return document_rows(document_id, YEAR, report, evaluate_rules(report))


def crash_of(document_id: str, version: str = "html/1") -> DocumentRows:
    return failed_rows(document_id, YEAR, Issue(IssueCode.READER_CRASHED, "ValueError"), version)


def write_batch(paths: DataPaths, rows: Sequence[DocumentRows]) -> str:
    return batch_rows.write_batches(paths, [encode_rows(rows)])[YEAR]


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def read_newest(paths: DataPaths, table: str) -> pl.DataFrame:
    return batch_rows.scan_newest(paths, table, YEAR).sort(load_tables()[table].key).collect()


def read_stage(paths: DataPaths, table: str) -> pl.DataFrame:
    path = paths.stage / table.replace(".", "/") / f"year={YEAR}" / "part.parquet"
    return pl.read_parquet(path, hive_partitioning=False)


def stage_files(paths: DataPaths) -> dict[str, tuple[bytes, int]]:
    """Content and inode of every stage file: a file replaced by an equal one shows too."""
    return {str(f.relative_to(paths.stage)): (f.read_bytes(), f.stat().st_ino) for f in paths.stage.rglob("*.parquet")}


def batch_names(paths: DataPaths) -> set[str]:
    return {folder.name for folder in (paths.shards / f"year={YEAR}").iterdir() if folder.is_dir()}


def test_merging_writes_every_core_table_in_the_contract_shape(paths, make_report):
    write_batch(paths, [rows_of("b1", make_report()), crash_of("a1")])
    summary = merge_partition(paths, YEAR, {"a1": EARLY, "b1": EARLY})
    expected = {name for name, table in load_tables().items() if table.stage in ("year", "merge")}
    assert set(summary.row_counts) == expected
    for table, count in summary.row_counts.items():
        frame = read_stage(paths, table)
        assert frame.schema == polars_schema(table), table
        assert frame.height == count
        assert frame.equals(frame.sort(load_tables()[table].key)), table
    assert "core.cell" not in summary.row_counts
    cells = read_newest(paths, "core.cell")
    assert (cells.schema, cells.height) == (polars_schema("core.cell"), 200)
    assert summary.outcome_counts == {"failed": 1, "report": 1}
    assert read_newest(paths, "core.reading")["document_id"].to_list() == ["a1", "b1"]


def test_merging_again_touches_no_file(paths, make_report):
    documents = {f"d{number}": EARLY for number in range(6)}
    for document_id in documents:
        write_batch(paths, [rows_of(document_id, make_report())])
    merge_partition(paths, YEAR, documents)
    before = stage_files(paths)
    assert merge_partition(paths, YEAR, documents).changed_tables == ()
    assert stage_files(paths) == before


def test_how_documents_were_batched_does_not_show(paths, make_report, tmp_path):
    reports = [rows_of(f"d{number}", make_report()) for number in range(5)]
    documents = {rows.document_id: EARLY for rows in reports}
    write_batch(paths, reports)
    merge_partition(paths, YEAR, documents)
    other = DataPaths(tmp_path / "other")
    for rows in reversed(reports):
        write_batch(other, [rows])
    merge_partition(other, YEAR, documents)
    assert {k: v[0] for k, v in stage_files(paths).items()} == {k: v[0] for k, v in stage_files(other).items()}


def test_slices_are_joined_without_loss(paths, make_report, monkeypatch):
    documents = {f"d{number}": EARLY for number in range(7)}
    write_batch(paths, [rows_of(document_id, make_report()) for document_id in documents])
    monkeypatch.setattr(stages, "_SLICE_DOCUMENTS", 3)
    merge_partition(paths, YEAR, documents)
    reports = read_stage(paths, "core.report")
    assert reports["report_id"].to_list() == sorted(documents)
    assert read_newest(paths, "core.cell").height == 1400


def test_an_untouched_table_keeps_its_file(paths, make_report):
    write_batch(paths, [rows_of("d1", make_report())])
    merge_partition(paths, YEAR, {"d1": EARLY})
    write_batch(paths, [rows_of("d1", make_report(published=dt.date(2023, 3, 1)))])
    summary = merge_partition(paths, YEAR, {"d1": EARLY})
    assert set(summary.changed_tables) == {"core.report"}
    assert read_newest(paths, "core.finding").height == len(rows_of("d1", make_report()).tables["core.finding"])


def test_what_was_merged_of_the_same_before_is_left_alone_unless_a_file_is_gone(paths, make_report, monkeypatch):
    write_batch(paths, [rows_of("d1", make_report())])
    first = merge_partition(paths, YEAR, {"d1": EARLY})
    before = stage_files(paths)
    with monkeypatch.context() as patch:
        patch.setattr(stages, "replace_parquet", pytest.fail)
        again = merge_partition(paths, YEAR, {"d1": EARLY})
    assert (again.row_counts, again.outcome_counts) == (first.row_counts, first.outcome_counts)
    (paths.stage / "core" / "issue" / f"year={YEAR}" / "part.parquet").unlink()
    merge_partition(paths, YEAR, {"d1": EARLY})
    assert stage_files(paths).keys() == before.keys()
    assert merge_partition(paths, YEAR, {"d1": LATE}).changed_tables == ()


def test_a_merge_that_was_interrupted_is_done_again_though_its_inputs_are_those_of_the_one_before(
    paths, make_report, monkeypatch
):
    write_batch(paths, [rows_of("d1", make_report())])
    merge_partition(paths, YEAR, {"d1": EARLY})
    before = {name: content for name, (content, _) in stage_files(paths).items()}
    write_batch(paths, [crash_of("d2")])
    with monkeypatch.context() as patch:
        patch.setattr(stages.batches, "write_index", interrupt)
        with pytest.raises(KeyboardInterrupt):
            merge_partition(paths, YEAR, {"d1": EARLY, "d2": EARLY})
    merge_partition(paths, YEAR, {"d1": EARLY})
    assert {name: content for name, (content, _) in stage_files(paths).items()} == before
    assert not list(paths.shards.rglob(stages.batches.HALF_MERGED))


def test_the_newest_batch_of_a_document_wins_and_the_old_one_goes(paths, make_report):
    old = write_batch(paths, [crash_of("d1"), crash_of("d2")])
    new = write_batch(paths, [rows_of("d1", make_report())])
    manifest = read_manifest(paths, YEAR)
    assert (manifest["d1"].batch, manifest["d1"].outcome) == (new, "report")
    assert (manifest["d2"].batch, manifest["d2"].issue_codes) == (old, ("reader_crashed",))
    assert merge_partition(paths, YEAR, {"d1": EARLY, "d2": EARLY}).removed_batch_count == 0
    write_batch(paths, [crash_of("d2", "html/2")])
    assert merge_partition(paths, YEAR, {"d1": EARLY, "d2": EARLY}).removed_batch_count == 1
    assert old not in batch_names(paths)
    assert read_newest(paths, "core.reading")["reader_version"].to_list() == ["text/1", "html/2"]


def test_the_same_reading_is_the_same_batch_and_can_become_the_newest_again(paths):
    first = write_batch(paths, [crash_of("d1", "html/1")])
    assert write_batch(paths, [crash_of("d1", "html/1")]) == first
    second = write_batch(paths, [crash_of("d1", "html/2")])
    assert second != first
    assert read_manifest(paths, YEAR)["d1"].reader_version == "html/2"
    assert write_batch(paths, [crash_of("d1", "html/1")]) == first
    assert read_manifest(paths, YEAR)["d1"].reader_version == "html/1"
    assert batch_names(paths) == {first, second}


def test_versions_are_numbered_by_capture_within_agency_and_year(paths, make_report):
    corrected = make_report({"requests.granted.total": 1})
    other_year = make_report(report_year=2021)
    reports = {"d3": make_report(), "d1": corrected, "d2": other_year, "d4": make_report()}
    write_batch(paths, [rows_of(key, report) for key, report in reports.items()])
    merge_partition(paths, YEAR, {"d3": EARLY, "d1": LATE, "d2": EARLY, "d4": LATE})
    report = read_stage(paths, "core.report")
    assert report.select("report_id", "version_number", "version_change_code", "is_latest").rows() == [
        ("d1", 2, "figures", True),
        ("d2", 1, "first", True),
        ("d3", 1, "first", False),
        ("d4", 1, "copy", False),
    ]
    assert report["agency_id"].n_unique() == 1
    assert read_stage(paths, "core.agency").height == 1


def test_reports_without_a_name_or_a_year_are_versions_of_nothing(paths, make_report):
    nameless, yearless = make_report(agency_name=""), make_report(report_year=None)
    rows = [*(rows_of(f"n{i}", nameless) for i in (1, 2)), *(rows_of(f"y{i}", yearless) for i in (1, 2))]
    write_batch(paths, rows)
    merge_partition(paths, YEAR, dict.fromkeys(("n1", "n2", "y1", "y2"), EARLY))
    report = read_stage(paths, "core.report")
    assert report["version_number"].to_list() == [1, 1, 1, 1]
    assert report["is_latest"].all()
    assert report.filter(pl.col("report_id").str.starts_with("n"))["agency_id"].n_unique() == 2


def test_agencies_come_settled_or_provisional(paths, make_report):
    names = {"d1": "会盟镇人民政府", "d2": "洛阳市孟津区 会盟镇人民政府", "d3": "无名镇人民政府"}
    write_batch(paths, [rows_of(key, make_report(agency_name=name)) for key, name in names.items()])
    merge_partition(paths, YEAR, dict.fromkeys(names, EARLY))
    agency = read_stage(paths, "core.agency")
    assert agency["identity_basis_code"].to_list() == ["registry", "provisional"]
    assert agency["region_code"].to_list() == ["410308101", None]


def test_evidence_settles_an_agency_and_what_stays_open_keeps_its_candidates(paths, make_report):
    name, site = "城关镇人民政府", {"SiteIDCode": "4103080001"}
    reports = {"d1": make_report(agency_name=name, metadata=site), "d2": make_report(agency_name=name)}
    write_batch(paths, [rows_of(key, report) for key, report in reports.items()])
    merge_partition(paths, YEAR, dict.fromkeys(reports, EARLY))
    columns = ("agency_id", "identity_method_code", "identity_confidence_code", "scope_code", "scope_evidence_text")
    settled, open_one = read_stage(paths, "core.report").select(columns).rows()
    assert settled == ("cn-410308100-gov", "site_code", "certain", "organ_own", name)
    assert open_one[1:3] == ("none", "ambiguous")
    candidates = read_stage(paths, "core.agency_candidate")
    assert set(candidates["report_id"]) == {"d2"}
    assert settled[0] in candidates["candidate_agency_id"].to_list()
    names = read_stage(paths, "core.agency_name")
    assert names.filter(pl.col("agency_id") == settled[0])["agency_name_text"].to_list() == [name]


@pytest.mark.parametrize(
    ("origin", "source_id", "method"),
    [
        ("洛阳市/孟津区/1.html", None, "origin"),
        ("https://www.a.gov.cn/1.html", "mengjin-nb", "source_column"),
        ("https://www.a.gov.cn/1.html", "unregistered", "none"),
        ("https://www.a.gov.cn/1.html", None, "none"),
    ],
)
def test_where_a_document_came_from_is_evidence_too(paths, make_report, origin, source_id, method):
    write_batch(paths, [rows_of("d1", make_report(agency_name="城关镇人民政府"))])
    write_whole(
        paths, "raw.capture", {"document_id": "d1", "capture_id": "c1", "captured_at": EARLY, "source_id": source_id}
    )
    write_whole(paths, "core.source", {"source_id": "mengjin-nb", "region_code": "410308"})
    merge_partition(paths, YEAR, {"d1": EARLY}, {"d1": origin})
    report = read_stage(paths, "core.report")
    assert report["identity_method_code"].to_list() == [method]
    is_settled = method != "none"
    assert (report["agency_id"].to_list() == ["cn-410308100-gov"]) is is_settled
    assert report["identity_confidence_code"].to_list() == ["likely" if is_settled else "ambiguous"]


def write_whole(paths: DataPaths, table: str, row: dict[str, object]) -> None:
    """The stage of a table that is one file, with one row of the columns that matter."""
    folder = paths.stage.joinpath(*table.split("."))
    folder.mkdir(parents=True)
    pl.DataFrame([row], schema_overrides={"source_id": pl.String()}).write_parquet(folder / "part.parquet")


def test_a_merged_county_leads_back_to_both(paths, make_report):
    write_batch(paths, [rows_of("d1", make_report(agency_name="洛阳市孟津区财政局"))])
    merge_partition(paths, YEAR, {"d1": EARLY})
    lineage = read_stage(paths, "core.agency_lineage")
    before = lineage.select("agency_id", "predecessor_agency_id", "predecessor_name", "change_year").rows()
    assert before == [
        ("cn-410308-finance", "cn-410306-finance", "洛阳市吉利区财政局", 2021),
        ("cn-410308-finance", "cn-410322-finance", "洛阳市孟津县财政局", 2021),
    ]


def test_a_year_is_merged_anew_once_what_identifies_agencies_has_changed(paths, make_report, monkeypatch):
    write_batch(paths, [rows_of("d1", make_report())])
    merge_partition(paths, YEAR, {"d1": EARLY})
    stage = paths.stage / "core" / "report" / f"year={YEAR}" / "part.parquet"
    pl.read_parquet(stage).clear().write_parquet(stage)
    assert merge_partition(paths, YEAR, {"d1": EARLY}).changed_tables == ()
    monkeypatch.setattr(stages, "identity_version", lambda: "identity/another")
    assert merge_partition(paths, YEAR, {"d1": EARLY}).changed_tables == ("core.report",)


def test_documents_of_other_partitions_leave_and_unread_ones_are_named(paths, make_report):
    write_batch(paths, [rows_of("d1", make_report())])
    write_batch(paths, [rows_of("d2", make_report())])
    summary = merge_partition(paths, YEAR, {"d2": EARLY, "d9": EARLY})
    assert summary.unread == ("d9",)
    assert summary.removed_batch_count == 1
    assert read_stage(paths, "core.report")["report_id"].to_list() == ["d2"]
    assert set(read_manifest(paths, YEAR)) == {"d2"}


def test_an_emptied_partition_has_empty_tables(paths, make_report):
    write_batch(paths, [rows_of("d1", make_report())])
    merge_partition(paths, YEAR, {"d1": EARLY})
    assert set(merge_partition(paths, YEAR, {}).row_counts.values()) == {0}
    assert read_newest(paths, "core.cell").height == 0
    assert stages.was_merged(paths, YEAR)


def test_an_unfinished_batch_counts_for_nothing_and_is_swept_away(paths):
    kept = write_batch(paths, [crash_of("d1")])
    torn = paths.shards / f"year={YEAR}" / "0123456789abcdef"
    torn.mkdir()
    (torn / "core.reading.parquet").write_bytes(b"half")
    broken = paths.shards / f"year={YEAR}" / "fedcba9876543210"
    broken.mkdir()
    (broken / "manifest.json").write_text('{"sequence": 9')
    assert {entry.batch for entry in read_manifest(paths, YEAR).values()} == {kept}
    assert merge_partition(paths, YEAR, {"d1": EARLY}).removed_batch_count == 2
    assert batch_names(paths) == {kept}


def test_a_batch_left_half_written_is_completed_by_writing_it_again(paths):
    name = write_batch(paths, [crash_of("d1")])
    (paths.shards / f"year={YEAR}" / name / "manifest.json").unlink()
    assert read_manifest(paths, YEAR) == {}
    assert write_batch(paths, [crash_of("d1")]) == name
    assert merge_partition(paths, YEAR, {"d1": EARLY}).outcome_counts == {"failed": 1}


def test_batches_of_another_row_shape_are_read_again_not_merged(paths):
    name = write_batch(paths, [crash_of("d1")])
    path = paths.shards / f"year={YEAR}" / name / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"shape": "older"}))
    assert read_manifest(paths, YEAR) == {}


def test_a_batch_has_each_document_once(paths):
    with pytest.raises(ValueError, match="each document once: got 2"):
        write_batch(paths, [crash_of("d1"), crash_of("d1")])


def test_documents_are_parted_by_year_and_their_order_does_not_show(paths, make_report, tmp_path):
    reports = [rows_of(f"d{number}", make_report()) for number in range(6)]
    failed = [failed_rows(f"f{n}", "2021", Issue(IssueCode.READER_CRASHED, "ValueError"), "html/1") for n in range(2)]
    names = batch_rows.write_batches(
        paths, [encode_rows([*reports[:3], failed[0]]), encode_rows([failed[1], *reports[3:]])]
    )
    assert set(names) == {YEAR, "2021"}
    assert set(read_manifest(paths, YEAR)) == {rows.document_id for rows in reports}
    assert set(read_manifest(paths, "2021")) == {"f0", "f1"}
    other = DataPaths(tmp_path / "other")
    parts = [encode_rows([one]) for one in reversed([*failed, *reports])]
    assert batch_rows.write_batches(other, parts) == names
    assert [p.read_bytes() for p in sorted(other.shards.rglob("core.*.parquet"))] == [
        p.read_bytes() for p in sorted(paths.shards.rglob("core.*.parquet"))
    ]


def test_nothing_read_is_no_batch(paths):
    assert batch_rows.write_batches(paths, []) == {}
    assert not paths.shards.exists()


def test_a_row_that_breaks_the_contract_writes_nothing(paths, make_report):
    rows = rows_of("d1", make_report())
    broken = {**rows.tables, "core.section": ({"report_id": "d1"},)}
    with pytest.raises(ContractError):
        write_batch(paths, [replace(rows, tables=broken)])
    assert read_manifest(paths, YEAR) == {}
