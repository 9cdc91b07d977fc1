"""A number that a sentence gives as another organ's, or a whole region's, is no claim of the report."""

from __future__ import annotations

import pytest

from pipeline.reports.claims import read_claims
from pipeline.reports.model import Section

BUREAU, CITY, TOWN = "青山市教育局", "青山市人民政府", "示范县城关镇人民政府"


def read_facts(sentence: str, agency: str) -> dict[str, int]:
    claims = read_claims((Section("S1", "一、总体情况", sentence, "L1"),), 2023, agency)
    return {claim.fact_code: int(claim.value) for claim in claims if claim.value is not None}


@pytest.mark.parametrize(
    ("sentence", "agency"),
    [
        ("2023年，青山市公安局收到政府信息公开申请12件。", BUREAU),
        ("市公安局共受理政府信息公开申请12件。", BUREAU),
        ("公安局，收到政府信息公开申请12件。", BUREAU),
        ("公安局：收到政府信息公开申请12件。", BUREAU),
        ("其中：县教育局收到政府信息公开申请12件。", BUREAU),
        ("青山市公安局未收到政府信息公开申请。", BUREAU),
        ("城关镇收到政府信息公开申请12件。", BUREAU),
        ("市政府收到政府信息公开申请12件。", BUREAU),
        ("全市共收到政府信息公开申请12件。", BUREAU),
        ("全市各级教育部门共收到政府信息公开申请12件。", BUREAU),
        ("全市公安机关收到政府信息公开申请12件。", BUREAU),
        ("全系统共收到政府信息公开申请12件。", BUREAU),
        ("各县（市、区）共收到政府信息公开申请12件。", BUREAU),
        ("所属事业单位收到政府信息公开申请12件。", BUREAU),
        ("全市未收到政府信息公开申请。", BUREAU),
        ("全市主动公开政府信息1200条。", BUREAU),
        ("各乡镇收到政府信息公开申请12件。", CITY),
        ("全县共收到政府信息公开申请12件。", CITY),
        ("全县共收到政府信息公开申请12件。", TOWN),
        ("市教育局收到政府信息公开申请12件。", CITY),
        ("全市共收到政府信息公开申请12件。", "青山市人民政府办公室"),
        ("全市共收到政府信息公开申请12件。", ""),
        ("市教育局收到政府信息公开申请12件。", ""),
    ],
)
def test_the_number_of_another_is_no_claim(sentence: str, agency: str) -> None:
    assert read_facts(sentence, agency) == {}


@pytest.mark.parametrize(
    ("sentence", "agency"),
    [
        ("2023年，青山市教育局收到政府信息公开申请12件。", BUREAU),
        ("2023年市教育局共收到政府信息公开申请12件。", BUREAU),
        ("我局共收到政府信息公开申请12件。", BUREAU),
        ("本机关收到政府信息公开申请12件。", BUREAU),
        ("全局共收到政府信息公开申请12件。", BUREAU),
        ("全年共收到政府信息公开申请12件。", BUREAU),
        ("市监局共收到政府信息公开申请12件。", "青山市市场监督管理局"),
        ("全市共收到政府信息公开申请12件。", CITY),
        ("市政府共收到政府信息公开申请12件。", CITY),
        ("全镇共收到政府信息公开申请12件。", TOWN),
        ("全区共收到政府信息公开申请12件。", "平湖综合实验区"),
        ("今年以来，我局认真办理市公安局转办件，共收到政府信息公开申请12件。", BUREAU),
    ],
)
def test_the_organs_own_number_is_a_claim(sentence: str, agency: str) -> None:
    assert read_facts(sentence, agency) == {"n_req_received": 12}


def test_the_nearest_subject_decides() -> None:
    sentence = "市公安局受理政府信息公开申请9件，我局收到政府信息公开申请12件。"
    assert read_facts(sentence, BUREAU) == {"n_req_received": 12}
