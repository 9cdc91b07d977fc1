"""The measurement of the site with a handful of rows: it opens real pages, and what it times is what a page shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import site
from bench.producers import explain_absence, find_producer
from bench.site_page import format_site
from bench.tab import open_tab

FEW = site.SiteSettings(reports=40, base_count=8, page_rounds=1, choice_rounds=1)
# A page that is ready at once, draws its chart late, and shows something else two steps after a choice
SLOW_PAGE = """<!doctype html><body>
<select id="filter-level"><option>all<option>county</select><div class="canvas">chart</div>
<script>
  const chart = document.querySelector(".canvas");
  const draw = () => { chart.dataset.drawn = "1"; window.drawnAt = performance.now(); };
  document.body.dataset.ready = "1";
  setTimeout(draw, 150);
  document.getElementById("filter-level").addEventListener("change", () => {
    delete chart.dataset.drawn;
    setTimeout(() => { document.body.dataset.ready = "2"; setTimeout(draw, 50); }, 50);
  });
</script>"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    return site.measure_site(FEW, tmp_path_factory.mktemp("site"), lambda text: None)


def test_the_site_is_written_and_counted(measured):
    assert measured["reports"] == 40
    # Organs that should have published and did not are rows too
    assert measured["agency_years"] > 40
    assert measured["files"] > 100
    assert measured["bytes"] > 5_000_000


def test_every_page_is_opened_and_every_list_chosen_from(measured):
    if "skipped" in measured:
        pytest.skip(measured["skipped"])
    assert measured["complaints"] == []
    assert list(measured["pages"]) == ["index", "agency", "compare", "quality", "report"]
    for name, times in measured["pages"].items():
        assert times["paint"][0] > 0, name
        assert 0 < times["page"][0] <= times["sight"][0] <= times["all"][0], name
    # With the library of charts
    assert measured["pages"]["index"]["bytes"][0] > 4_000_000
    assert {"level", "year", "region-0", "region-1"} <= measured["choices"].keys()
    assert all(times["all"][0] > 0 for times in measured["choices"].values())


def test_without_a_browser_the_page_says_why(measured, monkeypatch, tmp_path):
    monkeypatch.setattr(site, "find_producer", lambda name: None)
    monkeypatch.setattr(site, "write_row_corpus", lambda *_: pytest.fail("what is published is measured"))
    published = tmp_path / "warehouse" / "touming.duckdb"
    published.parent.mkdir()
    published.touch()
    monkeypatch.setattr(site, "Warehouse", _OneAnswer)
    monkeypatch.setattr(site, "write_site", lambda *_, **__: _Written())
    shown = format_site(site.measure_site(FEW, tmp_path, lambda text: None))
    assert f"Pages were not opened: {explain_absence('chromium')}.\n" in shown
    assert "| overview |" not in shown


def test_a_time_ends_when_the_last_chart_stands(tmp_path):
    if find_producer("chromium") is None:
        pytest.skip(explain_absence("chromium"))
    page = tmp_path / "page.html"
    page.write_text(SLOW_PAGE, encoding="utf-8")
    with open_tab() as tab:
        tab.ask("Page.addScriptToEvaluateOnNewDocument", {"source": site.PROBE.read_text(encoding="utf-8")})
        tab.open(page.as_uri())
        opened = tab.run("probe.opened")
        assert opened["all"] >= tab.run("window.drawnAt") >= 150
        # From the key on, not from the page's beginning, to the chart that is drawn after the numbers
        begun = tab.run("performance.now()")
        tab.run("probe.await_choice(document.getElementById('filter-level'))")
        tab.press("ArrowDown")
        chosen = tab.run("probe.chosen")
        assert tab.run("window.drawnAt") - begun >= 100
        assert 100 <= chosen["all"] <= tab.run("performance.now()") - begun
        assert chosen["page"] <= chosen["all"]


def test_medians_and_worst_are_shown():
    times = {stage: [10.4, 99.6] for stage in ("paint", "load", "page", "sight", "all")}
    shown = format_site(
        {
            "machine": {"cores": 2, "architecture": "x86_64", "python": "3.11.7", "parts": {"duckdb": "1.5"}},
            "reports": 160_000,
            "agency_years": 199_318,
            "write_seconds": 73.9,
            "write_cpu_seconds": 68.5,
            "files": 3_888,
            "bytes": 398_880_217,
            "window": [1440, 1000],
            "browser": "Chrome/1",
            "page_rounds": 9,
            "pages": {"index": {**times, "bytes": [5_171_517, 5_171_517]}, "report": {**times, "bytes": [272_499, 1]}},
            "choices": {"level": {"rounds": 15, **times}, "region-0": {"rounds": 4, **times}},
            "complaints": [],
        }
    )
    assert "199,318 agency-years (160,000 reports as rows" in shown
    assert "74 s (68 s of CPU), 3,888 files, 399 MB" in shown
    assert "| overview | 5.2 | 10 / 100 | 10 / 100 | 10 / 100 | 10 / 100 | 10 / 100 |\n" in shown
    assert "| province | 4 | 10 / 100 | 10 / 100 | 10 / 100 |\n" in shown
    assert "complained" not in shown


class _OneAnswer:
    """A warehouse that knows how large it is."""

    def __init__(self, published: Path) -> None:
        assert published.exists()

    def ask(self, question: str) -> _OneAnswer:
        assert question == "build"
        return self

    def records(self):
        yield {"report_count": 1, "agency_year_count": 2}


class _Written:
    file_count, byte_count = 3, 4
