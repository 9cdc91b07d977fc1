"""The measurement of the crawl, with a handful of sites."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bench.crawl import CrawlSettings, explain_missing_scrapy, measure_crawl
from bench.crawl_page import format_crawl


def test_a_small_crawl_brings_everything_home_and_is_shown() -> None:
    measured = measure_crawl(CrawlSettings(hosts=3, documents=5, delay_seconds=0.02, faulty_documents=14))
    (ours,) = measured["crawlers"]
    assert ours["documents"] == ours["expected_documents"] > 15
    assert ours["requests"] > ours["documents"]
    assert ours["least_gap_seconds"] >= 0.75 * 0.02
    assert ours["cpu_ms_per_request"] > 0
    faults = measured["faults"]
    assert faults["stored"] == faults["obtainable"] < faults["documents"]
    assert faults["invented"] == 0
    assert faults["least_gap_seconds"] >= 0.02
    shown = format_crawl(measured)
    assert "Not measured: Scrapy (no --peers" in shown
    assert f"**{faults['stored']:,}**" in shown


@pytest.mark.skipif(find_spec("scrapy") is not None, reason="Scrapy is installed here")
def test_a_python_without_scrapy_is_told_what_it_lacks() -> None:
    assert "pip install scrapy" in explain_missing_scrapy(Path(sys.executable))
