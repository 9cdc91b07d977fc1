from __future__ import annotations

import base64
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from pipeline.sources.families import detect_family
from pipeline.sources.lists import read_list
from pipeline.sources.model import ListReading, Role
from pipeline.sources.static_generic import accepts_candidate, list_candidates
from tests.unit.sources.pages_for_tests import SITE, load_page, make_page, next_paths, paths_of

UNIT = (
    "/api-gateway/jpaas-publish-server/front/page/build/unit"
    "?webId=3a1&paramJson=%7B%22pageNo%22%3A1%2C%22pageSize%22%3A10%7D"
)
FIXTURE_FAMILIES = [
    ("trs_list.html", "/zwgk/zfxxgknb/", "trs_static"),
    ("jcms_list.html", "/col/col1234/index.html", "jcms"),
    ("jpaas_list.html", "/xxgk/nb/", "jpaas"),
    ("jpaas_unit.json", UNIT, "jpaas"),
    ("ucap_list.html", "/qingxi/c112945/list.shtml", "ucap"),
    ("ucap_search.json", "/searchList/7a?_isJson=true&page=1", "ucap"),
    ("gkmlpt_index.html", "/gkmlpt/index", "gkmlpt"),
    ("gkmlpt_api.json", "/gkmlpt/api/all/203?page=1&sid=755001", "gkmlpt"),
    ("vsb_list.html", "/gknb.htm", "vsb"),
    ("generic_list.html", "/nb/", "static_generic"),
]


def codes_of(reading: ListReading) -> list[str]:
    return [code for code, _ in reading.warnings]


@pytest.mark.parametrize(("name", "path", "family"), FIXTURE_FAMILIES)
def test_a_family_is_told_by_its_marks(name: str, path: str, family: str) -> None:
    detection = detect_family(load_page(name, path))
    assert detection.family == family
    assert bool(detection.evidence) == (family != "static_generic")
    page = load_page(name, path)
    assert read_list(page, "auto") == read_list(page, family)


def test_a_static_list_gives_reports_files_and_lists_below_it() -> None:
    reading = read_list(load_page("trs_list.html"), "trs_static")
    folder = "/zwgk/zfxxgknb/"
    assert paths_of(reading, Role.REPORT) == [
        f"{folder}202401/t20240119_2136694.shtml",
        f"{folder}202401/t20240118_2136600.shtml",
    ]
    assert paths_of(reading, Role.ATTACHMENT) == [f"{folder}202401/P020240119000001.pdf"]
    assert paths_of(reading, Role.LIST) == [f"{folder}bm/", f"{folder}xz/index.shtml"]
    assert [link.date_text for link in reading.links] == ["2024-01-19", "2024-01-18", "2024-01-17", "", ""]
    assert reading.links[0].title == "清溪县人民政府2023年政府信息公开工作年度报告"
    assert next_paths(reading) == [f"{folder}index_{number}.shtml" for number in (1, 2, 3)]
    assert (reading.declared_count, reading.declared_pages, reading.skipped_count) == (71, 4, 1)


def test_lists_end_at_the_third_level() -> None:
    page = replace(load_page("trs_list.html", referer="/zwgk/"), depth=3)
    assert paths_of(read_list(page, "trs_static"), Role.LIST) == []


def test_records_in_a_script_are_found_and_the_named_next_group_followed() -> None:
    reading = read_list(load_page("jcms_list.html", "/col/col1234/index.html"), "jcms")
    assert paths_of(reading) == ["/art/2024/1/19/art_1234_56789.html", "/art/2024/1/18/art_1234_56788.html"]
    (request,) = reading.next_requests
    assert (urlsplit(request.url).path, parse_qs(urlsplit(request.url).query)["page"]) == (
        "/module/web/jpage/dataproxy.jsp",
        ["1"],
    )
    assert (reading.declared_count, reading.declared_pages, reading.skipped_count) == (7, 3, 1)


RECORD = "<record><![CDATA[<li><a href='/art/2024/1/{0}/art_1234_{0}.html'>清溪县民政局</a></li>]]></record>"


def make_records(first: int, last: int, head: str = "") -> str:
    records = "".join(RECORD.format(number) for number in range(first, last + 1))
    return f"<datastore>{head}<recordset>{records}</recordset></datastore>"


def test_without_a_next_group_records_are_asked_for_by_number_until_the_total() -> None:
    script = (
        "$('#9').jpage({totalRecord:7,perPage:3,proxyUrl:'/module/web/jpage/dataproxy.jsp',"
        "data:{columnid:'1234',unitid:9,webid:7}})"
    )
    page = make_page(f"<script>{make_records(1, 3)}</script><script>{script}</script>", "/col/col1234/index.html")
    seen = []
    for first, last in ((4, 6), (7, 7)):
        (request,) = read_list(page, "jcms").next_requests
        form = dict(request.form)
        assert (request.method, form["columnid"], form["startrecord"]) == ("POST", "1234", str(first))
        answer = make_records(first, last, "<totalrecord>7</totalrecord>")
        page = replace(make_page(answer, "/module/web/jpage/dataproxy.jsp"), request=request)
        seen += paths_of(read_list(page, "jcms"))
    assert seen == [f"/art/2024/1/{number}/art_1234_{number}.html" for number in (4, 5, 6, 7)]
    assert read_list(page, "jcms").next_requests == ()


def test_a_next_group_that_names_itself_is_not_followed_for_ever() -> None:
    path = "/module/web/jpage/dataproxy.jsp?page=2&columnid=1234"
    head = f"<totalrecord>9</totalrecord><nextgroup><![CDATA[<a href='{path}'></a>]]></nextgroup>"
    reading = read_list(make_page(make_records(1, 3, head), path, referer="/col/col1234/index.html"), "jcms")
    assert SITE + path not in [request.url for request in reading.next_requests]


def test_an_encrypted_column_number_gives_the_first_page_and_a_warning() -> None:
    script = "jpage({totalRecord:70,perPage:3,proxyUrl:'/module/web/jpage/dataproxy.jsp',columnid:'x9_Qf%2B'})"
    reading = read_list(
        make_page(f"<script>{make_records(1, 3)}</script><script>{script}</script>", "/col/col1234/"), "jcms"
    )
    assert (len(reading.links), reading.next_requests, codes_of(reading)) == (3, (), ["pager_encrypted"])


def test_records_wrapped_in_a_callback_are_read() -> None:
    body = f"jQuery123_4({json.dumps(make_records(1, 2, '<totalrecord>5</totalrecord>'))});"
    path = (
        "/TrueCMS/messageController/getMessage.do?startrecord=1&endrecord=2&perpage=2&columnId=88&callback=jQuery123_4"
    )
    reading = read_list(make_page(body, path, referer="/col/col88/index.html"), "jcms")
    assert len(reading.links) == 2
    assert parse_qs(urlsplit(reading.next_requests[0].url).query)["startrecord"] == ["3"]


def test_a_catalogue_of_the_whole_site_is_asked_page_by_page_and_filtered_by_title() -> None:
    shell = (
        "<title>政府信息公开年报</title><a href='/a/'>一</a><a href='/b/'>二</a><a href='/c/'>三</a>"
        "<script>load('/module/xxgk/search.jsp?infotypeId=B04&jdid=7&area=0010&divid=div9')</script>"
    )
    (request,) = read_list(make_page(shell, "/col/col55/index.html"), "jcms").next_requests
    assert (request.method, dict(request.form)["currpage"], dict(request.form)["infotypeId"]) == ("POST", "1", "B04")
    answer = (
        "<table><tr><td><a href='/art/2024/1/9/art_5_1.html'>清溪县2023年政府信息公开年度报告</a></td></tr>"
        "<tr><td><a href='/art/2024/1/9/art_6_2.html'>关于修路的公告</a></td></tr></table>共3页"
    )
    page = replace(make_page(answer, "/module/xxgk/search.jsp"), request=request)
    reading = read_list(page, "jcms")
    assert paths_of(reading) == ["/art/2024/1/9/art_5_1.html"]
    assert [dict(later.form)["currpage"] for later in reading.next_requests] == ["2", "3"]


def test_a_unit_is_asked_for_with_its_page_in_param_json() -> None:
    (request,) = read_list(load_page("jpaas_list.html", "/xxgk/nb/"), "jpaas").next_requests
    query = parse_qs(urlsplit(request.url).query)
    assert json.loads(query["paramJson"][0]) == {"pageNo": 1, "pageSize": 10}
    assert (query["parseType"], query["tplSetId"], request.referer) == (["bulidstatic"], ["tpl9"], f"{SITE}/xxgk/nb/")
    reading = read_list(load_page("jpaas_unit.json", UNIT, referer="/xxgk/nb/"), "jpaas")
    assert paths_of(reading) == [f"/art/2024/art_3abf60cff917420d9c6c57b2d448f08{n}.html" for n in (6, 7)]
    pages = [
        json.loads(parse_qs(urlsplit(later.url).query)["paramJson"][0])["pageNo"] for later in reading.next_requests
    ]
    assert (pages, reading.declared_count) == ([2, 3], 23)
    assert {later.referer for later in reading.next_requests} == {f"{SITE}/xxgk/nb/"}


def test_ucap_counts_its_static_pages_from_one_and_its_json_by_total() -> None:
    static = read_list(load_page("ucap_list.html", "/qingxi/c112945/list.shtml"), "ucap")
    assert next_paths(static) == ["/qingxi/c112945/list_2.shtml", "/qingxi/c112945/list_3.shtml"]
    assert len(static.links) == 2
    searched = read_list(load_page("ucap_search.json", "/searchList/7a?_isJson=true&page=1"), "ucap")
    assert [link.title for link in searched.links] == ["清溪县2023年政府信息公开工作年度报告", "清溪县财政局"]
    assert [link.date_text for link in searched.links] == ["2024-01-09", "2024-01-08"]
    assert next_paths(searched) == ["/searchList/7a?_isJson=true&page=2", "/searchList/7a?_isJson=true&page=3"]
    assert (searched.declared_count, searched.skipped_count) == (38, 1)


def test_an_empty_ucap_page_leads_to_its_json_list() -> None:
    body = "<title>年报</title><script>var channelId = '0123456789abcdef0123456789abcdef';</script>"
    (request,) = read_list(make_page(body, "/c112945/list.shtml"), "ucap").next_requests
    assert urlsplit(request.url).path == "/searchList/0123456789abcdef0123456789abcdef"
    assert parse_qs(urlsplit(request.url).query)["page"] == ["1"]


def test_the_platform_tree_leads_to_the_column_and_what_lies_below_it() -> None:
    reading = read_list(load_page("gkmlpt_index.html", "/qxjd/gkmlpt/index"), "gkmlpt")
    assert next_paths(reading) == [f"/gkmlpt/api/all/{node}?page=1&sid=755001" for node in (202, 203)]


def test_the_platform_gives_100_entries_a_page_with_their_files() -> None:
    path = "/gkmlpt/api/all/203?page={}&sid=755001"
    reading = read_list(load_page("gkmlpt_api.json", path.format(1), referer="/gkmlpt/index"), "gkmlpt")
    assert paths_of(reading, Role.REPORT) == [f"/gkmlpt/content/10/1/post_{n}.html" for n in (1001, 1002)]
    assert paths_of(reading, Role.ATTACHMENT) == ["/attachment/0/1/a.docx"]
    assert next_paths(reading) == [path.format(2), path.format(3)]
    assert (reading.declared_count, reading.skipped_count) == (205, 1)
    # page 0 is page 1 under another address: what follows it is page 2, too
    assert next_paths(read_list(load_page("gkmlpt_api.json", path.format(0)), "gkmlpt"))[0] == path.format(2)


def test_a_list_that_fits_on_one_page_is_not_asked_for_a_second() -> None:
    body = json.dumps({"total": 100, "articles": [{"title": "某局", "url": f"/post_{n}.html"} for n in range(100)]})
    reading = read_list(make_page(body, "/gkmlpt/api/all/1?page=1&sid=7"), "gkmlpt")
    assert (len(reading.links), reading.next_requests) == (100, ())


def test_backward_numbers_are_followed_by_link_never_counted() -> None:
    reading = read_list(load_page("vsb_list.html", "/gknb.htm"), "vsb")
    assert paths_of(reading) == ["/info/1005/2759.htm", "/info/1005/2758.htm"]
    assert next_paths(reading) == ["/gknb/12.htm"]
    assert (reading.declared_count, reading.declared_pages) == (254, 13)
    later = (
        '<ul><li id="line_u8_0"><a href="../info/1005/9.htm">某局</a></li></ul><a class="Next" href="11.htm">下页</a>'
    )
    assert next_paths(read_list(make_page(later, "/gknb/12.htm"), "vsb")) == ["/gknb/11.htm"]


def test_an_unknown_pager_gives_candidates_that_only_new_entries_confirm() -> None:
    first = read_list(load_page("generic_list.html", "/nb/"), "static_generic")
    assert next_paths(first) == ["/nb/index_1.html", "/nb/index_2.html", "/nb/2.html", "/nb/?page=2"]
    assert codes_of(first) == ["pager_candidates"]
    known = {link.url for link in first.links}
    same = read_list(load_page("generic_list.html", "/nb/", referer="/nb/"), "static_generic")
    other_column = '<ul><li><a href="/xw/7654321.html">修路公告</a> 2024-01-02</li></ul>'
    page_two = '<ul><li><a href="/nb/7654321.html">清溪县文化局</a> 2023-01-02</li></ul>第2/3页 下一页'
    assert not accepts_candidate(known, same)
    assert not accepts_candidate(known, read_list(make_page(other_column, "/nb/index_1.html"), "static_generic"))
    second = read_list(make_page(page_two, "/nb/index_2.html"), "static_generic")
    assert accepts_candidate(known, second)
    assert next_paths(second) == ["/nb/index_3.html"]


@pytest.mark.parametrize(
    ("path", "following"),
    [("/nb/index_2.html", "/nb/index_3.html"), ("/nb/3.shtml", "/nb/4.shtml"), ("/nb/?a=1&page=2", "/nb/?a=1&page=3")],
)
def test_a_template_that_worked_is_continued_alone(path: str, following: str) -> None:
    assert list_candidates(SITE + path) == (SITE + following,)


def test_a_link_to_the_next_page_is_followed_within_the_list_only() -> None:
    entry = '<ul><li><a href="/nb/1234567.html">清溪县2023年政府信息公开年度报告</a></li></ul>'
    inside = read_list(
        make_page(f"{entry}<a href='/nb/more.html?p=2'>下一页 &gt;</a>", "/nb/more.html"), "static_generic"
    )
    outside = read_list(make_page(f"{entry}<a href='/xw/list_2.html'>下一页</a>", "/nb/index.html"), "static_generic")
    elsewhere = read_list(make_page(f"{entry}<a href='http://a.gov.cn/nb/2.html'>下页</a>", "/nb/"), "static_generic")
    assert next_paths(inside) == ["/nb/more.html?p=2"]
    assert SITE + "/xw/list_2.html" not in [request.url for request in outside.next_requests]
    assert {urlsplit(request.url).hostname for request in elsewhere.next_requests} <= {"www.qingxi.gov.cn"}


@pytest.mark.parametrize(
    "body",
    [
        "<script>location.replace('./x/')</script>",
        "<script>window.location.href = './x/';</script>",
        "<meta http-equiv='Refresh' content='0; url=./x/'>",
        "<iframe src='x/'></iframe>",
    ],
)
def test_a_shell_page_leads_to_what_it_shows(body: str) -> None:
    reading = read_list(make_page(body), "auto")
    assert next_paths(reading) == ["/zwgk/zfxxgknb/x/"]
    assert codes_of(reading) == ["shell_page"]


def test_a_shell_page_never_leads_off_the_host_or_to_itself() -> None:
    for target in ("http://evil.example/", "./", "javascript:alert(1)", "http://[::1"):
        assert read_list(make_page(f"<script>location.replace('{target}')</script>"), "auto").next_requests == ()


def test_a_pager_hidden_in_base64_is_read() -> None:
    hidden = base64.b64encode(b'createPageHTML(2, 0, "index", "html");').decode()
    entries = "".join(f'<a href="./202401/t20240101_{n}.html">某局</a>' for n in (1, 2, 3))
    reading = read_list(make_page(f"{entries}<script>eval(atob('{hidden}'))</script>"), "trs_static")
    assert next_paths(reading) == ["/zwgk/zfxxgknb/index_1.html"]


def test_a_list_found_elsewhere_is_trusted_only_by_its_title() -> None:
    entries = (
        '<ul><li><a href="/other/202401/t20240101_1.html">某局</a> 2024-01-01</li><li><a href="index_9.htm">x</a></ul>'
    )
    pager = '<script>createPageHTML(3, 0, "index", "htm");</script>'
    strange = make_page(f"<title>部门动态</title>{entries}{pager}", "/other/", referer="/zwgk/zfxxgknb/", depth=1)
    named = make_page(
        f"<title>信息公开年报_清溪</title>{entries}{pager}", "/other/", referer="/zwgk/zfxxgknb/", depth=1
    )
    below = make_page(f"<title>x</title>{entries}{pager}", "/other/", referer="/", depth=1)
    assert (read_list(strange, "trs_static").links, codes_of(read_list(strange, "trs_static"))[0]) == ((), "off_column")
    assert read_list(strange, "trs_static").next_requests == ()
    assert paths_of(read_list(named, "trs_static")) == ["/other/202401/t20240101_1.html"]
    assert len(read_list(named, "trs_static").next_requests) == 2
    assert read_list(below, "trs_static").links == ()


def test_years_and_organs_side_by_side_outside_the_folder_are_lists() -> None:
    years = '<ul><a href="/col/col11/index.html">2023年</a><a href="/col/col12/index.html">2022年度</a></ul>'
    organs = '<ul class="menu"><li><a href="/col/col21/">教育局</a></li><li><a href="/col/col22/">民政局</a></li></ul>'
    reading = read_list(make_page(years + organs, "/col/col10/index.html"), "jcms")
    assert paths_of(reading, Role.LIST) == ["/col/col11/index.html", "/col/col12/index.html"]


def test_gbk_pages_give_titles_as_printed_and_ascii_addresses() -> None:
    body = "<ul><li><a href='年报.doc?名=报'>清溪县2023年政府信息公开年度报告</a></li></ul>".encode("gb18030")
    (link,) = read_list(make_page(body), "auto").links
    assert link.title == "清溪县2023年政府信息公开年度报告"
    assert link.url.endswith("/%E5%B9%B4%E6%8A%A5.doc?%C3%FB=%B1%A8")


def test_an_unknown_family_is_read_and_named() -> None:
    reading = read_list(load_page("trs_list.html"), "wordpress")
    assert (len(reading.links), codes_of(reading)) == (5, ["family_unknown"])


def test_an_empty_list_says_so() -> None:
    assert codes_of(read_list(make_page("<p>维护中</p>"), "auto")) == ["list_empty"]


def test_a_column_of_the_platform_that_only_refers_elsewhere_gives_that_list() -> None:
    tree = "[{id:1,name:'政府信息公开年报',post_count:0,jump_url:'/zwgk/nb/',children:[]}]"
    body = f"<script>window._CONFIG = {{SID:'7', TREE:{tree}}}</script>"
    reading = read_list(make_page(body, "/gkmlpt/index"), "gkmlpt")
    assert (paths_of(reading, Role.LIST), reading.next_requests) == (["/zwgk/nb/"], ())


def test_later_pages_of_a_list_below_are_vouched_for_like_its_first() -> None:
    entries = '<a href="./202401/t20240101_1.html">某局</a>'
    pager = '<script>createPageHTML(3, 0, "index", "htm");</script>'
    first = make_page(entries + pager, "/zwgk/zfxxgknb/bm/", referer="/zwgk/zfxxgknb/", depth=1)
    (request, _) = read_list(first, "trs_static").next_requests
    second = replace(make_page(entries, "/zwgk/zfxxgknb/bm/index_1.htm", depth=1), request=request)
    assert paths_of(read_list(second, "trs_static")) == ["/zwgk/zfxxgknb/bm/202401/t20240101_1.html"]


@pytest.mark.parametrize(
    ("anchor", "role"),
    [
        ('<a href="2023nb.html">清溪县2023年政府信息公开年报</a>', Role.REPORT),
        ('<a href="2023/">清溪县2023年政府信息公开年报</a>', Role.LIST),
        ('<a href="1.html">会盟镇</a>', Role.REPORT),
        ('<a href="534873/index.html">湛江海关</a>', Role.LIST),
        ('<a href="5696721/index.html">湛江海关</a> 2024-01-09', Role.REPORT),
        ('<a href="5696721/index.html">湛江海关2023年政府信息公开工作年度报告</a>', Role.REPORT),
        ('<a href="http://www.other.gov.cn/nb/">某局政府信息公开年报</a>', None),
        ('<a href="http://www.other.gov.cn/nb/post_12.html">某局2023年政府信息公开年报</a>', Role.REPORT),
        ('<a href="/xw/202401/t20240101_1.html">修路</a>', None),
    ],
)
def test_what_an_entry_leads_to(anchor: str, role: Role | None) -> None:
    reading = read_list(
        make_page(f"<p>{anchor}</p><a href='/a'></a><a href='/b'></a><a href='/c'></a>"), "static_generic"
    )
    assert [link.role for link in reading.links] == ([] if role is None else [role])


def test_groups_asked_for_by_page_go_on_to_the_total_on_either_base() -> None:
    path = "/module/web/jpage/dataproxy.jsp?page={}&columnid=1234"
    head = "<totalrecord>7</totalrecord>"
    asked = []
    for number in (1, 2, 3):
        reading = read_list(make_page(make_records(1, 3, head), path.format(number), referer="/col/col1234/"), "jcms")
        asked.append(next_paths(reading))
    assert asked == [[path.format(2)], [path.format(3)], []]
    assert read_list(make_page(make_records(1, 0, head), path.format(2), referer="/col/col1234/"), "jcms").links == ()
