"""The measurement of the crawl as a section of the page.

Belongs here: which figures are shown and how. Does not belong here: any figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.table import format_table

_CRAWL = """\
## Crawl

{hosts:,} local sites, each on a loopback address of its own, served by another process: {documents} reports each, with
their files, lists and robots.txt. At most {threads} requests at a time, one per host, {delay_seconds:g} s apart, on
{cores} cores with Python {python}. CPU and memory are those of the crawling process alone, without its start; *least
pause* is what a server saw between two requests. Both bring the same documents home. Ours finds out the family of each
site, keeps a frontier and every attempt on disk (synced), compares content and looks for soft 404s and challenges; the
spider for Scrapy knows these pages alone and keeps nothing but bodies.
"""
_FAULTS = """\
### Faults

{documents:,} reports and files on {hosts} sites of seven families, {faulty:,} of them with a fault: answers that fail
once, malformed heads, redirects in circles and inwards, bombs, pages that are not there. Within one night:
"""


def format_crawl(measured: Mapping[str, Any]) -> str:
    """The section, ended by a newline."""
    settings, faults = measured["settings"], measured["faults"]
    parts = [_CRAWL.format(**settings, **measured["machine"]), "\n", _format_crawlers(measured)]
    parts += [f"\nNot measured: {name} ({reason}).\n" for name, reason in measured["skipped"].items()]
    parts += ["\n", _FAULTS.format(**faults | {"faulty": sum(faults["faulty"].values())}), "\n", _format_faults(faults)]
    return "".join(parts)


def _format_crawlers(measured: Mapping[str, Any]) -> str:
    headings = ("crawler", "requests", "documents", "CPU ms / request", "peak MB", "before MB", "least pause s", "s")
    rows = [
        [
            each["crawler"],
            f"{each['requests']:,}",
            f"{each['documents']:,} of {each['expected_documents']:,}",
            f"{each['cpu_ms_per_request']:.2f}",
            f"{each['peak_mb']:.0f}",
            f"{each['base_mb']:.0f}",
            f"{each['least_gap_seconds']:.3f}",
            f"{each['seconds']:.0f}",
        ]
        for each in measured["crawlers"]
    ]
    return format_table(headings, rows)


def _format_faults(faults: Mapping[str, Any]) -> str:
    failures = {name: count for name, count in faults["outcomes"].items() if name not in ("captured", "unchanged")}
    shown = ", ".join(f"{name} {count:,}" for name, count in sorted(failures.items(), key=lambda item: -item[1]))
    rows = [
        ["documents that can be had", f"{faults['obtainable']:,}"],
        ["of these stored", f"**{faults['stored']:,}**"],
        ["stored though they cannot be had", f"{faults['invented']:,}"],
        ["attempts", f"{faults['attempts']:,}"],
        ["least pause at a server (asked for)", f"{faults['least_gap_seconds']:.3f} s ({faults['delay_seconds']:g} s)"],
    ]
    return format_table(("", ""), rows) + f"\nFailed attempts by outcome: {shown}.\n"
