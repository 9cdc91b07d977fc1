from __future__ import annotations

import pytest

from pipeline.agencies.evidence import load_evidence_rules, read_head
from pipeline.agencies.organs import list_kinds
from pipeline.agencies.scope import decide_scope, find_scope_words
from pipeline.contract.schema import load_tables


@pytest.mark.parametrize(
    ("kind", "scope"),
    [
        ("department", "organ_own"),
        ("township_government", "organ_own"),
        ("government_office", "office_own"),
        ("government", "level_own"),
    ],
)
def test_the_kind_of_organ_gives_the_scope_where_nothing_else_does(kind, scope):
    found = decide_scope(kind, False, "甲局", "甲局2022年政府信息公开工作年度报告", "")
    assert (found.code, found.evidence) == (scope, "甲局")


def test_a_government_named_by_its_place_alone_reports_its_region():
    assert decide_scope("government", True, "甲市", "甲市2022年政府信息公开工作年度报告", "").code == "region_aggregate"
    assert decide_scope("township_government", True, "甲镇", "", "").code == "organ_own"


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("本报告由区政府办公室汇总全区各乡镇、各部门 报送的数据编制而成。", "region_aggregate"),
        ("本报告综合各县（市、区）政府年度报告编制。", "region_aggregate"),
        ("本报告由市政府办公室综合市政府各部门的年度报告编制而成", "level_own"),
    ],
)
def test_the_text_says_what_was_compiled(text, scope):
    words = find_scope_words(text)
    assert words
    found = decide_scope("government_office", False, "甲区人民政府办公室", "", words)
    assert (found.code, found.evidence) == (scope, words)
    assert decide_scope("township_government", False, "甲镇", "", words).code == "organ_own"


@pytest.mark.parametrize(
    "text",
    ["各部门、各乡镇按照要求公开信息。", "指导各部门编制公开目录。", "根据条例规定编制本报告。各乡镇另行公布。"],
)
def test_ordinary_sentences_say_nothing_of_the_scope(text):
    assert find_scope_words(text) == ""


def test_a_title_outranks_the_kind():
    title = "湛江海关关区2023年政府信息公开工作年度报告"
    assert decide_scope("vertical_organ", False, "湛江海关关区", title, "").code == "system_aggregate"


def test_an_unknown_organ_has_no_scope():
    assert decide_scope(None, False, "甲", "甲2022年政府信息公开工作年度报告", "") is None


def test_rules_name_kinds_and_scopes_of_the_contract():
    rules = load_evidence_rules()
    columns = {column.name: column.values for column in load_tables()["core.report"].columns}
    entries = [*rules["scope_phrases"], *rules["scope_titles"]]
    codes = {*rules["scope_of_kind"].values(), rules["scope_of_place_alone"], *(e["code"] for e in entries)}
    assert codes == set(columns["scope_code"])
    assert {kind for entry in entries for kind in entry["kinds"]} <= set(list_kinds())
    assert set(rules["scope_of_kind"]) == set(list_kinds())
    assert set(rules["order"]) < set(columns["identity_method_code"])


def test_the_page_head_is_read_without_regard_to_case():
    head = {
        "siteidcode": " 3213220037 ",
        "ContentSource": "甲县发改局",
        "title": "甲县2022年年度报告-甲县人民政府",
        "x": "y",
    }
    assert read_head(head) == {
        "site_code": "3213220037",
        "source_name": "甲县发改局",
        "page_title": "甲县人民政府",
    }
    assert read_head({"title": "没有网站名", "SiteName": ""}) == {}
