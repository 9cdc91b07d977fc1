"""The site in a browser, from its folder: every page opens, filters, leads to the printed cell, and asks nobody."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Iterator

import pytest

from bench.tab import Tab
from pipeline.orchestration.source_text import SourceTexts
from pipeline.site.build import Site, write_site
from pipeline.site.pages import PAGES
from pipeline.site.server import open_server
from tests.unit.site.conftest import Published

# An agency with enough requests for a flow, and its report
COUNTY = "cn-320813-gov"
OFFICE = "cn-410308-gov-office"


@pytest.fixture
def page(browser: Tab) -> Iterator[Tab]:
    browser.asked.clear()
    browser.complaints.clear()
    browser.resize(1440)
    yield browser
    assert browser.foreign == []
    assert browser.complaints == []


def address(site: Site, page: str) -> str:
    name, _, rest = page.partition("#")
    return f"{(site.folder / f'{name}.html').as_uri()}{'#' if rest else ''}{rest}"


def latest_report(published: Published, agency: str) -> str:
    return str(published.value("SELECT report_id FROM core.report WHERE is_latest AND agency_id = $id", id=agency))


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_and_fits(page, published, site, name, width):
    rest = {"agency": f"#id={COUNTY}", "report": f"#id={latest_report(published, COUNTY)}&agency={COUNTY}"}
    page.resize(width)
    page.open(address(site, name + rest.get(name, "")))
    assert page.run("document.body.dataset.failed || ''") == ""
    assert page.run("document.documentElement.scrollWidth") <= width
    assert page.texts("h1")[0]


def test_the_five_numbers_are_those_of_the_warehouse(page, published, site):
    page.open(address(site, "index#year=2024&scope=level_own"))
    received, base, disclosed = published.ask(
        "SELECT sum(request_received_count), sum(request_disposed_count), sum(granted_count + granted_partial_count) "
        "FROM mart.agency_year WHERE report_year = 2024 AND scope_code = 'level_own'"
    )[0]
    owed = published.ask(
        "SELECT published_count, due_count, late_count + after_close_count FROM mart.coverage "
        "WHERE report_year = 2024 AND region_code = '000000' AND division_level = 'all'"
    )[0]
    failing = published.value(
        "SELECT count(*) FROM mart.agency_year WHERE report_year = 2024 AND grade_code = 'contradictory'"
    )
    assert page.texts(".tile strong") == [
        str(received),
        f"{100 * disclosed / base:.1f}%",
        f"{owed[0]} / {owed[1]}",
        str(owed[2]),
        str(failing),
    ]


def test_filters_narrow_what_is_shown(page, published, site):
    page.open(address(site, "index#year=2022"))
    page.choose("region-0", "410000")
    page.choose("level", "township")
    page.choose("scope", "organ_own")
    assert page.run("location.hash") == "#year=2022&region=410000&level=township&scope=organ_own"
    reports = published.value(
        "SELECT count(request_received_count) FROM mart.agency_year WHERE report_year = 2022 "
        "AND region_code LIKE '41%' AND division_level = 'township' AND scope_code = 'organ_own'"
    )
    assert reports
    assert f"{reports} 份报告" in page.texts("[data-number=received] .note")[0]
    # The next list down is there
    assert "410300" in page.run("[...document.getElementById('filter-region-1').options].map((one) => one.value)")


def test_from_a_number_to_the_printed_cell(page, published, site):
    page.open(address(site, "index#year=2024&scope=level_own"))
    page.follow("document.querySelector('[data-number=received]')")
    assert page.run("location.pathname").endswith("/agencies.html")
    report = latest_report(published, COUNTY)
    received = published.value(
        "SELECT raw_text FROM core.cell WHERE report_id = $id AND cell_code = 'requests.new_received.total'", id=report
    )
    link = f'document.querySelector(\'a[href*="cell=requests.new_received.total"][href*="{report}"]\')'
    assert page.run(f"{link}.innerText") == received
    page.follow(link)
    assert page.run("document.getElementById('picked').dataset.cell") == "requests.new_received.total"
    assert page.texts("#source .lit") == [received]
    assert page.texts("#parsed .lit") == [received]


def test_either_side_lights_up_the_other(page, published, site):
    page.open(address(site, f"report#id={latest_report(published, COUNTY)}&agency={COUNTY}"))
    code = "requests.granted.total"
    for side, other in (("parsed", "source"), ("source", "parsed")):
        page.run(
            f"document.querySelector('#{side} [data-cell=\"{code}\"]')"
            ".dispatchEvent(new MouseEvent('mouseover', { bubbles: true })); null"
        )
        assert page.run(f"document.querySelector('#{other} .lit').dataset.cell") == code
        page.run("document.querySelectorAll('.lit').forEach((one) => one.classList.remove('lit')); null")


@pytest.mark.parametrize("kind", ["html", "txt", "md"])
def test_every_printed_number_is_marked_in_its_source(page, published, site, kind):
    reports = published.ask(
        "SELECT report.report_id, any_value(report.agency_id), count(*) FROM core.report AS report "
        "JOIN core.cell AS cell USING (report_id) JOIN raw.capture AS capture ON report_id = document_id "
        "WHERE cell.state_code = 'reported' AND capture.origin_text LIKE $ending GROUP BY report_id",
        ending=f"%.{kind}",
    )
    assert reports
    for report, agency, count in reports:
        page.open(address(site, f"report#id={report}&agency={agency}"))
        texts = json.loads(
            page.run(
                "JSON.stringify(Object.fromEntries([...document.querySelectorAll('#source [data-cell]')]"
                ".map((one) => [one.dataset.cell, one.textContent])))"
            )
        )
        printed = published.ask(
            "SELECT cell_code, raw_text FROM core.cell WHERE report_id = $id AND state_code = 'reported'", id=report
        )
        wrong = [(code, raw, texts.get(code)) for code, raw in printed if raw not in texts.get(code, "")]
        assert not wrong, f"{report}: {len(wrong)} of {count}: {wrong[:3]}"


def test_a_contradicted_cell_is_red(page, published, site):
    agency, report = published.ask(
        "SELECT agency_id, report_id FROM mart.flagged_finding WHERE verdict_code = 'fail' AND rule_code = 'R02' "
        "AND NOT is_across_reports"
    )[0]
    page.open(address(site, f"agency#id={agency}"))
    red = set(page.run("[...document.querySelectorAll('#printed td.red')].map((one) => one.dataset.cell)"))
    failing = published.ask(
        "SELECT DISTINCT unnest(cell_code_list) FROM mart.flagged_finding "
        "WHERE report_id = $id AND verdict_code = 'fail' AND NOT is_across_reports",
        id=report,
    )
    assert red == {code for (code,) in failing}


def test_a_flow_of_few_is_not_drawn(page, site):
    page.open(address(site, f"agency#id={COUNTY}"))
    assert page.run("document.getElementById('chart-flow').dataset.flow") == "drawn"
    page.open(address(site, "agency#id=cn-410308101-gov"))
    assert page.run("document.getElementById('chart-flow').dataset.flow") == "few"
    assert "10" in page.texts("#chart-flow .note")[0]


def test_peers_are_those_of_the_macro(page, published, site):
    for agency, year in ((COUNTY, 2024), ("cn-410308101-gov", 2022), ("cn-310000-science-technology", 2024)):
        page.open(address(site, f"agency#id={agency}&year={year}"))
        peers = published.value("SELECT count(*) FROM mart.peers($agency, $year)", agency=agency, year=year)
        assert page.run("Number(document.getElementById('peers').dataset.rows)") == peers


def test_charts_out_of_sight_are_drawn_too(page, site):
    page.resize(1440, 300)
    page.open(address(site, "index"))
    page.wait("[...document.querySelectorAll('.canvas')].every((one) => one.querySelector('svg'))")
    assert page.run("document.querySelectorAll('.canvas').length") == 4


def test_the_language_switch_reaches_everything_and_lasts(page, site):
    page.open(address(site, "index"))
    page.act("document.getElementById('language').click()")
    assert page.texts("h1") == ["Overview"]
    assert page.texts("#chart-received h2") == ["New requests by year"]
    page.open(address(site, f"agency#id={COUNTY}"))
    assert "Fully disclosed" in " ".join(page.texts("#printed th"))
    page.act("document.getElementById('language').click()")
    assert "予以公开" in " ".join(page.texts("#printed th"))


def test_a_table_is_downloaded_as_it_is_in_the_warehouse(page, published, site, tmp_path):
    page.ask("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    page.open(address(site, "agencies#year=2022"))
    page.run("document.querySelector('button.csv').click(); null")
    target = tmp_path / "agencies_2022.csv"
    page.wait("true")
    while not (target.exists() and target.stat().st_size):
        page.run("new Promise((done) => setTimeout(done, 20))")
    content = target.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    asked = published.ask(
        "SELECT agency_id, agency_name, obligation_status_code, request_received_count, disclosed_over_disposed_rate "
        "FROM mart.agency_year WHERE report_year = 2022"
    )
    text = ["agency_id", "agency_name", "obligation_status_code", "request_received_count"]
    told = {tuple(row[name] for name in text): row["disclosed_over_disposed_rate"] for row in rows}
    assert told.keys() == {tuple("" if value is None else str(value) for value in row[:4]) for row in asked}
    rates = {row[0]: row[4] for row in asked if row[4] is not None}
    assert rates == {key[0]: float(value) for key, value in told.items() if value}


def test_intervals_are_those_of_wilson(page, site):
    page.open(address(site, "compare"))
    low, high = page.run("touming.wilson(9, 35)")
    # (p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n) of 9 in 35: 0.281162 ± 0.139531
    assert (round(low, 4), round(high, 4)) == (0.1416, 0.4207)
    assert page.run("[touming.wilson(0, 0), touming.wilson(5, 3)]") == [None, None]


def test_a_rule_leads_to_reports_and_cells(page, published, site):
    page.open(address(site, "quality#rule=R02&year=2023"))
    flagged = published.value(
        "SELECT count(*) FROM mart.flagged_finding WHERE rule_code = 'R02' AND report_year = 2023 AND is_latest"
    )
    assert page.run("document.querySelectorAll('#findings tbody tr').length") == flagged > 0
    page.follow("document.querySelector('#findings a[href*=\"cell=\"]')")
    assert page.run("document.querySelectorAll('#parsed .lit').length") == 1


def test_the_dictionary_finds_a_column(page, site):
    page.open(address(site, "dictionary"))
    page.run(
        "(() => { const field = document.getElementById('search'); field.value = 'chase_list'; "
        "field.dispatchEvent(new Event('input')); })()"
    )
    shown = page.run(
        "[...document.querySelectorAll('details[data-searched]')].filter((one) => !one.hidden).map((one) => one.id)"
    )
    assert "mart.chase_list" in shown
    assert "mart.agency_year" not in shown


def test_a_question_can_be_copied(page, site):
    page.open(address(site, "questions"))
    page.run("document.querySelector('[data-copies]').click(); null")
    page.wait("document.querySelector('[data-copies]').textContent === '已复制'")


def test_an_address_that_leads_nowhere_says_so(page, site):
    page.open(address(site, f"report#id=0123456789abcdef&agency={COUNTY}".replace("0123456789abcdef", "x")))
    assert "没有这份数据" in page.texts("#report-missing")[0]
    page.open(address(site, "agency"))
    assert "没有选机关" in page.texts("#agency-missing")[0]


def test_text_of_a_report_never_becomes_markup(page, site):
    page.open(address(site, "agencies#name=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"))
    assert page.run("document.querySelectorAll('#list img').length") == 0


def test_without_source_text_the_tables_are_there_and_the_server_has_the_rest(page, published, tmp_path):
    read_source = SourceTexts(published.paths).read
    small = write_site(published.paths.published, tmp_path / "site", read_source, report_limit=0)
    report = latest_report(published, COUNTY)
    where = f"report#id={report}&agency={COUNTY}&cell=requests.granted.total"
    page.open(address(small, where))
    assert "touming serve" in page.texts("#report-missing")[0]
    assert page.run("document.querySelectorAll('#bare .lit').length") == 1
    with open_server(small.folder, published.paths.published, read_source, 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        page.open(f"http://127.0.0.1:{server.server_port}/{where.replace('#', '.html#')}")
        assert page.run("document.querySelectorAll('#source .lit').length") == 1
        server.shutdown()
        thread.join()
