"""The generated pages and rows say all that the contract says, and the committed pages are current."""

from __future__ import annotations

import pytest

from pipeline.contract.dictionary import (
    DICTIONARY_PAGE,
    ERRORS_PAGE,
    dictionary_rows,
    form_cell_rows,
    render_dictionary,
    render_errors,
    rule_rows,
)
from pipeline.contract.editions import edition_by_code, load_editions
from pipeline.contract.frames import make_frame
from pipeline.contract.identities import rules_of
from pipeline.contract.issue_catalogue import load_issue_catalogue
from pipeline.contract.marts import load_marts
from pipeline.contract.schema import load_tables
from pipeline.issues import IssueCode


@pytest.mark.parametrize(
    ("page", "text"), [(DICTIONARY_PAGE, render_dictionary()), (ERRORS_PAGE, render_errors())], ids=["tables", "errors"]
)
def test_the_committed_page_is_current(page, text: str) -> None:
    assert page.read_text(encoding="utf-8") == text, "run: python -m pipeline.contract.dictionary"


def test_the_dictionary_page_names_every_table_column_cell_and_rule() -> None:
    text = render_dictionary()
    for schema in (*load_tables().values(), *load_marts().values()):
        section = text.split(f"### `{schema.name}`\n")[1].split("\n#")[0]
        for column in schema.columns:
            assert f"| `{column.name}` |" in section
    for cell in edition_by_code("ED_2021").cells():
        assert f"| `{cell.code}` | {cell.label_zh} |" in text
    for rule in rules_of("ED_2021"):
        assert f"| {rule.code} | {rule.severity} | {rule.zh} | {rule.en} |" in text


def test_every_issue_code_is_explained_once_and_nothing_else_is() -> None:
    assert list(load_issue_catalogue()) == list(IssueCode)
    for entry in load_issue_catalogue().values():
        assert entry.severity in {"error", "warning", "info"}
        assert min(len(entry.zh), len(entry.en), len(entry.next_step)) > 3
        assert f"## `{entry.code}`\n" in render_errors()


def test_rows_for_the_warehouse_keep_the_contract() -> None:
    dictionary = make_frame("meta.dictionary", dictionary_rows())
    assert dictionary.select("table_name", "column_name").is_duplicated().sum() == 0
    assert set(dictionary["table_name"]) == {*load_tables(), *load_marts()}
    cells = make_frame("meta.form_cell", form_cell_rows())
    for edition in load_editions():
        of_edition = cells.filter(edition_code=edition.code)
        assert {cell.code for cell in edition.cells()} <= set(of_edition["cell_code"])
        assert of_edition["sort_order"].to_list() == list(range(1, of_edition.height + 1))
    assert cells.filter(edition_code="ED_2021", cell_code="requests.other_total.total").height == 1


def test_every_rule_is_a_row_with_the_editions_and_places_it_applies_to() -> None:
    rows = rule_rows()
    assert make_frame("meta.rule", rows)["rule_code"].is_unique().all()
    known = {row["rule_code"]: row for row in rows}
    for edition in load_editions():
        for rule in rules_of(edition.code):
            assert edition.code in known[rule.code]["edition_code_list"]
            assert {place.name for place in rule.places} <= set(known[rule.code]["place_list"])
    assert known["R27"]["edition_code_list"] == ["ED_2014"]
    assert (known["R08"]["severity_code"], known["R08"]["rule_kind_code"]) == ("soft", "at_most")
    assert known["R19"]["place_list"] == []


def test_every_rate_says_its_denominator() -> None:
    for mart in load_marts().values():
        names = {column.name for column in mart.columns}
        for column in mart.columns:
            if column.name.endswith("_rate"):
                assert " / " in column.formula, column.name
                assert column.en.endswith(f" = {column.formula}")
                words = {word.strip("()") for word in column.formula.split()} - {"+", "-", "/"}
                assert words <= names, column.name
