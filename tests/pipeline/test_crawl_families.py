"""Every family of sites crawled to the end: all reports and files of all pages, read to the cell."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.archive.sniff import sniff_media_type
from pipeline.crawl.model import Outcome
from pipeline.documents.read import read_document
from pipeline.reports.read import read_report
from pipeline.sources.families import load_families
from tests.pipeline.crawls_for_tests import (
    crawl_sites,
    find_stored,
    list_captures,
    list_damaged_files,
    make_source,
    read_blob,
)
from tests.sites import RunningSite, SitePlan, list_dialects, start_site, start_sites
from tests.sites.documents import list_truths

FAMILIES = tuple(load_families())


def list_plans() -> list[SitePlan]:
    """Every dialect of every family, charsets, sub-lists and validators mixed over them."""
    plans: list[SitePlan] = []
    for family in FAMILIES:
        for dialect in list_dialects(family):
            number = len(plans)
            plans.append(
                SitePlan(
                    family,
                    dialect,
                    documents=20,
                    first_number=120 * number,
                    per_page=6,
                    charset=("utf-8", "gb18030")[number % 2],
                    has_sublists=number % 3 != 2,
                    validators=("both", "etag", "last_modified", "none")[number % 4],
                )
            )
    # Its interface has pages of a hundred
    return [*plans, SitePlan("gkmlpt", documents=104, first_number=120 * len(plans), has_attachments=False)]


def assert_complete(root: Path, site: RunningSite, stored: dict[str, str]) -> None:
    mine = {url for url in stored if url.startswith(f"{site.base_url}/")}
    assert sorted(site.expected - mine) == [], site.plan
    assert list_damaged_files(root, site, stored) == []


def test_every_family_and_dialect_is_found_whole(tmp_path: Path) -> None:
    with start_sites(list_plans()) as sites:
        # One in four is registered with its family; of the others it has to be found out
        sources = [make_source(site, "" if number % 4 == 0 else "auto") for number, site in enumerate(sites)]
        summary = crawl_sites(tmp_path, sites, sources=sources)
        stored = find_stored(tmp_path)
        for site in sites:
            assert_complete(tmp_path, site, stored)
        assert summary.is_complete
        assert summary.alarms == ()
        # Nothing beside the lists, their reports and files was asked for: no menu, no notice, no other column
        roles = {each.origin_text: each.request_role_code for each in list_captures(tmp_path)}
        expected = {url for site in sites for url in site.expected}
        assert {url for url, role in roles.items() if role in ("report", "attachment")} == expected


def test_crawled_reports_read_to_the_cell(tmp_path: Path) -> None:
    plans = [
        SitePlan("trs_static", documents=12, charset="gb18030"),
        SitePlan("jcms", "startrecord", documents=12, first_number=20),
        SitePlan("vsb", documents=12, first_number=40),
    ]
    cells = 0
    with start_sites(plans) as sites:
        crawl_sites(tmp_path, sites)
        stored = find_stored(tmp_path)
        for site in sites:
            for url in sorted(site.expected_reports):
                content, document = read_blob(tmp_path, stored[url]), site.find_document(url)
                assert document is not None
                reading = read_report(read_document(content, sniff_media_type(content)))
                printed = {code: Decimal(value) for code, value in list_truths(site.plan, document).items() if value}
                assert {each.code: each.value for each in reading.cells if each.value is not None} == printed
                cells += len(printed)
    assert cells > 5_000


def test_members_of_archives_are_kept_with_their_gbk_names_as_text_alone(tmp_path: Path) -> None:
    with start_site("trs_static", documents=8) as site:
        crawl_sites(tmp_path, [site])
        archives = {url for url in site.expected_attachments if url.endswith(".zip")}
        members = [each for each in list_captures(tmp_path) if "!/" in each.origin_text]
        assert {each.origin_text.partition("!/")[0] for each in members} == archives
        assert {each.origin_text.partition("!/")[2] for each in members} == {"年度报告.docx", "说明.txt"}
    assert not [path for path in tmp_path.rglob("*") if "年度报告" in path.name]


def test_missing_deep_pages_are_an_alarm_and_the_rest_is_had(tmp_path: Path) -> None:
    with start_site("trs_static", "zero_based_counted", documents=40, missing_pages=2) as site:
        summary = crawl_sites(tmp_path, [site])
        assert_complete(tmp_path, site, find_stored(tmp_path))
        assert [alarm.code for alarm in summary.alarms] == ["count_mismatch"]
        assert summary.outcome_counts[Outcome.GONE] == 2


@pytest.mark.parametrize(
    ("family", "dialect"), [("jpaas", "unit"), ("ucap", "json"), ("gkmlpt", "api"), ("vsb", "reverse")]
)
def test_totals_that_lie_are_an_alarm(tmp_path: Path, family: str, dialect: str) -> None:
    with start_site(family, dialect, documents=20, declared_extra=9) as site:
        summary = crawl_sites(tmp_path, [site])
        assert_complete(tmp_path, site, find_stored(tmp_path))
        assert "count_mismatch" in [alarm.code for alarm in summary.alarms]


def test_a_list_that_lost_its_entries_is_an_alarm(tmp_path: Path) -> None:
    with start_site("trs_static", documents=0) as site:
        summary = crawl_sites(tmp_path, [site])
        assert [alarm.code for alarm in summary.alarms] == ["list_empty"]
        assert [make_source(site).source_id] == [alarm.source_id for alarm in summary.alarms]
