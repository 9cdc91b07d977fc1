"""The measurement of the site as a section of the page.

Belongs here: which figures are shown and how. Does not belong here: any figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.machine import format_machine
from bench.table import format_table

_SITE = """\
## The site at size

The site of {agency_years:,} agency-years ({reports:,} reports as rows, the others are missing ones): written in
{write_seconds:,.0f} s ({write_cpu_seconds:,.0f} s of CPU), {files:,} files, {megabytes:,.0f} MB.
"""
_OPENED = """\
Its pages, opened from the folder {page_rounds} times each in one {browser} without a window, {width} × {height} pixels:
milliseconds since the page was asked for, median and worst. *Paint*: the first content. *Load*: the load event. *Page*:
numbers and tables. *Charts*: every chart, those out of sight too. The worst is mostly the first time after the
browser's start. *MB*: all files that the page loads, 4.8 of them the charts' library. A report has its tables alone:
source text is not shipped at this size.
"""
_CHOSEN = """\
Choosing from a list of the overview with the keyboard: milliseconds from the key to the second frame after the last
change, median and worst. Each province that is chosen loads its figures for the first time.
"""
_STAGES = {"paint": "paint", "load": "load", "page": "page", "sight": "charts in sight", "all": "charts"}
_PAGES = {"index": "overview", "agency": "agency", "compare": "comparison", "quality": "quality", "report": "report"}
_LISTS = {"region-0": "province", "region-1": "prefecture", "region-2": "county"}


def format_site(measured: Mapping[str, Any]) -> str:
    """The section, ended by a newline."""
    parts = [_SITE.format(**{**measured, "megabytes": measured["bytes"] / 1e6}), format_machine(measured["machine"])]
    if "skipped" in measured:
        return "\n".join([*parts, f"Pages were not opened: {measured['skipped']}.\n"])
    width, height = measured["window"]
    parts.append(_OPENED.format(**{**measured, "width": width, "height": height}))
    rows = [
        [_PAGES[name], f"{times['bytes'][0] / 1e6:.1f}", *(_format_times(times, stage) for stage in _STAGES)]
        for name, times in measured["pages"].items()
    ]
    parts.append(format_table(("page", "MB", *_STAGES.values()), rows))
    stages = ("page", "sight", "all")
    rows = [
        [_LISTS.get(name, name), str(times["rounds"]), *(_format_times(times, stage) for stage in stages)]
        for name, times in measured["choices"].items()
    ]
    parts += [_CHOSEN, format_table(("list", "times", *(_STAGES[stage] for stage in stages)), rows)]
    return "\n".join([*parts, *_format_complaints(measured["complaints"])])


def _format_times(times: Mapping[str, Sequence[float]], stage: str) -> str:
    return " / ".join(f"{one:,.0f}" for one in times[stage])


def _format_complaints(complaints: Sequence[str]) -> list[str]:
    return [f"Pages complained: {'; '.join(complaints)}.\n"] if complaints else []
