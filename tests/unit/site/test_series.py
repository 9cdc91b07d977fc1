"""The overview's charts over years whose forms, agencies and bases differ: made-up agencies of five provinces.

Their forms change in different years, one skips a year, one changes whom it reports for, one leaves its number blank,
and some dispose of too few requests for a rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bench.tab import Tab
from pipeline.paths import DataPaths
from pipeline.site.build import Site, write_site
from pipeline.warehouse.publish import publish
from pipeline.warehouse.query import run_query
from tests.unit.warehouse.conftest import Rows, build_from, report_rows

NATION, CENTRE, NORTH, EAST, SOUTH, WEST = "000000", "410000", "130000", "330000", "440000", "510000"
# Province -> the last year it printed the form of 2019, and of each year what it received and disposed of
AGENCIES: dict[str, tuple[int, dict[int, tuple[int, int]]]] = {
    CENTRE: (2020, {2019: (100, 90), 2020: (110, 105), 2021: (125, 130), 2022: (140, 29), 2023: (90, 80)}),
    # No report of 2021: neither 2021 nor 2022 can be compared with the year before
    NORTH: (2020, {2019: (50, 30), 2020: (61, 60), 2022: (72, 70), 2023: (85, 81)}),
    # A year later with the new form than all others
    EAST: (2021, {2020: (30, 12), 2021: (33, 0), 2022: (31, 30), 2023: (35, 35)}),
    SOUTH: (2020, {2021: (400, 380), 2022: (410, 390), 2023: (420, 1)}),
    # Reported for others too until 2021, left its number blank in 2023
    WEST: (2020, {2021: (7_000, 6_900), 2022: (800, 790), 2023: (900, 880)}),
}
OTHER_SCOPE, BLANK = (WEST, 2021), (WEST, 2023)
FLOOR = 30
GREY = [201, 199, 193]

Ask = Callable[..., list[tuple[object, ...]]]


def list_reports() -> Iterator[Rows]:
    for province, (last_old, years) in AGENCIES.items():
        for year, (received, disposed) in years.items():
            numbers = {
                "requests.new_received.total": received,
                "requests.total_disposed.total": disposed,
                "requests.granted.total": disposed // 3,
                "requests.denied_state_secret.total": disposed - disposed // 3,
            }
            blank = ["requests.new_received.total"] if (province, year) == BLANK else []
            edition = "ED_2019" if year <= last_old else "ED_2021"
            rows = report_rows(f"市{province}", year, numbers, blank, edition=edition)
            rows["core.report"][0] |= {
                "scope_code": "region_aggregate" if (province, year) == OTHER_SCOPE else "organ_own"
            }
            rows["core.agency"][0] |= {"region_code": f"{province[:2]}0100", "division_level": "prefecture"}
            rows["core.agency"][0] |= {"first_report_year": min(years), "last_report_year": max(years)}
            rows["core.agency_name"][0] |= {"first_report_year": min(years), "last_report_year": max(years)}
            rows["core.agency_name"][0] |= {"report_count": len(years)}
            yield rows


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    paths = DataPaths(tmp_path_factory.mktemp("series") / "data")
    build_from(paths, list(list_reports()))
    publish(paths.build, paths)
    return paths


@pytest.fixture(scope="module")
def site(data: DataPaths) -> Site:
    return write_site(data.published, data.site, lambda report: (), report_limit=0)


@pytest.fixture
def ask(data: DataPaths) -> Ask:
    return lambda sql, **named: list(run_query(data.published, sql, named).rows)


@pytest.fixture
def show(browser: Tab, site: Site) -> Callable[[str], Tab]:
    def open_region(region: str) -> Tab:
        browser.resize(1440)
        browser.open(f"{(site.folder / 'index.html').as_uri()}#year=2022&scope=organ_own&region={region}")
        assert browser.run("document.body.dataset.failed || ''") == ""
        return browser

    return open_region


@pytest.mark.parametrize(
    ("region", "years"),
    [
        # In 2022 one of the agencies that are compared changed, which makes its sums those of two forms
        (NATION, [2021, 2022]),
        (CENTRE, [2021]),
        # Across the year without a report
        (NORTH, [2022]),
        (EAST, [2022]),
        (SOUTH, []),
    ],
)
def test_a_change_of_form_is_marked_in_its_year_and_in_no_other(show, region, years):
    page = show(region)
    chart = "document.querySelector('#chart-received .canvas')"
    assert page.run(f"{chart}.layout.shapes.map((one) => [one.x0 + 0.5, one.x1 + 0.5])") == [[y, y] for y in years]
    assert page.run(f"{chart}.querySelectorAll('.shapelayer path').length") == len(years)
    written = page.run(f"[...{chart}.querySelectorAll('.annotation-text')].map((one) => one.textContent)")
    assert written == ["表式更换"] * len(years)


@pytest.mark.parametrize("region", [NATION, CENTRE, NORTH, EAST, SOUTH, WEST])
def test_the_dashed_line_has_the_same_agencies_in_both_its_years(show, ask, region):
    own = "scope_code = 'organ_own' AND ($region = '000000' OR region_code[1:2] = $region[1:2])"
    pairs = ask(
        "SELECT now.report_year, sum(before.request_received_count), sum(now.request_received_count) "
        f"FROM (FROM mart.agency_year WHERE {own}) AS now JOIN (FROM mart.agency_year WHERE {own}) AS before "
        "ON now.agency_id = before.agency_id AND now.report_year = before.report_year + 1 "
        "WHERE now.request_received_count + before.request_received_count IS NOT NULL GROUP BY ALL ORDER BY 1",
        region=region,
    )
    sums = ask(
        f"SELECT report_year, sum(request_received_count) FROM mart.agency_year WHERE {own} "
        "GROUP BY ALL HAVING count(request_received_count) > 0 ORDER BY 1",
        region=region,
    )
    page = show(region)
    whole, panel = page.run(
        "document.querySelector('#chart-received .canvas').data"
        ".map((trace) => trace.x.map((x, at) => [x, trace.y[at] === null ? null : Number(trace.y[at])]))"
    )
    assert whole == [[year, int(total)] for year, total in sums]
    expected = [((year - 1, int(before)), (year, int(now))) for year, before, now in pairs]
    assert [(tuple(panel[at]), tuple(panel[at + 1])) for at in range(0, len(panel), 3)] == expected
    assert all(gap == [None, None] for gap in panel[2::3])
    # What is drawn: a dot for each sum, and a diamond at both ends of every dashed line
    drawn = page.run("document.querySelectorAll('#chart-received .scatterlayer .point').length")
    assert drawn == len(whole) + 2 * len(expected)


def test_agencies_that_cannot_be_compared_are_in_the_sums_alone(show):
    # One skipped 2021, one reported for others then, one left its number of 2023 blank: neither is in those lines
    panel = show(NATION).run("document.querySelector('#chart-received .canvas').data[1].y.map(Number)")
    lines = dict(zip((2020, 2021, 2022, 2023), zip(panel[::3], panel[1::3], strict=True), strict=True))
    assert lines == {
        2020: (100 + 50, 110 + 61),
        2021: (110 + 30, 125 + 33),
        2022: (125 + 33 + 400, 140 + 31 + 410),
        2023: (140 + 72 + 31 + 410, 90 + 85 + 35 + 420),
    }


def test_rates_over_few_requests_are_grey(show, ask):
    sums = ask(
        "SELECT region_code[1:2] || '0000', report_year, sum(request_disposed_count), "
        "sum(granted_count + granted_partial_count) FROM mart.agency_year WHERE scope_code = 'organ_own' GROUP BY ALL"
    )
    page = show(NATION)
    shown = page.run(SAMPLED)
    named = {code: page.run(f"touming.regionName('{code}')") for code in AGENCIES}
    colours = {(named[code], year): shown.get(f"{named[code]} {year}") for code, year, _, _ in sums}
    few = {(named[code], year) for code, year, base, _ in sums if 0 < base < FLOOR}
    enough = {(named[code], year): part / base for code, year, base, part in sums if base >= FLOOR}
    assert few == {(named[CENTRE], 2022), (named[EAST], 2020), (named[SOUTH], 2023)}
    assert {place for place, colour in colours.items() if colour == GREY} == few
    assert {place for place, colour in colours.items() if colour and colour != GREY} == enough.keys()
    # Nothing was disposed of: there is no rate, and no cell
    assert colours[(named[EAST], 2021)] is None
    assert len(shown) == len(few) + len(enough)
    values = page.run("document.querySelector('#chart-heatmap .canvas').data[1].z.flat()")
    assert sorted(value for value in values if value is not None) == pytest.approx(sorted(enough.values()))


def test_tiles_over_few_requests_are_grey(show, ask):
    bases = ask(
        "SELECT region_code[1:2] || '0000', sum(request_disposed_count) FROM mart.agency_year "
        "WHERE scope_code = 'organ_own' AND report_year = 2022 GROUP BY ALL"
    )
    tiles = show(NATION).run(
        "(({ ids, marker }) => Object.fromEntries(ids.map((id, at) => [id, marker.colors[at]])))"
        "(document.querySelector('#chart-treemap .canvas').data[0])"
    )
    assert tiles.keys() == {code for code, _ in bases}
    assert {code for code, colour in tiles.items() if colour == "#c9c7c1"} == {c for c, base in bases if base < FLOOR}


# "<region> <year>" -> red, green, blue in the middle of its cell, as the browser shows the chart's pictures
SAMPLED = """(async () => {
  const chart = document.querySelector('#chart-heatmap .canvas');
  const found = {};
  const pictures = [...chart.querySelectorAll('.heatmaplayer image')];
  for (const picture of pictures) {
    const image = new Image();
    image.src = picture.getAttribute('href') || picture.getAttribute('xlink:href');
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height });
    const surface = canvas.getContext('2d');
    surface.drawImage(image, 0, 0);
    const { x, y } = chart.data[0];
    y.forEach((region, row) => x.forEach((year, column) => {
      const [red, green, blue, alpha] = surface.getImageData(
        ((column + 0.5) / x.length) * image.width, (1 - (row + 0.5) / y.length) * image.height, 1, 1).data;
      if (alpha) found[`${region} ${year}`] = [red, green, blue];
    }));
  }
  return found;
})()"""
