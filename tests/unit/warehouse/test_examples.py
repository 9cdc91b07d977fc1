"""The example questions: each is bilingual, runs in the sandbox as it stands, and gives what it asks for."""

from __future__ import annotations

import pytest

from pipeline.paths import SQL_ROOT
from pipeline.warehouse.publish import publish
from pipeline.warehouse.query import run_query
from pipeline.warehouse.sql_files import read_sql_file, read_sql_folder

EXAMPLES = read_sql_folder(SQL_ROOT / "examples")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_runs_and_says_what_it_asks(paths, published, example) -> None:
    assert example.header("zh").endswith(("？", "）"))
    assert example.header("en").endswith("?")
    assert run_query(paths.published, example.sql).columns


def test_there_are_questions_enough_and_none_scans_every_cell() -> None:
    assert len(EXAMPLES) >= 20
    assert not [example.name for example in EXAMPLES if "core.cell" in example.sql]


def ask(paths, name: str, **instead: str) -> list[dict[str, object]]:
    """The answer to one question; `instead` says what to ask about in place of what the file asks about."""
    sql = read_sql_file(SQL_ROOT / "examples" / f"{name}.sql").sql
    for asked, other in instead.items():
        assert asked.removeprefix("_") in sql
        sql = sql.replace(asked.removeprefix("_"), other)
    result = run_query(paths.published, sql)
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def test_requests_by_year_say_how_many_reports_they_rest_on(paths, published) -> None:
    assert ask(paths, "how_many_requests_by_year") == [
        {"report_year": 2022, "received_count": 10, "reporting_count": 1, "report_count": 1},
        {"report_year": 2023, "received_count": 21, "reporting_count": 2, "report_count": 2},
    ]


def test_reasons_are_added_up_over_reports_that_give_them(paths, published) -> None:
    rows = {row["outcome_code"]: row for row in ask(paths, "why_are_requests_denied", _2024="2023")}
    assert len(rows) == 8
    # Two reports, one of them with a blank there
    third_party, secret = rows["denied_third_party"], rows["denied_state_secret"]
    assert (third_party["request_count"], third_party["report_count"]) == (1, 1)
    assert (secret["request_count"], secret["report_count"]) == (2, 2)


def test_zero_and_blank_are_different_answers(paths, published) -> None:
    rows = {row["report_year"]: row for row in ask(paths, "what_is_missing_and_what_is_zero")}
    assert (rows[2022]["blank_cell_count"], rows[2023]["blank_cell_count"]) == (0, 3)
    assert rows[2022]["zero_cell_count"] == 200 - rows[2022]["other_number_cell_count"] > 100


def test_a_sentence_that_contradicts_its_table_is_shown_with_both_numbers(paths, published) -> None:
    rows = ask(paths, "where_do_sentences_contradict_the_table", 孟津区="人民政府")
    assert [(row["fact_code"], row["stated_value"], row["table_value"]) for row in rows] == [
        ("n_req_received", 9, 10)
    ] * 3
    assert {row["sentence_text"] for row in rows} == {"收到申请9件。"}


def test_people_and_organisations_are_compared_on_the_same_base(paths, published) -> None:
    asked = ask(paths, "do_people_or_organisations_get_more", _2024="2023")
    rows = {row["applicant_group_code"]: row for row in asked}
    assert rows["natural_person"]["disclosed_count"] == 8
    assert rows["natural_person"]["disposed_count"] == 12
    assert rows["organisation"]["disclosed_over_disposed_rate"] == 0


def test_applicants_of_a_year_add_up_to_all_of_it(paths, published) -> None:
    rows = ask(paths, "who_asks", _2024="2022")
    assert sum(row["request_received_count"] for row in rows) == 10
    assert sum(row["received_over_all_kinds_rate"] for row in rows) == pytest.approx(1)


def test_the_place_of_a_number_is_that_of_one_agency_and_year(paths, published) -> None:
    rows = ask(paths, "where_does_a_number_come_from", 洛阳市孟津区人民政府办公室="甲县人民政府")
    assert [row["value"] for row in rows][-1] == 8
    assert {(row["agency_name"], row["report_year"]) for row in rows} == {("甲县人民政府", 2022)}


def test_corrections_name_the_cases_they_are_a_share_of(paths, published) -> None:
    rows = {row["channel_code"]: row for row in ask(paths, "how_often_are_agencies_corrected", _2024="2022")}
    assert (rows["review"]["closed_case_count"], rows["review"]["corrected_case_count"]) == (4, 1)
    assert rows["review"]["corrected_over_closed_rate"] == 0.25


def test_a_renamed_agency_is_shown_with_its_predecessors(paths, reports, build_stages) -> None:
    lineage = {
        "agency_id": "id-乙镇人民政府",
        "predecessor_agency_id": "id-甲县人民政府",
        "predecessor_name": "甲县人民政府",
        "lineage_kind_code": "rename",
        "lineage_basis_code": "division",
        "change_year": 2023,
    }
    # The same story told by two years is one row
    for rows in reports[1:]:
        rows["core.agency_lineage"] = [lineage]
    build_stages(reports)
    publish(paths.build, paths)
    rows = ask(paths, "how_did_a_renamed_agency_develop")
    assert [(r["latest_agency_name"], r["report_year"], r["reporting_agencies"]) for r in rows] == [
        ("乙镇人民政府", 2022, "甲县人民政府"),
        ("乙镇人民政府", 2023, "乙镇人民政府、甲县人民政府"),
    ]
    assert [r["received_count"] for r in rows] == [10, 21]
