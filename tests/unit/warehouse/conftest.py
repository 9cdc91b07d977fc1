"""Tiny stages, written through the contract, and what is built from them."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipeline.contract.editions import edition_by_code
from pipeline.contract.frames import make_frame
from pipeline.contract.schema import load_tables
from pipeline.facts.batches import write_index
from pipeline.paths import DataPaths
from pipeline.warehouse.build import load_core, open_build
from pipeline.warehouse.models import load_models, run_models
from pipeline.warehouse.publish import PublishedWarehouse, publish

Rows = dict[str, list[dict[str, object]]]
MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
# One agency with every kind of number, one with blanks; figures are made up
FULL = {
    "requests.new_received.natural_person": 8,
    "requests.new_received.legal_commercial": 2,
    "requests.new_received.total": 10,
    "requests.carried_in.natural_person": 2,
    "requests.carried_in.total": 2,
    "requests.granted.natural_person": 3,
    "requests.granted.total": 3,
    "requests.granted_partial.natural_person": 1,
    "requests.granted_partial.total": 1,
    "requests.denied_state_secret.natural_person": 1,
    "requests.denied_state_secret.total": 1,
    "requests.denied_third_party.natural_person": 1,
    "requests.denied_third_party.total": 1,
    "requests.unavailable_not_held.legal_commercial": 2,
    "requests.unavailable_not_held.total": 2,
    "requests.total_disposed.natural_person": 6,
    "requests.total_disposed.legal_commercial": 2,
    "requests.total_disposed.total": 8,
    "requests.carried_out.natural_person": 4,
    "requests.carried_out.total": 4,
    "proactive.licensing.decisions": 120,
    "proactive.admin_fees.amount": Decimal("12.345678"),
    "proactive.normative_docs.in_force": 7,
    "disputes.review.upheld": 3,
    "disputes.review.corrected": 1,
    "disputes.review.total": 4,
    "disputes.lit_direct.pending": 1,
    "disputes.lit_direct.total": 1,
    "disputes.lit_after_review.upheld": 1,
    "disputes.lit_after_review.total": 1,
}


def report_rows(
    agency: str,
    year: int,
    numbers: Mapping[str, object],
    blank: Sequence[str] = (),
    version: tuple[int, bool] = (1, True),
    edition: str = "ED_2021",
) -> Rows:
    """Stage rows of one report; a cell neither in `numbers` nor in `blank` reports 0."""
    sha256 = hashlib.sha256(f"{agency} {year} {version}".encode()).hexdigest()
    document_id = sha256[:16]
    cells = []
    for form in edition_by_code(edition).cells():
        value = None if form.code in blank else Decimal(str(numbers.get(form.code, 0)))
        state = "blank" if value is None else "reported"
        cells.append(
            {
                "report_id": document_id,
                "cell_code": form.code,
                "table_code": form.table,
                "row_code": form.row,
                "column_code": form.column,
                "value": value,
                "unit": form.unit,
                "state_code": state,
                "raw_text": "" if value is None else str(value),
                "locator_text": "T1 R2 C3",
                "method_code": "grid",
                "label_text": form.label_zh,
                "label_distance": 0,
            }
        )
    return {
        "raw.capture": [
            {
                "capture_id": f"c{document_id}",
                "document_id": document_id,
                "sha256": sha256,
                "origin_text": f"inbox/{agency}-{year}.html",
                "captured_at": MOMENT,
                "media_type": "text/html",
                "byte_count": 1000,
                "fetch_outcome_code": "captured",
                "parent_capture_id": None,
                "final_url_text": None,
                "http_status": None,
                "declared_media_type_text": None,
                "etag_text": None,
                "last_modified_text": None,
                "source_id": None,
                "request_role_code": None,
                "request_form_text": None,
                "change_code": None,
                "tls_mode_code": None,
                "elapsed_ms": None,
                "fetch_message_text": None,
            }
        ],
        "raw.document": [
            {
                "document_id": document_id,
                "sha256": sha256,
                "media_type": "text/html",
                "byte_count": 1000,
                "first_captured_at": MOMENT,
                "partition_year": str(year),
            }
        ],
        "core.reading": [
            {
                "document_id": document_id,
                "partition_year": str(year),
                "reading_outcome": "report",
                "reject_reason_code": None,
                "title_text": f"{agency}{year}年政府信息公开工作年度报告",
                "reader_version": "test/1",
            }
        ],
        "core.agency": [
            {
                "agency_id": f"id-{agency}",
                "agency_name": agency,
                "identity_basis_code": "registry",
                "organ_kind_code": None,
                "department_code": None,
                "region_code": "990101",
                "region_path_text": "某省 某市 某县",
                "division_level": "county",
                "first_report_year": year,
                "last_report_year": year,
            }
        ],
        "core.agency_name": [
            {
                "agency_id": f"id-{agency}",
                "agency_name_text": agency,
                "report_count": 1,
                "first_report_year": year,
                "last_report_year": year,
            }
        ],
        "core.report": [
            {
                "report_id": document_id,
                "agency_id": f"id-{agency}",
                "identity_method_code": "registry",
                "identity_confidence_code": "certain",
                "scope_code": "organ_own",
                "scope_evidence_text": agency,
                "agency_name_text": agency,
                "report_year": year,
                "title_text": f"{agency}{year}年政府信息公开工作年度报告",
                "title_year": year,
                "edition_code": edition,
                "edition_expected_code": edition,
                "period_start_date": dt.date(year, 1, 1),
                "period_end_date": dt.date(year, 12, 31),
                "published_date": None,
                "version_number": version[0],
                "version_change_code": "first" if version[0] == 1 else "figures",
                "is_latest": version[1],
                "grade_code": "holds",
                "reported_cell_count": sum(cell["value"] is not None for cell in cells),
                "printed_number_count": len(cells) - len(blank),
                "read_number_count": len(cells) - len(blank),
                "figures_hash": sha256[:16],
                "text_hash": sha256[16:32],
            }
        ],
        "core.cell": cells,
        "core.section": [
            {
                "report_id": document_id,
                "section_code": "S1",
                "heading_text": "一、总体情况",
                "body_text": "全年平稳。",
                "locator_text": "L3",
            }
        ],
        "core.claim": [
            {
                "report_id": document_id,
                "claim_number": 1,
                "fact_code": "n_req_received",
                "value": Decimal(9),
                "unit": "件",
                "is_approximate": False,
                "section_code": "S1",
                "sentence_text": "收到申请9件。",
                "start_offset": 4,
                "end_offset": 5,
            }
        ],
        "core.finding": [
            {
                "report_id": document_id,
                "rule_code": "R14",
                "place_text": "n_req_received",
                "severity_code": "soft",
                "verdict_code": "fail",
                "lenient_verdict_code": "fail",
                "left_value": Decimal(9),
                "right_value": Decimal(10),
                "difference": Decimal(-1),
                "cell_code_list": ["requests.new_received.total"],
                "message_text": "9 is not 10",
            },
            {
                "report_id": document_id,
                "rule_code": "R01",
                "place_text": "total",
                "severity_code": "hard",
                "verdict_code": "pass",
                "lenient_verdict_code": "pass",
                "left_value": Decimal(12),
                "right_value": Decimal(12),
                "difference": Decimal(0),
                "cell_code_list": ["requests.new_received.total", "requests.carried_in.total"],
                "message_text": "12 = 12",
            },
        ],
    }


def write_rows(paths: DataPaths, reports: Sequence[Rows]) -> None:
    """Write the rows of all reports in the layout that reading and merging write, as all there is of their years.

    Each document is a batch of its own, named by its rows: read otherwise, it is another one.
    """
    gathered: dict[Path, tuple[str, list[dict[str, object]]]] = {}
    batches: dict[str, dict[str, str]] = {}
    for rows in reports:
        year = str(rows["core.reading"][0]["partition_year"])
        batch = hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
        batches.setdefault(year, {})[str(rows["core.reading"][0]["document_id"])] = batch
        for table, some in rows.items():
            gathered.setdefault(_part_path(paths, table, year, batch), (table, []))[1].extend(some)
    for path, (table, rows_of_part) in gathered.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        make_frame(table, rows_of_part).unique().write_parquet(path)
    for year, documents in batches.items():
        write_index(paths.shards / f"year={year}", documents)


def _part_path(paths: DataPaths, table: str, year: str, batch: str) -> Path:
    stage = load_tables()[table].stage
    if stage == "batch":
        return paths.shards / f"year={year}" / batch / f"{table}.parquet"
    folder = paths.stage.joinpath(*table.split("."))
    return folder / "part.parquet" if stage == "whole" else folder / f"year={year}" / "part.parquet"


def list_parts(paths: DataPaths, table: str, year: int) -> list[Path]:
    """Where write_rows put the rows of one table and year."""
    return sorted(_part_path(paths, table, str(year), "*").parents[1].glob(f"*/{table}.parquet"))


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(tmp_path / "data")


@pytest.fixture
def write_stages() -> Callable[[DataPaths, Sequence[Rows]], None]:
    return write_rows


@pytest.fixture
def find_parts() -> Callable[[DataPaths, str, int], list[Path]]:
    return list_parts


@pytest.fixture
def make_report() -> Callable[..., Rows]:
    return report_rows


def sample_reports() -> list[Rows]:
    """Two agencies; one with two years, one with blanks and an older version that must not count."""
    blank = ["requests.denied_third_party.total", "disputes.lit_direct.total", "proactive.penalty.decisions"]
    return [
        report_rows("甲县人民政府", 2022, FULL),
        report_rows("甲县人民政府", 2023, FULL | {"requests.new_received.total": 11}),
        report_rows("乙镇人民政府", 2023, {"requests.granted.total": 500}, version=(1, False)),
        report_rows("乙镇人民政府", 2023, FULL, blank=blank, version=(2, True)),
    ]


def build_from(paths: DataPaths, reports: Sequence[Rows]) -> None:
    """Stages → build file, marts included, closed again."""
    write_rows(paths, reports)
    con = open_build(paths)
    try:
        load_core(con, paths)
        failed = [result for result in run_models(con, load_models()) if result.status != "ok"]
    finally:
        con.close()
    assert not failed


@pytest.fixture
def reports() -> list[Rows]:
    return sample_reports()


@pytest.fixture
def build_stages(paths: DataPaths) -> Callable[[Sequence[Rows]], None]:
    return lambda reports: build_from(paths, reports)


@pytest.fixture(scope="session")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> PublishedWarehouse:
    paths = DataPaths(tmp_path_factory.mktemp("once") / "data")
    build_from(paths, sample_reports())
    return publish(paths.build, paths)


@pytest.fixture
def published(paths: DataPaths, published_once: PublishedWarehouse) -> PublishedWarehouse:
    """A published warehouse of the test's own, with its stages and build file: a copy of one that was really built."""
    shutil.copytree(DataPaths(published_once.path.parents[1]).root, paths.root)
    return replace(published_once, path=paths.published)


@pytest.fixture
def con(paths: DataPaths, published: PublishedWarehouse) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, open for writing."""
    with duckdb.connect(str(paths.published)) as connection:
        yield connection


@pytest.fixture(scope="session")
def module_report() -> Callable[..., Rows]:
    """make_report for fixtures that outlive a test."""
    return report_rows


@pytest.fixture(scope="session")
def module_build() -> Callable[[Path, Sequence[Rows]], DataPaths]:
    """Builds rows into a data folder of the caller's and returns its paths."""

    def build(folder: Path, reports: Sequence[Rows]) -> DataPaths:
        paths = DataPaths(folder / "data")
        build_from(paths, reports)
        return paths

    return build
