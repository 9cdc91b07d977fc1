from __future__ import annotations

from pipeline.agencies.identity import list_predecessors
from pipeline.agencies.registry import make_registry
from pipeline.agencies.weighing import Resolver

OLD = ["41,河南省,province,,,,", "4103,洛阳市,prefecture,41,,,", "410308,孟津区,county,4103,,,"]
TOWN = "410308101,会盟镇,township,410308,,,"
# A later edition: the county has another code, and so has its town
NEW = [
    *OLD[:2],
    "410308,孟津区,county,4103,,2026,410399",
    "410399,孟津区,county,4103,2027,,",
    "410308101,会盟镇,township,410308,,2026,410399101",
    "410399101,会盟镇,township,410399,2027,,",
]


def test_an_edition_of_the_gazetteer_changes_no_identifier(resolve, make_resolver):
    before, after = make_resolver([*OLD, TOWN]), make_resolver(NEW)
    for name in ("孟津区会盟镇人民政府", "会盟镇人民政府", "孟津区教育局", "孟津区人民政府办公室"):
        one, other = resolve(name, 2022, before), resolve(name, 2028, after)
        assert one.is_settled
        assert one.agency_id == other.agency_id, name
        assert one.region_code != other.region_code
        then = resolve(name, 2022, after)
        assert (then.agency_id, then.region_code, then.agency_name) == (one.agency_id, one.region_code, one.agency_name)


def test_a_settled_name_needs_no_gazetteer(resolve, make_resolver):
    row = {
        "agency_id": "cn-410308101-gov",
        "agency_name": "会盟镇人民政府",
        "alias_names": "",
        "organ_kind_code": "township_government",
        "department_code": "",
        "region_code": "410308101",
        "region_path_text": "河南省 洛阳市 孟津区 会盟镇",
    }
    for lines in ([*OLD, TOWN], NEW, OLD[:1]):
        bare = make_resolver(lines)
        settled = Resolver(bare.places, bare.organs, make_registry([row]))
        match = resolve("会盟镇人民政府", 2022, settled)
        assert (match.agency_id, match.region_code) == ("cn-410308101-gov", "410308101")


def test_typing_sites_and_abbreviations_change_no_identifier(resolve):
    same = [
        resolve("沭阳县发展和改革局"),
        resolve("宿迁市沭阳县 发改局"),
        resolve("江苏省沭阳县发展改革委员会", 2019, site_code="3213220037"),
        resolve("县发展和改革局", site_name="沭阳县人民政府"),
    ]
    assert {match.agency_id for match in same} == {"cn-321322-development-reform"}


def test_organs_of_one_place_are_told_apart(resolve):
    names = ["人民政府", "人民政府办公室", "教育局", "税务局", "卫生局", "花木节办公室", "菊花节办公室", "第一中学"]
    ids = [resolve(f"沭阳县{name}").agency_id for name in names]
    assert len(set(ids)) == len(names)
    assert all(agency_id.startswith("cn-321322-") for agency_id in ids)


def test_a_code_given_to_another_county_means_another_agency(resolve):
    first, second = resolve("万盛区人民政府", 2009), resolve("綦江区人民政府", 2020)
    assert first.region_code == second.region_code == "500110"
    assert first.agency_id != second.agency_id


def test_a_town_keeps_its_identifier_when_its_county_is_renamed_or_it_becomes_a_street(resolve, make_resolver):
    assert resolve("孟津县会盟镇人民政府", 2018).agency_id == resolve("孟津区会盟镇人民政府").agency_id
    street = make_resolver([*OLD, "410308101,会盟街道,township,410308,,,"])
    assert resolve("孟津区会盟街道办事处", 2022, street).agency_id == "cn-410308101-gov"


def lineage(match, resolver) -> set[tuple[str, str, int]]:
    assert match.identity is not None
    found = list_predecessors(match.identity, resolver.places)
    return {(p.identity.division.name, p.kind, p.year) for p in found if p.basis == "division"}


def test_a_merged_county_has_two_predecessors(resolve, unsettled):
    match = resolve("孟津区人民政府")
    assert lineage(match, unsettled) == {("孟津县", "merge", 2021), ("吉利区", "merge", 2021)}
    assert resolve("孟津县人民政府", 2019).agency_id != match.agency_id


def test_a_renamed_county_has_one(resolve, unsettled):
    assert lineage(resolve("播州区财政局", 2020), unsettled) == {("遵义县", "rename", 2016)}


def test_a_divided_county_is_a_split(resolve, unsettled):
    assert lineage(resolve("邯郸市邯山区人民政府", 2020), unsettled) == {("邯郸县", "split", 2016)}


def test_a_new_code_alone_is_no_change(resolve, unsettled):
    assert lineage(resolve("寿县人民政府", 2020), unsettled) == set()


def test_departments_follow_the_reforms(resolve, unsettled):
    match = resolve("沭阳县市场监督管理局")
    found = [p for p in list_predecessors(match.identity, unsettled.places) if p.basis == "department"]
    assert {(p.identity.organ.department_code, p.kind, p.year) for p in found} == {
        ("industry_commerce", "merge", 2018),
        ("quality_supervision", "merge", 2018),
        ("food_drug", "merge", 2018),
    }
    (before,) = list_predecessors(resolve("沭阳县卫健委").identity, unsettled.places)
    assert (before.identity.organ.words, before.kind) == ("卫生和计划生育委员会", "rename")


def test_a_county_made_after_a_reform_had_no_department_before_it(resolve, unsettled):
    found = list_predecessors(resolve("孟津区卫生健康委员会").identity, unsettled.places)
    assert {p.basis for p in found} == {"division"}


def test_organs_of_the_state_council_have_no_division(resolve, unsettled):
    match = resolve("教育部")
    assert (match.agency_id, match.region_code, match.division_level) == ("cn-000000-education", None, "national")
    assert list(list_predecessors(match.identity, unsettled.places)) == []


def test_a_district_that_takes_another_in_is_a_merger(resolve, unsettled):
    match = resolve("三明市三元区人民政府", 2021)
    assert lineage(match, unsettled) == {("梅列区", "merge", 2021)}


def test_a_department_that_takes_in_a_later_one_is_a_merger(resolve, unsettled):
    found = list_predecessors(resolve("沭阳县农业农村局").identity, unsettled.places)
    kinds = {p.identity.organ.department_code: p.kind for p in found if p.basis == "department"}
    assert kinds == {"agriculture": "rename", "rural_revitalisation": "merge"}
