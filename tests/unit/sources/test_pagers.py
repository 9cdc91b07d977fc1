from __future__ import annotations

import pytest

from pipeline.sources.pagers import MAX_PAGES, find_pager

COLUMN = "http://www.qingxi.gov.cn/nb/"


@pytest.mark.parametrize(
    ("call", "expected", "entries"),
    [
        # unquoted first argument: counted from 0, page 2 is _1
        ('createPageHTML(3, 0, "index", "shtml");', ["index_1.shtml", "index_2.shtml"], None),
        ("createPageHTML( 3,0,'list','html','black2', 57 )", ["list_1.html", "list_2.html"], 57),
        # quoted first argument: counted from 1, page 2 is _2
        ("createPageHTML('page_div',3, 1,'list','shtml',45);", ["list_2.shtml", "list_3.shtml"], 45),
        ("createPageHTML('paging', 3, 1, 'index', 'html', 45)", ["index_2.html", "index_3.html"], 45),
        ("var countPage = 3;\nvar currentPage = 0;\n", ["index_1.html", "index_2.html"], None),
        ('var countPage = 3//all\nvar currentPage = 0;n="list_"+i+".htm"', ["list_1.htm", "list_2.htm"], None),
        ('var countPage = 2;var currentPage = 0;x="list_"+i+".htm"', ["list_1.htm"], None),
        ('var n = 3;\nvar c = 0;\ncreatePageHTML(n, c, "index", "htm");', ["index_1.htm", "index_2.htm"], None),
        ('$(".p").pagination("setPage", 1, 3)', ["index_2.html", "index_3.html"], None),
        ("new Pager({size:3, current:0, prefix:'index',suffix:'html'})", ["index_1.html", "index_2.html"], None),
        ("Pager({size:2,prefix:'list',suffix:'htm'})", ["list_1.htm"], None),
        ('// createPageHTML(9, 0, "old", "htm");\ncreatePageHTML(2, 0, "index", "htm");', ["index_1.htm"], None),
        ('createPageHTML(1, 0, "index", "htm");', [], None),
        ("function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){}", [], None),
        ("var countPage = 0;", [], None),
    ],
)
def test_each_dialect_names_its_own_later_pages(call: str, expected: list[str], entries: int | None) -> None:
    pager = find_pager(call, COLUMN)
    addresses = pager.later_addresses(COLUMN) if pager else ()
    assert [address.removeprefix(COLUMN) for address in addresses] == expected
    assert (pager.entries if pager else None) == entries


def test_the_last_page_of_either_base_has_none_after_it() -> None:
    from_zero = find_pager('createPageHTML(3, 2, "index", "html")', f"{COLUMN}index_2.html")
    from_one = find_pager("createPageHTML('p', 3, 3, 'index', 'html')", f"{COLUMN}index_3.html")
    assert from_zero is not None
    assert from_one is not None
    assert (from_zero.later_addresses(COLUMN), from_one.later_addresses(COLUMN)) == ((), ())


def test_the_address_outweighs_a_stale_script() -> None:
    pager = find_pager('createPageHTML(4, 0, "index", "html")', f"{COLUMN}index_2.html")
    assert pager is not None
    assert pager.later_addresses(COLUMN) == (f"{COLUMN}index_3.html",)


def test_ls_pager_counts_by_a_parameter() -> None:
    url = "http://www.qingxi.gov.cn/content/column/6791573"
    pager = find_pager("Ls.pagination({el:'#p', pageIndex: 1, pageCount: 3, total: 50, url:'?'})", url)
    assert pager is not None
    assert pager.later_addresses(url) == (f"{url}?pageIndex=2", f"{url}?pageIndex=3")
    assert pager.entries == 50


def test_a_lying_total_is_capped() -> None:
    pager = find_pager('createPageHTML(9999, 0, "index", "html")', COLUMN)
    assert pager is not None
    assert len(pager.later_addresses(COLUMN)) == MAX_PAGES - 1
    assert find_pager('createPageHTML(99999999999, 0, "index", "html")', COLUMN) is None
