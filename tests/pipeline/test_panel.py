"""Who published, when, and what changed: the agencies of bench/panel.yml over five years, through the real pipeline."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from bench.panel import PanelFile, list_changed_files, list_first_files
from pipeline.archive.captures import CaptureLog
from pipeline.archive.ingest import ingest_paths
from pipeline.archive.store import BlobStore
from pipeline.definitions import defs
from pipeline.orchestration.nightly import run_nightly
from pipeline.paths import REPO_ROOT, SQL_ROOT, DataPaths
from pipeline.warehouse.query import run_query
from pipeline.warehouse.sql_files import read_sql_file

FIRST_SEEN = dt.datetime(2024, 6, 3, 2, tzinfo=dt.UTC)
SEEN_CHANGED = dt.datetime(2024, 7, 15, 2, tzinfo=dt.UTC)
COUNTY, TOWN = "洛阳市孟津区人民政府", "洛阳市孟津区会盟镇人民政府"
OLD_COUNTY, OLD_DISTRICT = "洛阳市孟津县人民政府", "洛阳市吉利区人民政府"
TOOK_IN, TAKEN_IN = "三明市三元区人民政府", "三明市梅列区人民政府"
HEALTH, OLD_HEALTH = "洛阳市卫生健康委员会", "洛阳市卫生和计划生育委员会"
EDUCATION, CIVIL_AFFAIRS = "洛阳市孟津区教育局", "洛阳市孟津区民政局"
PREFECTURE = "洛阳市人民政府"
REPORTING = {COUNTY, TOWN, OLD_COUNTY, OLD_DISTRICT, TOOK_IN, TAKEN_IN, HEALTH, OLD_HEALTH, EDUCATION, CIVIL_AFFAIRS}

Rows = list[tuple[object, ...]]


def capture(paths: DataPaths, sites: Path, files: Iterable[PanelFile], seen_at: dt.datetime) -> int:
    """Put the files where the sites are, take everything in as of a day, and return the number of new captures."""
    for file in files:
        (sites / file.path).parent.mkdir(parents=True, exist_ok=True)
        (sites / file.path).write_bytes(file.content)
    return ingest_paths([sites], BlobStore(paths.blobs), CaptureLog(paths.captures), lambda: seen_at).counts["new"]


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    """A data folder after two nights: the first captures, and those of what was changed."""
    home, sites = tmp_path_factory.mktemp("dagster"), tmp_path_factory.mktemp("panel") / "sites"
    shutil.copyfile(REPO_ROOT / "dagster.yaml", home / "dagster.yaml")
    paths = DataPaths(tmp_path_factory.mktemp("data"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(home))
        for files, seen_at, new_count in (
            (list_first_files(), FIRST_SEEN, 23),
            (list_changed_files(), SEEN_CHANGED, 1),
        ):
            assert capture(paths, sites, files, seen_at) == new_count
            assert run_nightly(defs, paths, []).failed_steps == ()
    return paths


def ask(paths: DataPaths, sql: str) -> Rows:
    return list(run_query(paths.published, sql).rows)


def test_every_document_is_read_without_an_issue(paths: DataPaths) -> None:
    assert ask(paths, "SELECT reading_outcome, count(*) FROM core.reading GROUP BY ALL") == [("report", 24)]
    assert ask(paths, "SELECT * FROM core.issue") == []
    basis = "SELECT DISTINCT identity_confidence_code FROM core.report"
    assert ask(paths, basis) == [("certain",)]


def test_lineage_is_that_of_the_gazetteer_and_of_the_reforms(paths: DataPaths) -> None:
    rows = ask(
        paths,
        "SELECT agency_name, predecessor_name, lineage_kind_code, lineage_basis_code, change_year "
        "FROM core.agency_lineage INNER JOIN core.agency USING (agency_id)",
    )
    districts = ("洛阳市孟津县", "洛阳市吉利区")
    organs = {COUNTY: "人民政府", EDUCATION: "教育局", CIVIL_AFFAIRS: "民政局"}
    assert sorted(rows) == sorted(
        [
            *((name, old + organ, "merge", "division", 2021) for name, organ in organs.items() for old in districts),
            (TOOK_IN, TAKEN_IN, "merge", "division", 2021),
            (HEALTH, OLD_HEALTH, "rename", "department", 2018),
            (OLD_HEALTH, "洛阳市卫生局", "merge", "department", 2013),
            (OLD_HEALTH, "洛阳市人口和计划生育委员会", "merge", "department", 2013),
        ]
    )


def test_what_was_carried_over_is_compared_across_mergers_and_renames(paths: DataPaths) -> None:
    rows = ask(
        paths,
        "SELECT agency_name, report_year, verdict_code, left_value, right_value FROM mart.cross_finding "
        "INNER JOIN core.report USING (report_id) INNER JOIN core.agency USING (agency_id) "
        "WHERE rule_code = 'R11' AND place_text = 'total'",
    )
    assert {(name, year): (verdict, left, right) for name, year, verdict, left, right in rows} == {
        (OLD_COUNTY, 2020): ("pass", 2, 2),
        (OLD_DISTRICT, 2020): ("pass", 1, 1),
        (COUNTY, 2021): ("pass", 7, 3 + 4),
        (COUNTY, 2022): ("pass", 5, 5),
        (COUNTY, 2023): ("pass", 6, 6),
        (TOOK_IN, 2021): ("fail", 4, 1 + 2),
        (HEALTH, 2020): ("pass", 1, 1),
        (HEALTH, 2021): ("pass", 2, 2),
        (HEALTH, 2022): ("pass", 0, 0),
        (HEALTH, 2023): ("pass", 0, 0),
        (EDUCATION, 2022): ("pass", 0, 0),
        (EDUCATION, 2023): ("pass", 0, 0),
        (CIVIL_AFFAIRS, 2023): ("pass", 0, 0),
    }


def test_nothing_but_what_is_wrong_across_years_is_named(paths: DataPaths) -> None:
    rows = ask(
        paths,
        "SELECT agency_name, report_year, rule_code, place_text FROM mart.cross_finding "
        "INNER JOIN core.report USING (report_id) INNER JOIN core.agency USING (agency_id) "
        "WHERE verdict_code <> 'pass'",
    )
    assert sorted(rows) == sorted(
        [
            (TOOK_IN, 2021, "R11", "natural_person"),
            (TOOK_IN, 2021, "R11", "total"),
            (EDUCATION, 2022, "R21", "narrative"),
            (EDUCATION, 2023, "R21", "figures"),
        ]
    )


def test_each_agency_and_year_is_in_time_late_undated_or_missing(paths: DataPaths) -> None:
    rows = ask(
        paths,
        "SELECT agency_name, report_year, obligation_status_code, published_date, days_late_count FROM core.obligation",
    )
    found = {(name, year): (status, published, days) for name, year, status, published, days in rows}
    assert len(found) == len(rows)
    missing, undated = ("not_found", None, None), ("date_unknown", None, None)
    assert {key: row for key, row in found.items() if key[0] in REPORTING | {PREFECTURE}} == {
        **{(PREFECTURE, year): missing for year in range(2019, 2024)},
        (OLD_COUNTY, 2019): ("on_time", dt.date(2020, 3, 20), 0),
        (OLD_COUNTY, 2020): ("on_time", dt.date(2021, 3, 25), 0),
        (OLD_DISTRICT, 2019): ("late", dt.date(2020, 4, 10), 10),
        (OLD_DISTRICT, 2020): ("on_time", dt.date(2021, 3, 2), 0),
        (COUNTY, 2021): ("on_time", dt.date(2022, 3, 28), 0),
        (COUNTY, 2022): ("on_time", dt.date(2023, 3, 30), 0),
        (COUNTY, 2023): ("on_time", dt.date(2024, 3, 29), 0),
        (TAKEN_IN, 2020): ("on_time", dt.date(2021, 3, 10), 0),
        (TOOK_IN, 2020): ("on_time", dt.date(2021, 3, 11), 0),
        (TOOK_IN, 2021): ("after_close", dt.date(2023, 1, 5), 280),
        (TOOK_IN, 2022): missing,
        (TOOK_IN, 2023): missing,
        (OLD_HEALTH, 2019): ("on_time", dt.date(2020, 1, 20), 0),
        (HEALTH, 2020): ("on_time", dt.date(2021, 1, 31), 0),
        (HEALTH, 2021): undated,
        (HEALTH, 2022): undated,  # its page has a date, within the year reported on
        (HEALTH, 2023): ("late", dt.date(2024, 2, 1), 1),
        (TOWN, 2021): ("on_time", dt.date(2022, 1, 12), 0),
        (TOWN, 2022): missing,
        (TOWN, 2023): ("on_time", dt.date(2024, 1, 15), 0),
        (EDUCATION, 2021): ("on_time", dt.date(2022, 1, 20), 0),
        (EDUCATION, 2022): ("late", dt.date(2023, 2, 10), 10),
        (EDUCATION, 2023): ("on_time", dt.date(2024, 1, 30), 0),
        (CIVIL_AFFAIRS, 2022): ("on_time", dt.date(2023, 1, 18), 0),
        (CIVIL_AFFAIRS, 2023): ("on_time", dt.date(2024, 1, 19), 0),
    }
    never_seen = {key: row for key, row in found.items() if key[0] not in REPORTING | {PREFECTURE}}
    assert set(never_seen.values()) == {missing}
    assert {year for name, year in never_seen if name == "洛阳市孟津区城关镇人民政府"} == {2021, 2022, 2023}
    assert {name[: len("洛阳市孟津区")] for name, _ in never_seen} == {"洛阳市孟津区", "三明市三元区"}


def test_coverage_counts_the_county_before_and_after_the_merger(paths: DataPaths) -> None:
    rows = ask(
        paths,
        "SELECT report_year, region_code, region_name, expected_count, published_count, on_time_count, late_count, "
        "not_found_count, due_count, dated_count FROM mart.coverage WHERE division_level = 'all' "
        "AND region_code IN ('410306', '410308', '410322')",
    )
    # The district's government, its 10 towns and 4 streets, and the departments from their first report on
    assert sorted(rows) == [
        (2019, "410306", "吉利区", 1, 1, 0, 1, 0, 1, 1),
        (2019, "410322", "孟津县", 1, 1, 1, 0, 0, 1, 1),
        (2020, "410306", "吉利区", 1, 1, 1, 0, 0, 1, 1),
        (2020, "410322", "孟津县", 1, 1, 1, 0, 0, 1, 1),
        (2021, "410308", "孟津区", 16, 3, 3, 0, 13, 16, 3),
        (2022, "410308", "孟津区", 17, 3, 2, 1, 14, 17, 3),
        (2023, "410308", "孟津区", 17, 4, 4, 0, 13, 17, 4),
    ]


def test_the_chase_list_has_what_is_late_or_missing_and_where_to_look(paths: DataPaths) -> None:
    rows = ask(
        paths,
        "SELECT agency_name, report_year, obligation_status_code, last_seen_report_year, last_seen_origin_text "
        "FROM mart.chase_list",
    )
    health, took_in = (2023, "14-2023.html"), (2021, "09-2021.html")
    assert sorted(row for row in rows if row[0] in REPORTING) == sorted(
        [
            (OLD_DISTRICT, 2019, "late", 2020, "03-2020.html"),
            (HEALTH, 2023, "late", *health),
            (TOOK_IN, 2021, "after_close", *took_in),
            (TOOK_IN, 2022, "not_found", *took_in),
            (TOOK_IN, 2023, "not_found", *took_in),
            (TOWN, 2022, "not_found", 2023, "16-2023.html"),
            (EDUCATION, 2022, "late", 2023, "19-2023.html"),
        ]
    )
    others = (
        "SELECT DISTINCT version_change_code FROM core.report INNER JOIN core.agency USING (agency_id) "
        f"WHERE agency_name <> '{COUNTY}'"
    )
    assert ask(paths, others) == [("first",)]


def test_a_revision_is_the_cells_that_changed(paths: DataPaths) -> None:
    rows = ask(
        paths,
        "SELECT agency_name, report_year, version_number, cell_code, previous_value, value, previous_raw_text, "
        "raw_text FROM meta.revision INNER JOIN core.agency USING (agency_id)",
    )
    changed = {"proactive.licensing.decisions": ("1006", "7001"), "proactive.penalty.decisions": ("106", "702")}
    assert sorted(rows) == [
        (COUNTY, 2023, 2, cell, Decimal(before), Decimal(after), before, after)
        for cell, (before, after) in changed.items()
    ]
    in_mart = (
        f"SELECT licensing_decision_count FROM mart.agency_year WHERE agency_name = '{COUNTY}' AND report_year = 2023"
    )
    assert ask(paths, in_mart) == [(7001,)]


def test_text_that_was_copied_is_paired_with_its_source(paths: DataPaths) -> None:
    rows = ask(
        paths,
        "SELECT agency.agency_name, report_year, reuse_code, other.agency_name, other_report_year, "
        "similar_report_count, shared_sentence_count, shared_over_narrative_rate FROM mart.text_reuse AS reuse "
        "INNER JOIN core.agency AS agency ON reuse.agency_id = agency.agency_id "
        "INNER JOIN core.agency AS other ON reuse.other_agency_id = other.agency_id",
    )
    assert sorted(rows) == sorted(
        [
            (EDUCATION, 2022, "own_previous_year", EDUCATION, 2021, 1, 10, 1.0),
            (EDUCATION, 2023, "other_agency", CIVIL_AFFAIRS, 2023, 1, 10, 1.0),
            (CIVIL_AFFAIRS, 2023, "other_agency", EDUCATION, 2023, 1, 10, 1.0),
        ]
    )


def ask_example(paths: DataPaths, name: str, asked: str, instead: str) -> Rows:
    """The answer to an example question, with another year or bound in place of its own."""
    sql = read_sql_file(SQL_ROOT / "examples" / f"{name}.sql").sql
    assert asked in sql
    return ask(paths, sql.replace(asked, instead))


def test_the_questions_about_several_years_and_versions_have_their_answers(paths: DataPaths) -> None:
    revised = ask_example(paths, "which_reports_were_revised", "2022", "2023")
    assert [(*row[:3], *row[4:]) for row in revised] == [
        (COUNTY, 2023, 2, 1006, 7001, 5995),
        (COUNTY, 2023, 2, 106, 702, 596),
    ]
    repeated = ask_example(paths, "who_repeats_last_years_text", "2023", "2022")
    assert repeated == [(EDUCATION, 2022, "own_previous_year", EDUCATION, 2021, 1.0, 10)]
    doubled = ask_example(paths, "whose_requests_doubled", ">= 10", ">= 1")
    assert doubled == []
