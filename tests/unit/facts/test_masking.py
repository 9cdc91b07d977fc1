"""All names are invented; a sentence gives what must be covered between ⟦ and ⟧."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.facts.masking import MASK, mask_personal


def split_marked(marked: str) -> tuple[str, str]:
    """The text without its marks, and the same with every marked character covered (white space stays)."""
    plain = marked.replace("⟦", "").replace("⟧", "")
    covered = re.sub("⟦(.*?)⟧", lambda m: re.sub(r"\S", MASK, m[1]), marked, flags=re.DOTALL)
    return plain, covered


@pytest.mark.parametrize(
    "marked",
    [
        # lists, with a word before the first name, a company among them, line breaks within and between names
        "全年办理申请9件，其⟦周小川⟧、⟦吴桂兰⟧、⟦郑立⟧等提出了信息公开申请。",
        "收到⟦欧阳文秀⟧、⟦钱大有⟧和⟦孙梅⟧提交的申请3件。",
        "由⟦冯春⟧、\n⟦陈建\n国⟧、丁香果品有限公司等申请。",
        "申请来自⟦褚卫东⟧、⟦蒋玉⟧、丰收农资有限公司、⟦韩梅芳⟧等。",
        "村民代表⟦杨树林⟧、⟦朱红⟧申请公开征地批复。",
        "本年有⟦秦明⟧，⟦尤小丽⟧，⟦许大山⟧的申请正在办理。",
        "⟦何文⟧及⟦吕方明⟧不服答复申请行政复议。",
        # a name right after a word for a party
        "申请人⟦施晓燕⟧要求公开补偿标准。",
        "申请人：⟦张玉兰⟧\n联系电话另附。",
        "原告⟦孔凡林⟧诉本机关不履行法定职责一案已审结。",
        "第三人⟦曹阳⟧与本案有关。",
        "申请人⟦阿依古丽·买买提⟧通过网站提交申请。",
        # before a form of address
        "答复了⟦严华⟧先生的来信。",
        "对⟦魏巧云⟧女士逐项作了说明。",
        # contact data
        "联系电话：⟦13912345678⟧，电子邮箱⟦xxgk_2022@example.gov.cn⟧。",
        "咨询电话⟦0379-61234567⟧，传真⟦（0379）61234568⟧。",
        "电话：⟦6123456⟧。",
        "身份证号⟦410322198502301234⟧与⟦11010119900307123X⟧。",
        # where no Chinese is printed
        "mailto:⟦xxgk_2022@example.gov.cn⟧?tel=⟦13912345678⟧",
    ],
)
def test_covers(marked):
    plain, covered = split_marked(marked)
    assert mask_personal(plain) == covered


@pytest.mark.parametrize(
    "text",
    [
        "一年来，我镇严格执行条例，主动公开政务信息三百余条。",
        "重点公开财政预算、行政许可、行政处罚、安全生产、农业农村等领域信息。",
        "受理申请内容涉及土地征收、房屋拆迁、金融、司法、水利、安全、教育等方面。",
        "对收到的申请做到登记、审核、答复、归档全程留痕，方便、高效地服务群众。",
        "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请。",
        "申请人应当如实填写申请表，申请人对答复不满意的可以申请行政复议。",
        "原告撤诉一件，法院维持一件，尚未审结的有两件。",
        "公民、法人和其他组织向我局提出申请的，均按时答复。",
        "群众关心、居民关注的事项通过公示栏公开。",
        "镇长任组长，各科室负责同志为成员，分管同志具体抓。",
        "收到孟津区水利局、孟州市农业农村局、丰收镇转来的申请各一件。",
        "向黄河建设有限公司、长江置业有限公司两家申请人作出答复。",
        "统计期限自2022年1月1日起至2022年12月31日止。",
        "本年收费金额为13575394432.52元，公开信息13800件。",
        "网址为www.example.gov.cn，文号为国办公开办函〔2021〕30号。",
        "政务服务便民热线12345全年接听来电。",
        "",
    ],
)
def test_leaves_ordinary_narrative_alone(text):
    assert mask_personal(text) == text


def test_every_name_of_a_long_list_is_covered_and_the_company_kept():
    names = ["赵小满", "钱多", "孙有才", "李春", "周大海", "吴亚军", "郑小冬", "王安石", "冯雪", "陈家明"]
    text = "2022年，办公室处理信息公开件14件，其" + "、".join(names) + "、清源机械有限公司等申请了信息公开。"
    masked = mask_personal(text)
    assert not any(name in masked for name in names)
    assert "、清源机械有限公司等申请了信息公开。" in masked
    assert len(masked) == len(text)


@given(st.text(alphabet=st.sampled_from("申请人原告张李王欧阳、，和。的 \n1390@·公司局先生a：") | st.characters()))
def test_length_and_every_uncovered_character_stay(text):
    masked = mask_personal(text)
    assert len(masked) == len(text)
    assert all(after in (before, MASK) for before, after in zip(text, masked, strict=True))
    assert [c for c in masked if c.isspace() or c == "、"] == [c for c in text if c.isspace() or c == "、"]


@pytest.mark.parametrize("unit", ["、张三", "申请人", "13900000000 ", "0379-", "电话", "张·", "先生"])
def test_long_texts_do_not_blow_up(unit):
    text = unit * 30_000
    assert len(mask_personal(text)) == len(text)
