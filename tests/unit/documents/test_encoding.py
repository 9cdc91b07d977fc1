from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.documents.encoding import decode_text, report_damage
from pipeline.documents.refusal import DocumentRefused
from pipeline.issues import IssueCode

TEXT = "某区人民政府办公室2022年政府信息公开工作年度报告\n一、总体情况\n本年新收政府信息公开申请数量 12 2 0 0 0 0 14\n"
PAGE = f"<html><head><meta charset='x'></head><body><p class='line'>{TEXT}</p></body></html>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb2312", "gbk", "gb18030", "utf-16"])
def test_reads_the_encodings_of_chinese_sites(encoding: str) -> None:
    decoded = decode_text(TEXT.encode(encoding))
    assert decoded.text == TEXT
    assert decoded.damaged_count == 0


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_known_by_its_nuls(encoding: str) -> None:
    decoded = decode_text(PAGE.encode(encoding))
    assert (decoded.text, decoded.encoding) == (PAGE, encoding)


def test_a_few_nuls_are_not_utf16() -> None:
    assert decode_text(b"<p>a\0b</p>" * 40).encoding == "utf-8"


def test_rare_characters_of_gb18030() -> None:
    assert decode_text("㑇镇、𠮷田村".encode("gb18030")).text == "㑇镇、𠮷田村"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_one_damaged_byte_costs_its_character_and_not_the_encoding(encoding: str) -> None:
    content = bytearray((TEXT * 20).encode(encoding))
    place = len(TEXT.encode(encoding)) * 10
    content[place] = 0xFF
    decoded = decode_text(bytes(content))
    assert decoded.encoding == encoding
    assert 1 <= decoded.damaged_count <= 3
    assert decoded.text.startswith(TEXT * 10)
    assert decoded.text.endswith(TEXT * 9)
    (issue,) = report_damage(decoded)
    assert issue.code is IssueCode.DAMAGED_TEXT
    assert f"{decoded.damaged_count} of" in issue.message


def test_damage_done_before_us_counts() -> None:
    assert decode_text("信息\ufffd开".encode()).damaged_count == 1


def test_undamaged_text_raises_no_issue() -> None:
    assert report_damage(decode_text(TEXT.encode())) == ()


def test_what_is_mostly_damage_is_refused() -> None:
    with pytest.raises(DocumentRefused) as refused:
        report_damage(decode_text(b"\xff" * 20 + TEXT.encode("gb18030")))
    assert refused.value.issue.code is IssueCode.TEXT_UNDECODABLE
    assert "stay archived" in str(refused.value)


def test_a_refusal_survives_the_way_between_processes() -> None:
    refusal = DocumentRefused(IssueCode.EMPTY_FILE, "nothing there")
    assert pickle.loads(pickle.dumps(refusal)).issue == refusal.issue


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_decode(content: bytes) -> None:
    decoded = decode_text(content)
    assert decoded.damaged_count == decoded.text.count("\ufffd")
