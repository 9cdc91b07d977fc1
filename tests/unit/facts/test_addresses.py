"""Addresses: what a web address says stays, whose disk a file lay on does not, and nobody's number goes out."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from pipeline.facts.addresses import mask_link, mask_origin

WEB = "https://www.a.gov.cn/art/2023/1/18/art_15938_1234567.html?id=3#p"


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        (WEB, WEB),
        ("http://www.a.gov.cn/13812345678/nb.html", "http://www.a.gov.cn/＊＊＊＊＊＊＊＊＊＊＊/nb.html"),
        ("zhangsan/Desktop/nb.html", "nb.html"),
        ("张三的文件\\nb.html", "nb.html"),
        ("nb.html", "nb.html"),
        ("inbox/nb.zip!/a/b/nb.html", "nb.zip!/nb.html"),
        ("inbox/联系人王建国13812345678.html", "联系人＊＊＊＊＊＊＊＊＊＊＊＊＊＊.html"),
    ],
)
def test_origin_is_an_address_or_a_file_name(origin: str, shown: str) -> None:
    assert mask_origin(origin) == shown


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        (WEB, WEB),
        ("../../files/%E5%B9%B4%E6%8A%A5.pdf", "../../files/%E5%B9%B4%E6%8A%A5.pdf"),
        ("./P020230118512345678901.pdf", "./P020230118512345678901.pdf"),
        ("file:///C:/Users/zhangsan/Desktop/nb.doc", "nb.doc"),
        ("D:\\王建国\\nb.doc", "nb.doc"),
        ("\\\\server\\wang\\nb.doc", "nb.doc"),
        (f"/d/{quote('联系人王建国')}.pdf", "/d/联系人＊＊＊.pdf"),
        ("files/13812345678.pdf", "files/＊＊＊＊＊＊＊＊＊＊＊.pdf"),
    ],
)
def test_link_stays_as_the_page_writes_it_but_for_persons(target: str, shown: str) -> None:
    assert mask_link(target) == shown
