from __future__ import annotations

import pytest

from pipeline.agencies.regions import load_places


def read_chains(text: str) -> dict[tuple[str, ...], set[str]]:
    return {chain.names: {d.code for d in chain.divisions} for chain in load_places().chains(text)}


def test_places_are_read_from_the_highest_down():
    found = read_chains("河南省洛阳市孟津区会盟镇人民政府")
    assert found["河南省", "洛阳市", "孟津区", "会盟镇"] == {"410308101"}
    assert found["河南省", "洛阳市"] == {"410300"}


def test_a_place_is_found_below_what_was_above_it_then():
    assert read_chains("孟津县会盟镇")["孟津县", "会盟镇"] == {"410308101"}
    assert read_chains("六安市寿县")["六安市", "寿县"] == {"341521"}


def test_a_place_below_another_is_not_found():
    assert ("焦作市", "孟津区") not in read_chains("焦作市孟津区")


@pytest.mark.parametrize(("short", "code"), [("恩施州", "422800"), ("长阳县", "420528"), ("内蒙古", "150000")])
def test_short_names_are_understood(short, code):
    assert code in read_chains(short)[(short,)]


def test_a_stem_never_means_a_town():
    divisions, is_full = load_places().find("会盟")
    assert (divisions, is_full) == ((), False)


def test_a_text_names_the_deepest_places():
    text = "本报告由淮安市洪泽区人民政府办公室编制。地址:淮安市洪泽区洪泽湖大道"
    (found,) = load_places().find_in_text(text)
    assert [division.code for division in found] == ["320813"]


def test_brackets_are_found_in_either_width():
    (holder,) = load_places().by_code("120116400")
    assert "（" in holder.name
    assert load_places().find(holder.name.replace("（", "(").replace("）", ")"))[0] == (holder,)


def test_what_came_before_and_after():
    places = load_places()
    (mengjin,) = places.by_code("410308")
    assert {p.name for p in places.predecessors(mengjin)} == {"孟津县", "吉利区"}
    (old,) = places.by_code("410322")
    assert places.successors(old) == (mengjin,)
    assert {"410308", "410306", "410322"} == places.related("410308")
    assert places.path_text(old) == "河南省 洛阳市 孟津县"
