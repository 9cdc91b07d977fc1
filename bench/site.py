"""What the site costs at a nation's size: writing it, opening its pages from their folder, choosing from its lists.

Belongs here: a warehouse of so many agency-years, the pages and lists that are measured, times and bytes. Does not
belong here: making rows (row_corpus.py), the browser (tab.py), what is timed within a page (site_probe.js), showing
figures (site_page.py).
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bench.machine import describe_machine
from bench.producers import explain_absence, find_producer
from bench.row_corpus import write_row_corpus
from bench.tab import Tab, open_tab
from bench.warehouse import run_night, timed
from pipeline.paths import REPO_ROOT, DataPaths
from pipeline.site.answers import Warehouse
from pipeline.site.build import Site, write_site
from pipeline.warehouse.query import run_query

PROBE = REPO_ROOT / "bench" / "site_probe.js"
_LAST_YEAR = 2025
_WINDOW = (1440, 1000)
# A page is left alone for so long before the next choice, as a reader leaves it
_REST_MILLISECONDS = 150


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """How much is measured: reports of all years, of which so many are really read, and rounds."""

    reports: int = 160_000
    years: int = 2
    base_count: int = 500
    page_rounds: int = 9
    choice_rounds: int = 15


QUICK_SITE = SiteSettings(reports=400, base_count=60, page_rounds=2, choice_rounds=3)


@dataclass(frozen=True, slots=True)
class _Subjects:
    """What is looked at: addresses of pages by their names, and the county whose lists are chosen from."""

    addresses: Mapping[str, str]
    county: str


def measure_site(settings: SiteSettings, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Figures of one warehouse: the one published in the folder, else one of rows that is made there."""
    paths = DataPaths(folder)
    if not paths.published.exists():
        say(f"making a warehouse of {settings.reports:,} reports")
        years = tuple(range(_LAST_YEAR - settings.years + 1, _LAST_YEAR + 1))
        write_row_corpus(folder, max(1, settings.reports // settings.years), years, settings.base_count)
        run_night(paths)
    build = next(Warehouse(paths.published).ask("build").records())
    say(f"writing the site of {build['agency_year_count']:,} agency-years")
    with timed() as writing:
        # Its documents do not exist: pages of reports have their tables, as they have at this size
        site = write_site(paths.published, paths.site, _read_nothing, report_limit=0)
    measured = {
        "machine": describe_machine(),
        "reports": build["report_count"],
        "agency_years": build["agency_year_count"],
        "write_seconds": round(writing["seconds"], 1),
        "write_cpu_seconds": round(writing["cpu"], 1),
        "files": site.file_count,
        "bytes": site.byte_count,
        "window": list(_WINDOW),
    }
    if find_producer("chromium") is None:
        return {**measured, "skipped": explain_absence("chromium")}
    say("opening its pages")
    with open_tab() as tab:
        return {**measured, **_measure_in(tab, site, _choose_subjects(paths.published), settings)}


def _measure_in(tab: Tab, site: Site, subjects: _Subjects, settings: SiteSettings) -> dict[str, Any]:
    tab.resize(*_WINDOW)
    tab.ask("Page.addScriptToEvaluateOnNewDocument", {"source": PROBE.read_text(encoding="utf-8")})
    opened: dict[str, list[dict[str, float]]] = {name: [] for name in subjects.addresses}
    # In turn, so that what disturbs the machine for a while disturbs none of them alone
    for _ in range(settings.page_rounds):
        for name, address in subjects.addresses.items():
            opened[name].append(_open_page(tab, site, address))
    choices = dict(_measure_choices(tab, site, subjects.county, settings.choice_rounds))
    return {
        "browser": tab.ask("Browser.getVersion")["product"],
        "page_rounds": settings.page_rounds,
        "pages": {name: _summarize(rounds) for name, rounds in opened.items()},
        "choices": {name: {"rounds": len(rounds), **_summarize(rounds)} for name, rounds in choices.items() if rounds},
        "complaints": tab.complaints[:5],
    }


def _open_page(tab: Tab, site: Site, address: str) -> dict[str, float]:
    tab.asked.clear()
    tab.open(_locate(site, address))
    times: dict[str, float] = tab.run("probe.opened")
    return {**times, "bytes": sum(_measure_files(tab.asked))}


def _measure_files(addresses: Iterable[str]) -> Iterator[int]:
    """Bytes of every file that was asked for; one that is not there, such as a list of no rows, has none."""
    for address in set(addresses):
        path = Path(unquote(urlsplit(address).path))
        if address.startswith("file:") and path.is_file():
            yield path.stat().st_size


def _measure_choices(tab: Tab, site: Site, county: str, rounds: int) -> Iterator[tuple[str, list[dict[str, float]]]]:
    """Of every list of the overview: times of going through it by keyboard, from the top down and up again."""
    places = {"region-1": f"index#region={county[:2]}0000", "region-2": f"index#region={county[:4]}00"}
    for name in ("level", "scope", "year", "region-0", "region-1", "region-2"):
        yield name, _choose_along(tab, _locate(site, places.get(name, "index")), name, rounds)
    yield "level, tables open", _choose_along(tab, _locate(site, "index"), "level", rounds, opened="details")


def _choose_along(tab: Tab, address: str, name: str, rounds: int, opened: str = "") -> list[dict[str, float]]:
    """Times of one list; opened: what is unfolded before, as a selector. Empty where the page has no such choice."""
    tab.open(address)
    tab.run("probe.opened")
    if opened:
        tab.run(f"document.querySelectorAll('{opened}').forEach((one) => {{ one.open = true; }})")
    key = "ArrowDown"
    times = []
    for _ in range(rounds if _count_options(tab, name) > 1 else 0):
        place = tab.run(f"document.getElementById('filter-{name}').selectedIndex")
        if place in (0, _count_options(tab, name) - 1):
            key = "ArrowUp" if place else "ArrowDown"
        times.append(_choose_next(tab, name, key))
    return times


def _count_options(tab: Tab, name: str) -> int:
    return int(tab.run(f"document.getElementById('filter-{name}')?.options.length ?? 0"))


def _choose_next(tab: Tab, name: str, key: str) -> dict[str, float]:
    tab.run(f"new Promise((done) => setTimeout(done, {_REST_MILLISECONDS}))")
    tab.run(f"probe.await_choice(document.getElementById('filter-{name}'))")
    tab.press(key)
    times: dict[str, float] = tab.run("probe.chosen")
    return times


def _choose_subjects(published: Path) -> _Subjects:
    """The organ of a county with the most requests, and the rule broken most."""
    organs = run_query(
        published,
        "SELECT agency_id, region_code, report_year, report_id FROM mart.agency_year "
        "WHERE has_report AND region_code[5:6] <> '00' "
        "AND left(region_code, 4) || '00' IN (SELECT region_code FROM mart.agency_year) "
        "ORDER BY request_received_count DESC NULLS LAST, agency_id, report_year LIMIT 1",
    ).rows
    if not organs:
        raise ValueError(f"{published} has no report of a county's organ to look at: measure a larger warehouse")
    agency, region, year, report = map(str, organs[0])
    rules = run_query(
        published,
        "SELECT rule_code, report_year FROM mart.flagged_finding GROUP BY ALL ORDER BY count(*) DESC, 1, 2 LIMIT 1",
    ).rows
    addresses = {
        "index": "index",
        "agency": f"agency#id={agency}&year={year}",
        "compare": f"compare#region={region[:2]}0000",
        "quality": "".join(["quality", *(f"#rule={rule}&year={flagged}" for rule, flagged in rules)]),
        "report": f"report#id={report}&agency={agency}",
    }
    return _Subjects(addresses, region[:6])


def _locate(site: Site, address: str) -> str:
    name, _, rest = address.partition("#")
    return f"{(site.folder / f'{name}.html').as_uri()}#{rest}"


def _summarize(rounds: list[dict[str, float]]) -> dict[str, list[float]]:
    """Median and worst of every figure over the rounds."""
    figures = {name: [one[name] for one in rounds] for name in rounds[0]}
    return {name: [round(statistics.median(values), 1), round(max(values), 1)] for name, values in figures.items()}


def _read_nothing(_: str) -> tuple[()]:
    return ()
