from __future__ import annotations

import pytest

from pipeline.agencies import organs
from pipeline.agencies.identity import DEPARTMENT_CHANGES_FILE
from pipeline.agencies.organs import list_department_names, list_kinds, load_organs, read_rows
from pipeline.contract.schema import load_tables


@pytest.mark.parametrize(
    ("words", "kind", "department", "canonical"),
    [
        ("人民政府", "government", "", "人民政府"),
        ("政府办", "government_office", "", "人民政府办公室"),
        ("政府办公厅", "government_office", "", "人民政府办公厅"),
        ("发改委", "department", "development_reform", "发展和改革委员会"),
        ("发改局", "department", "development_reform", "发展和改革局"),
        ("发展改革局", "department", "development_reform", "发展改革局"),
        ("卫计委", "department", "health_family_planning", "卫生和计划生育委员会"),
        ("税务局", "vertical_organ", "tax", "税务局"),
        ("住房公积金管理中心", "institution", "housing_fund", "住房公积金管理中心"),
    ],
)
def test_listed_words_name_an_organ(words, kind, department, canonical):
    organ = load_organs().by_words[words][0]
    assert (organ.kind, organ.department_code, organ.words) == (kind, department, canonical)


@pytest.mark.parametrize(
    ("words", "kind"),
    [("花木节办公室", "department"), ("经济技术开发区管委会", "zone_committee"), ("第一人民医院", "institution")],
)
def test_an_ending_shows_the_kind_of_an_unlisted_organ(words, kind):
    organ = load_organs().guess(words)
    assert organ is not None
    assert (organ.kind, organ.words, organ.is_listed) == (kind, words, False)


@pytest.mark.parametrize("words", ["甲镇财政所", "乙街道办事处", "丙县教育局", "丁村", "局"])
def test_words_with_an_unknown_place_are_not_guessed(words):
    assert load_organs().guess(words) is None


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("甲镇", "township_government", "人民政府"),
        ("甲街道", "street_office", "办事处"),
        ("甲街道办事处", "street_office", ""),
        ("甲经济开发区管委会", "zone_committee", ""),
    ],
)
def test_the_name_of_a_township_shows_what_administers_it(name, kind, words):
    organ = next(o for o in load_organs().by_words[""] if o.kind == "township_government")
    fitted = load_organs().fit(organ, name)
    assert (fitted.kind, fitted.words) == (kind, words)


def test_a_name_of_two_organs_is_refused(tmp_path, monkeypatch):
    text = organs.DEPARTMENTS_FILE.read_text(encoding="utf-8")
    twice = tmp_path / "departments.csv"
    twice.write_text(text + "other,教育局,教育,,,,,again\n", encoding="utf-8")
    monkeypatch.setattr(organs, "DEPARTMENTS_FILE", twice)
    with pytest.raises(ValueError, match="education and other"):
        organs.load_organs.__wrapped__()


def test_changes_name_departments_that_exist():
    known = list_department_names()
    for row in read_rows(DEPARTMENT_CHANGES_FILE):
        assert {row["old_code"], row["new_code"]} <= known.keys()
        assert row["reason"]


def test_the_contract_lists_every_kind():
    (column,) = [c for c in load_tables()["core.agency"].columns if c.name == "organ_kind_code"]
    assert column.values == list_kinds()
