"""Which numbers sentences claim, where they stand, and above all which they don't."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract.claims import load_claim_facts
from pipeline.reports.claims import read_claims
from pipeline.reports.claims_numbers import parse_numeral
from pipeline.reports.model import Claim, Section

YEAR = 2023
AGENCY = "示范县柳溪镇人民政府"
HEADINGS = {
    "S1": "一、总体情况",
    "S3": "三、收到和处理政府信息公开申请情况",
    "S4": "四、政府信息公开行政复议、行政诉讼情况",
    "S5": "五、存在的主要问题及改进情况",
    "S6": "六、其他需要报告的事项",
}


def claims_of(body: str, section: str = "S1", year: int | None = YEAR) -> tuple[Claim, ...]:
    return read_claims((Section(section, HEADINGS[section], body, "L1"),), year, AGENCY)


def facts_of(body: str, section: str = "S1", year: int | None = YEAR) -> dict[str, int | float | None]:
    claims = claims_of(body, section, year)
    assert len({claim.fact_code for claim in claims}) == len(claims)
    return {c.fact_code: None if c.value is None else float(c.value) for c in claims}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("本局全年主动公开政府信息共计318条。", {"n_active_total": 318}),
        ("2023年，区政府门户网站共发布信息2150条。", {"n_active_website": 2150}),
        ("利用“河东发布”公众号推送信息75条。", {"n_active_wechat": 75}),
        ("官方微博发布政务信息40条。", {"n_active_weibo": 40}),
        ("制作图表、短片等多种形式的政策解读12篇，召开新闻发布会3场。", {"n_interpretations": 12, "n_press_conf": 3}),
        ("编印《河东区人民政府公报》6期。", {"n_gazette_issues": 6}),
        (
            "全年收到政府信息公开申请21件，上年结转3件，共办结22件，结转下年度继续办理2件。",
            {"n_req_received": 21, "n_carried_in": 3, "n_req_answered": 22, "n_carried_out": 2},
        ),
        (
            "受理政府信息公开申请24件（含上年度结转4件），其余3件转入下一年度。",
            {"n_req_received": 24, "n_carried_in": 4, "n_carried_out": 3},
        ),
        ("本机关收到依申请公开政府信息9件，结转至2024年1件。", {"n_req_received": 9, "n_carried_out": 1}),
        ("接到公民、法人和其他组织政府信息公开申请7件。", {"n_req_received": 7}),
        (
            "收到政府信息公开申请8件，其中网上申请5件、信函申请2件、当面申请1件。",
            {
                "n_req_received": 8,
                "n_req_channel_online": 5,
                "n_req_channel_letter": 2,
                "n_req_channel_in_person": 1,
            },
        ),
        (
            "政府信息公开申请中予以公开10件、部分公开2件、不予公开3件、无法提供4件、不予处理1件、其他处理0件。",
            {
                "n_disclosed": 10,
                "n_partial": 2,
                "n_denied": 3,
                "n_unavailable": 4,
                "n_unprocessed": 1,
                "n_other_outcome": 0,
            },
        ),
        (
            "在政府信息公开申请的处理中，予以公开及部分公开6件，占37.5%；不予公开4件，占比25.00%。",
            {"n_disclosed_or_partial": 6, "p_disclosed_or_partial": 37.5, "n_denied": 4, "p_denied": 25},
        ),
        ("通过网络平台收到政府信息公开申请5件。", {"n_req_channel_online": 5}),
        ("办理政府信息公开申请期间，申请人主动撤回2件。", {"n_withdrawn": 2}),
        ("因政府信息公开引发的行政复议5起，行政诉讼2起。", {"n_review": 5, "n_litigation": 2}),
        ("本年度有1件涉及政府信息公开的行政复议。", {"n_review": 1}),
        ("因信息公开被申请行政复议5件，其中被纠正2件。", {"n_review": 5, "n_review_corrected": 2}),
        ("全年组织政务公开业务培训两次。", {"n_trainings": 2}),
        ("为做好政府信息公开，举办3期业务培训班。", {"n_trainings": 3}),
    ],
)
def test_facts_are_read_in_their_usual_forms(sentence, expected):
    assert facts_of(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("本年度发出收费通知2件，总金额460元，实际收取460元。", (2, 460, 460)),
        ("未发出收费通知，没有收取信息处理费。", (0, None, 0)),
        ("2023年收取政府信息公开信息处理费为零。", (None, None, 0)),
        ("本单位无收取信息处理费情况。", (None, None, 0)),
        ("全年实际收取信息处理费0.12万元。", (None, None, 1200)),
    ],
)
def test_fees_are_not_read_in_the_overview(sentence, expected):
    facts = facts_of(sentence, "S6")
    assert tuple(facts.get(f"n_fee_{name}") for name in ("notices", "noticed_yuan", "received_yuan")) == expected
    assert not {fact for fact in facts_of(sentence, "S1") if fact.startswith("n_fee")}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("我局没有收到政府信息公开申请。", {"n_req_received": 0}),
        ("全镇未收到公民、法人或其他组织提出的依申请公开事项。", {"n_req_received": 0}),
        ("本年度无依申请公开情况。", {"n_req_received": 0}),
        ("未发生因政府信息公开引起的行政复议、行政诉讼。", {"n_review": 0, "n_litigation": 0}),
        ("没有因政府信息公开提起的行政诉讼案件。", {"n_litigation": 0}),
    ],
)
def test_none_in_words_is_a_zero(sentence, expected):
    assert facts_of(sentence) == expected
    (claim, *_) = claims_of(sentence)
    assert sentence[claim.start : claim.end].startswith(("没有", "未", "无"))


@pytest.mark.parametrize(
    "sentence",
    [
        # the number of another clause, of another fact, of a part
        "收到政府信息公开申请，办理提案12件。",
        "收到政府信息公开申请后，3个工作日内登记。",
        "收到政府信息公开申请人来信5件。",
        "其中收到上级转来政府信息公开申请5件。",
        "收到政府信息公开申请共计20余页。",
        "答复人大代表建议和政协提案30件。",
        "因政府信息公开工作需要，全年办结信访事项14件。",
        "不予公开和不予处理的政府信息公开申请共5件。",
        "予以公开、部分公开政府信息公开申请共5件。",
        "认定公文属性为不予公开5件，依申请公开8件。",
        "全年办理行政复议案件120件，行政诉讼31件。",
        "因信息公开引起的行政复议、行政诉讼共5件。",
        "因信息公开引起的行政诉讼、行政复议共5件。",
        "因信息公开引起的行政复议结果维持3件。",
        "发布行政公文和政策解读9条。",
        "政策解读率100%，网站访问量5万次。",
        "在门户网站和信息公开栏发布信息88条。",
        "通过微信公众号、政府网站等发布信息88条。",
        "参加上级组织的政府信息公开培训3次。",
        "组织召开政府信息公开会议和培训5次。",
        "组织政府信息公开培训100人次。",
        # another time
        "2022年，我局收到政府信息公开申请5件。",
        "上半年收到政府信息公开申请5件。",
        "政府信息公开申请比上年增加5件。",
        "政府信息公开申请结转至2023年5件。",
        "今后拟组织政府信息公开培训5次。",
        "自2008年以来收到政府信息公开申请500件。",
        # dates, articles, document numbers, ordinals, vague numbers
        "收到政府信息公开申请第3件时建立台账。",
        "按照国办函〔2020〕109号规定收到政府信息公开申请。",
        "依照条例第三十六条答复政府信息公开申请。",
        "收到政府信息公开申请数十件。",
        "收到政府信息公开申请上百件。",
        "收到政府信息公开申请一百二件。",
        # zeros of something else
        "未收到要求更正政府信息的申请。",
        "除区教育局外未收到政府信息公开申请。",
        "没有收到企业提出的政府信息公开申请。",
        "未发生因政府信息公开行政复议被纠正的情况。",
        "未发生行政诉讼败诉情况，政府信息公开有序开展。",
        "无行政复议、行政诉讼。",
        "去年收到政府信息公开申请12件。",
        "去年，收到政府信息公开申请12件。",
        "前年收到政府信息公开申请12件。",
        "上一年度主动公开政府信息500条。",
        "近三年主动公开政府信息1500条。",
        "《条例》实施至今，收到政府信息公开申请120件。",
        "2021-2023年收到政府信息公开申请12件。",
        "自2015年起至2023年底共收到政府信息公开申请12件。",
        "1至6月收到政府信息公开申请6件。",
        "截至6月底收到政府信息公开申请6件。",
        "2023年上半年，收到政府信息公开申请12件。",
        "确保主动公开政府信息500条以上。",
        "预计收到政府信息公开申请20件。",
        "日均收到政府信息公开申请2件。",
        "我局下属单位收到政府信息公开申请3件。",
    ],
)
def test_no_claim_is_made_of(sentence):
    assert facts_of(sentence) == {}


def test_a_plan_in_the_section_of_problems_is_no_fact():
    assert facts_of("2023年组织政府信息公开培训5次。", "S5") == {}


def test_the_heading_is_the_context_of_its_section():
    assert facts_of("全年行政复议3件。", "S4") == {"n_review": 3}
    assert facts_of("全年行政复议3件。", "S1") == {}
    assert facts_of("共办结22件。", "S3") == {"n_req_answered": 22}


def test_a_year_cannot_be_checked_without_a_report_year():
    sentence = "2022年，我局收到政府信息公开申请5件。"
    assert facts_of(sentence, year=2022) == facts_of(sentence, year=None) == {"n_req_received": 5}
    carried = "政府信息公开申请结转至2024年5件。"
    assert facts_of(carried, year=2023) == {"n_carried_out": 5}


@pytest.mark.parametrize(
    ("number", "value", "approximate"),
    [
        ("1000余", 1000, True),
        ("近300", 300, True),
        ("四十多", 40, True),
        ("4.5万余", 45000, True),
        ("1,234", 1234, False),
        ("２３", 23, False),
        ("二百零五", 205, False),
        ("3.5", None, False),
        ("007", None, False),
        ("12 34", None, False),
        ("12\n34", None, False),
        ("1 ,234", None, False),
        ("1，234", None, False),
    ],
)
def test_numbers_are_exact_or_approximate_or_refused(number, value, approximate):
    (claim,) = claims_of(f"全年主动公开政府信息{number}条。")
    assert (claim.value, claim.is_approximate) == (value, approximate)


def test_places_and_sentence_lead_back_to_the_body():
    body = "（一）依申请公开\n全年本机关收到政府信息公开\n申请 １2 件，共办结 12\n件。下一句。"
    received, answered = claims_of(body)
    assert (body[received.start : received.end], received.value) == ("１2", 12)
    assert (body[answered.start : answered.end], answered.unit) == ("12", "件")
    for claim in (received, answered):
        assert body[claim.sentence_start :].startswith(claim.sentence)
        assert claim.sentence_start <= claim.start < claim.end <= claim.sentence_start + len(claim.sentence)
    assert received.sentence.endswith("共办结 12\n件。")


def test_a_short_line_ends_its_sentence_and_a_full_one_is_wrapped():
    heading = "收到政府信息公开申请\n30件提案均已答复，工作人员认真听取代表的意见和建议。"
    assert facts_of(heading) == {}
    wrapped = (
        "工作人员认真听取代表的意见，全年收到政府信息公开申请\n30件，其中大部分来自本区居民，均在期限内作出了答复。"
    )
    assert facts_of(wrapped) == {"n_req_received": 30}


def test_a_run_of_text_without_full_stops_is_no_sentence():
    sentence = "全年收到政府信息公开申请30件"
    assert facts_of(sentence + "，按时答复" * 10) == {"n_req_received": 30}
    assert facts_of(sentence + "，按时答复" * 500) == {}


def test_claims_stand_in_printed_order_section_by_section():
    sections = (
        Section("S1", HEADINGS["S1"], "共办结政府信息公开申请4件，收到政府信息公开申请5件。", "L1"),
        Section("S4", HEADINGS["S4"], "行政复议1件。", "L2"),
    )
    found = [(c.section_code, c.fact_code) for c in read_claims(sections, YEAR)]
    assert found == [("S1", "n_req_answered"), ("S1", "n_req_received"), ("S4", "n_review")]


@given(st.text(alphabet="收到政府信息公开申请行复议诉讼未无1２二十万，。（） \n件条%占予以", max_size=200))
def test_whatever_the_text_claims_lead_to_numbers_or_words_of_none(body):
    for claim in claims_of(body):
        printed = "".join(body[claim.start : claim.end].split())
        assert printed
        assert printed[0] in "未无" or parse_numeral(printed.replace("２", "2")) == claim.value


def test_every_share_has_a_number_and_every_fact_its_words():
    facts = load_claim_facts()
    for fact in facts.values():
        assert fact.units
        assert fact.zh
        assert fact.en
        if fact.share_of:
            assert facts[fact.share_of].patterns
            assert not fact.patterns
        else:
            assert fact.words
            assert fact.patterns


@given(st.integers(0, 99_999_999))
def test_digits_with_and_without_separators_say_the_same(number):
    assert parse_numeral(str(number)) == parse_numeral(f"{number:,}") == number


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("零", 0),
        ("十", 10),
        ("十五", 15),
        ("一十五", 15),
        ("二十三", 23),
        ("一百零五", 105),
        ("两千", 2000),
        ("两千零三", 2003),
        ("三万零五", 30005),
        ("一万二千", 12000),
        ("4.5万", 45000),
        ("2亿", 200_000_000),
    ],
)
def test_chinese_numerals_and_multipliers(printed, number):
    assert parse_numeral(printed) == Decimal(number)


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "百",
        "万",
        "一百二",
        "二三十",
        "三万五",
        "二〇二三",
        "一百五",
        "十十",
        "12,34",
        "1，234",
        "01",
        "1.",
        "1万亿",
    ],
)
def test_what_has_no_single_reading_is_no_number(printed):
    assert parse_numeral(printed) is None


HEADINGS_2014 = {
    "S2": "二、主动公开政府信息情况",
    "S3": "三、依申请公开政府信息办理情况",
    "S4": "四、因政府信息公开申请行政复议、提起行政诉讼的情况",
}


@pytest.mark.parametrize(
    ("section", "sentence", "expected"),
    [
        ("S2", "2016年，我局主动公开政府信息356条。", {"n_active_total": 356}),
        ("S2", "全年累计主动公开各类政府信息356条，其中规范性文件3件。", {"n_active_total": 356}),
        (
            "S2",
            "政府网站公开政府信息300条，政务微博公开政府信息40条，政务微信公开政府信息16条。",
            {"n_active_website": 300, "n_active_weibo": 40, "n_active_wechat": 16},
        ),
        (
            "S3",
            "全年受理政府信息公开申请15件，其中当面申请3件，网络申请10件，信函申请2件。",
            {"n_req_received": 15, "n_req_channel_in_person": 3, "n_req_channel_online": 10, "n_req_channel_letter": 2},
        ),
        (
            "S3",
            "已答复申请中，同意公开8件，同意部分公开1件，不同意公开2件。",
            {"n_disclosed": 8, "n_partial": 1, "n_denied": 2},
        ),
        ("S3", "2016年未收取任何费用。", {"n_fee_received_yuan": 0}),
        ("S3", "未收取检索、复制、邮寄等费用。", {"n_fee_received_yuan": 0}),
        ("S3", "对申请公开政府信息的没有收费。", {"n_fee_received_yuan": 0}),
        ("S4", "依申请公开信息收取的费用为0.03万元。", {"n_fee_received_yuan": 300}),
        ("S4", "因政府信息公开申请行政复议3件，提起行政诉讼1件。", {"n_review": 3, "n_litigation": 1}),
        ("S4", "行政复议0件，行政诉讼0件。", {"n_review": 0, "n_litigation": 0}),
        ("S4", "未收到有关政府信息公开行政复议、提起行政诉讼的申请。", {"n_review": 0, "n_litigation": 0}),
        # Not the total, or not of this year
        ("S2", "截至2016年12月31日，我局共主动公开政府信息1520条。", {}),
        ("S2", "累计主动公开政府信息9520条。", {}),
        ("S2", "各乡镇主动公开政府信息477条，占23.1%。", {}),
        ("S2", "县直部门主动公开政府信息477条。", {}),
        ("S3", "没有违规收费现象。", {}),
        ("S3", "减免收取费用300元。", {}),
    ],
)
def test_reports_of_2014_to_2018_state_their_numbers_in_other_sections(section, sentence, expected):
    claims = read_claims((Section(section, HEADINGS_2014[section], sentence, "L1"),), 2016)
    assert {claim.fact_code: claim.value for claim in claims} == expected
