from __future__ import annotations

import pytest

from pipeline.agencies.model import Confidence, Method
from pipeline.agencies.registry import make_registry
from pipeline.agencies.weighing import Resolver, load_resolver

MENGJIN_CHENGGUAN = "410308100"


@pytest.mark.parametrize(
    ("printed", "region"),
    [
        ("会盟镇人民政府", "410308101"),
        ("陆浑镇人民政府", "410325111"),
        ("孟津区人民政府办公室", "410308"),
        ("孟津区城关镇人民政府", MENGJIN_CHENGGUAN),
        ("孟州市化工镇人民政府", "410883100"),
    ],
)
def test_settled_names_and_rules_agree(resolve, printed, region):
    settled, derived = resolve(printed, resolver=load_resolver()), resolve(printed)
    assert (settled.region_code, settled.method, settled.confidence) == (region, Method.REGISTRY, Confidence.CERTAIN)
    assert (derived.region_code, derived.agency_id) == (region, settled.agency_id)
    assert derived.method in (Method.NAME, Method.UNIQUE_NAME)


def test_a_name_of_88_towns_keeps_its_candidates(resolve):
    match = resolve("城关镇人民政府")
    assert (match.confidence, match.method, match.region_code) == (Confidence.AMBIGUOUS, Method.NONE, None)
    assert len(match.candidates) == 88
    assert match.agency_id.startswith("p-")
    assert match.organ_kind_code == "township_government"
    assert "河南省 洛阳市 孟津区 城关镇" in [candidate.region_path_text for candidate in match.candidates]


@pytest.mark.parametrize(
    ("kind", "text", "confidence"),
    [
        ("site_code", "4103080012", Confidence.CERTAIN),
        ("site_code", "4103220012", Confidence.CERTAIN),  # the code of 孟津县, which the site has kept
        ("site_name", "洛阳市孟津区人民政府", Confidence.CERTAIN),
        ("source_name", "孟津区城关镇", Confidence.CERTAIN),
        ("publisher", "孟津区人民政府办公室", Confidence.CERTAIN),
        ("page_title", "孟津区人民政府", Confidence.CERTAIN),
        ("source_column", "410308", Confidence.LIKELY),
        ("source_column", "410308100", Confidence.LIKELY),
        ("opening", "本报告由孟津区城关镇人民政府编制", Confidence.LIKELY),
        ("origin", "河南省/洛阳市/孟津区/城关镇.html", Confidence.LIKELY),
    ],
)
def test_one_hint_settles_it_and_is_named(resolve, kind, text, confidence):
    match = resolve("城关镇人民政府", **{kind: text})
    assert (match.region_code, match.method, match.confidence) == (MENGJIN_CHENGGUAN, Method(kind), confidence)
    assert match.candidates == ()


@pytest.mark.parametrize("kind", ["site_name", "opening", "publisher"])
def test_a_hint_as_ambiguous_as_the_name_settles_nothing(resolve, kind):
    match = resolve("朝阳区教育局", **{kind: "朝阳区人民政府"})
    assert (match.confidence, len(match.candidates)) == (Confidence.AMBIGUOUS, 2)


def test_the_column_a_page_was_found_in_never_outweighs_the_page(resolve):
    match = resolve("城关镇人民政府", site_code="4103080012", source_column="410325")
    assert (match.region_code, match.confidence) == (MENGJIN_CHENGGUAN, Confidence.CERTAIN)


@pytest.mark.parametrize("code", ["990101", "410000", "nonsense", ""])
def test_a_column_of_a_province_or_of_nowhere_settles_nothing(resolve, code):
    assert resolve("城关镇人民政府", source_column=code).confidence is Confidence.AMBIGUOUS


def test_hints_of_two_counties_settle_nothing(resolve):
    match = resolve("城关镇人民政府", site_code="4103080012", publisher="嵩县人民政府办公室")
    assert match.confidence is Confidence.AMBIGUOUS


def test_a_hint_of_a_province_leaves_it_open(resolve):
    match = resolve("城关镇人民政府", site_code="4100000001")
    assert match.confidence is Confidence.AMBIGUOUS
    assert 1 < len(match.candidates) < 88
    assert {candidate.region_code[:2] for candidate in match.candidates} == {"41"}


def test_the_site_of_another_county_casts_doubt_on_the_only_town_of_a_name(resolve):
    match = resolve("大垅乡人民政府", site_code="3213220037")
    assert (match.confidence, [c.region_code for c in match.candidates]) == (Confidence.AMBIGUOUS, ["360429200"])
    assert resolve("大垅乡人民政府").confidence is Confidence.LIKELY
    assert resolve("大垅乡人民政府", site_code="3604290001").confidence is Confidence.CERTAIN


def test_a_name_with_its_county_outlives_a_strange_site(resolve):
    match = resolve("湖口县大垅乡人民政府", site_code="3213220037")
    assert (match.region_code, match.confidence) == ("360429200", Confidence.LIKELY)


def test_a_short_name_or_a_far_hint_is_never_certain(resolve):
    city_or_county = resolve("朝阳气象局", site_code="2113000001")
    assert [c.region_code for c in city_or_county.candidates] == ["211300", "211321"]
    near = resolve("朝阳气象局", site_code="1101050001")
    assert (near.region_code, near.confidence) == ("110105", Confidence.LIKELY)
    far = resolve("五龙口镇人民政府", site_code="4100000001")
    assert (far.region_code, far.confidence) == ("419001101", Confidence.LIKELY)


def test_a_newspaper_is_no_place(resolve):
    assert resolve("教育局", source_name="河南日报").confidence is Confidence.UNKNOWN
    assert resolve("城关镇人民政府", source_name="洛阳网").confidence is Confidence.AMBIGUOUS


@pytest.mark.parametrize(
    ("name", "year", "region"),
    [
        ("孟津县人民政府", 2019, "410322"),
        ("孟津县人民政府", 2022, "410308"),
        ("孟津区人民政府", 2020, "410308"),  # published under the name of the year after
        ("寿县人民政府", 2013, "341521"),
        ("寿县人民政府", 2021, "340422"),
        ("巢湖市人民政府", 2010, "341400"),
        ("巢湖市人民政府", 2015, "340181"),
        ("綦江区人民政府", 2020, "500110"),
        ("万盛区人民政府", 2009, "500110"),
    ],
)
def test_the_year_picks_the_division(resolve, name, year, region):
    assert resolve(name, year).region_code == region


def test_a_name_that_outlived_its_division_is_never_certain(resolve):
    assert resolve("孟津县教育局", 2022).confidence is Confidence.LIKELY
    assert resolve("孟津县教育局", 2019).confidence is Confidence.CERTAIN


@pytest.mark.parametrize(("name", "word"), [("县教育局", "县"), ("教育局", "")])
def test_a_place_left_out_is_the_sites(resolve, name, word):
    match = resolve(name, site_code="3213220037")
    assert (match.region_code, match.confidence) == ("321322", Confidence.LIKELY)
    assert resolve(name).confidence is Confidence.UNKNOWN


def test_a_place_left_out_must_be_of_the_level_the_name_says(resolve):
    assert resolve("区教育局", site_code="3213220037").confidence is Confidence.UNKNOWN
    assert resolve("县教育局", site_code="4103000001").confidence is Confidence.UNKNOWN


def test_a_nameless_report_is_of_its_publisher(resolve):
    match = resolve("", publisher="沭阳县发展和改革局")
    assert (match.region_code, match.method, match.confidence) == ("321322", Method.PUBLISHER, Confidence.LIKELY)
    office = resolve("", publisher="孟津区人民政府办公室")
    assert office.confidence is Confidence.AMBIGUOUS
    assert [c.agency_id for c in office.candidates] == ["cn-410308-gov-office", "cn-410308-gov"]


@pytest.mark.parametrize("name", ["无名镇人民政府", "孟津区无名镇人民政府", "某委", "（）", "人民政府", "a" * 5000])
def test_what_nobody_knows_stays_unknown(resolve, name):
    match = resolve(name)
    assert (match.confidence, match.region_code, match.candidates) == (Confidence.UNKNOWN, None, ())


def test_a_town_of_the_same_stem_is_a_candidate_and_no_answer(resolve):
    match = resolve("孟津县白鹤乡人民政府", 2010)
    assert match.confidence is Confidence.AMBIGUOUS
    assert [c.region_path_text for c in match.candidates] == ["河南省 洛阳市 孟津区 白鹤镇"]


def test_a_street_that_the_table_prints_with_its_office_is_one_of_several(resolve):
    match = resolve("新华街道办事处")
    assert match.confidence is Confidence.AMBIGUOUS
    assert len(match.candidates) > 10
    assert not [c.agency_name for c in match.candidates if c.agency_name.endswith("办事处办事处")]


def test_unsettled_documents_become_one_agency_only_by_name_or_site(resolve):
    assert resolve("无名镇人民政府").agency_id == resolve("无名镇 人民政府", document_id="d2").agency_id
    assert resolve("").agency_id != resolve("", document_id="d2").agency_id
    for shared in ("城关镇人民政府", "县教育局"):
        one, other = (resolve(shared, document_id=d) for d in ("d1", "d2"))
        assert one.agency_id != other.agency_id
    site = {"site_name": "未知网"}
    one, other = (resolve("城关镇人民政府", document_id=d, **site) for d in ("d1", "d2"))
    assert one.agency_id == other.agency_id


ROW = {
    "agency_name": "甲县城关镇人民政府",
    "alias_names": "城关镇人民政府",
    "organ_kind_code": "township_government",
    "department_code": "",
    "region_code": "410308100",
    "region_path_text": "某省 甲县 城关镇",
}


def settle(unsettled: Resolver, *ids: str, corrections=()) -> Resolver:
    registry = make_registry([ROW | {"agency_id": i, "agency_name": f"{i}城关镇"} for i in ids], corrections)
    return Resolver(unsettled.places, unsettled.organs, registry)


def test_a_person_settles_a_name(resolve, unsettled):
    match = resolve("城关镇人民政府", resolver=settle(unsettled, "a"))
    assert (match.agency_id, match.method, match.confidence) == ("a", Method.REGISTRY, Confidence.CERTAIN)


def test_a_name_settled_for_two_agencies_stays_open_between_them(resolve, unsettled):
    match = resolve("城关镇人民政府", resolver=settle(unsettled, "a", "b"))
    assert match.confidence is Confidence.AMBIGUOUS
    assert [candidate.agency_id for candidate in match.candidates] == ["a", "b"]


def test_a_correction_outranks_everything(resolve, unsettled):
    decision = {"document_id": "d7", "agency_id": "b", "reason": "the stamp on the scan"}
    resolver = settle(unsettled, "a", "b", corrections=[decision])
    match = resolve("嵩县教育局", resolver=resolver, document_id="d7")
    assert (match.agency_id, match.method) == ("b", Method.CORRECTION)
    assert resolve("嵩县教育局", resolver=resolver).region_code == "410325"
