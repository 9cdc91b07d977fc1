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


def ask(paths, name: str) -> list[dict[str, object]]:
    result = run_query(paths.published, read_sql_file(SQL_ROOT / "examples" / f"{name}.sql").sql)
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def test_requests_by_year_say_how_many_reports_they_rest_on(paths, published) -> None:
    assert ask(paths, "how_many_requests_by_year") == [
        {"report_year": 2022, "received_count": 10, "reporting_count": 1, "report_count": 1},
        {"report_year": 2023, "received_count": 21, "reporting_count": 2, "report_count": 2},
    ]


def test_reasons_are_added_up_over_reports_that_give_them(paths, published) -> None:
    third_party = [row for row in ask(paths, "why_are_requests_denied") if row["label_en"].startswith("Third-party")]
    assert [(row["request_count"], row["report_count"]) for row in third_party] == [(2, 2)]


def test_zero_and_blank_are_different_answers(paths, published) -> None:
    rows = ask(paths, "what_is_missing_and_what_is_zero")
    blank = sum(row["cell_count"] for row in rows if row["content"] == "blank")
    assert blank == 3
    assert {"zero", "other number"} <= {row["content"] for row in rows}


def test_a_sentence_that_contradicts_its_table_is_shown_with_both_numbers(paths, published) -> None:
    rows = ask(paths, "where_do_sentences_contradict_the_table")
    assert [(row["fact_code"], row["stated_value"], row["table_value"]) for row in rows] == [
        ("n_req_received", 9, 10)
    ] * 3
    assert {row["sentence_text"] for row in rows} == {"收到申请9件。"}


def test_people_and_organisations_are_compared_on_the_same_base(paths, published) -> None:
    rows = {row["applicant_group_code"]: row for row in ask(paths, "do_people_or_organisations_get_more")}
    assert rows["natural_person"]["disclosed_count"] == 12
    assert rows["natural_person"]["disposed_count"] == 18
    assert rows["organisation"]["disclosed_rate"] == 0


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
