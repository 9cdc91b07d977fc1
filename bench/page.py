"""A measurement as a page: the same Markdown on the terminal and in docs/benchmarks.md.

Belongs here: which figures are shown and how. Does not belong here: any figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bench.crawl_page import format_crawl
from bench.machine import format_machine
from bench.nation.page import format_nation
from bench.site_page import format_site
from bench.table import format_table
from bench.warehouse_page import format_warehouse

CELL_COUNTS = ("right", "wrong", "missed", "invented")
DOCUMENT_COUNTS = ("documents", *CELL_COUNTS, "misidentified", "exceptions")
# Damage may take the title with it, so who and when is not asked
DAMAGE_COUNTS = ("documents", *CELL_COUNTS, "exceptions")
_INTRODUCTION = """\
# Benchmarks

Written by `make bench` from `bench/measured.json`; do not edit. [bench/README.md](../bench/README.md) says how the
documents are made.

Every figure here comes from simulated documents, whose numbers are known. They show that reading does what it should at
size, in every format and under damage; they do not show how odd the next real report is. What real reports look like is
kept as golden cases in `tests/golden`.
"""
_ACCURACY = """\
## Accuracy

{reports:,} simulated reports (seed {seed}), up to 200 numbers each. *Right*: read as printed. *Wrong*: another number.
*Missed*: printed, but not reported as a number. *Invented*: reported where none is printed. *Misidentified*: documents
whose agency or year came out otherwise. *Exceptions*: documents that broke the reader. *Recall*: of the numbers that
the reader itself counts in the tables of the form, those that it read or refused with a reason.
"""
_DAMAGE = """\
## Damage

{mutations:,} documents, each damaged in one way. A number that the damage makes unreadable must not be reported: that
counts as wrong or invented. *Missed* counts only where the damage leaves everything readable.
"""
_SPEED = """\
## Speed

CPU milliseconds per document on one core, from bytes to cells and findings: median of {rounds} rounds over five
documents. *Reader*: bytes to lines and grids. *Form*: everything after. *Bare*: a parser that only parses, on the same
bytes in the same run; seconds differ between machines, ratios to it little.
"""
_PEERS = """\
## Other libraries on the same bytes

CPU milliseconds per document for the tables as a library gives them, how many times that is what our reader takes, and
what reader and form take together. None of these libraries finds agency and year, the form's rows, or its broken sums.
"""


def format_page(measured: Mapping[str, Any]) -> str:
    """The whole page, ended by a newline."""
    sections = [_INTRODUCTION, format_machine(measured["machine"])]
    sections += [
        _ACCURACY.format(**measured["settings"]),
        _format_accuracy(measured["accuracy"]),
    ]
    sections += [_format_outcomes(measured["accuracy"]), *_format_skipped(measured["skipped"])]
    sections += [_DAMAGE.format(**measured["settings"]), _format_tallies("damage", measured["damage"], DAMAGE_COUNTS)]
    sections += _format_misreadings(measured)
    sections += [_SPEED.format(**measured["settings"]), _format_speed(measured["speed"])]
    sections += _format_peers(measured["speed"])
    parts = {"nation": format_nation, "warehouse": format_warehouse, "site": format_site, "crawl": format_crawl}
    sections += [show(measured[name]) for name, show in parts.items() if name in measured]
    return "\n".join(section if section.endswith("\n") else f"{section}\n" for section in sections)


def format_faults(measured: Mapping[str, Any]) -> str:
    """A few of the cells read otherwise than printed, one a line; empty when there are none."""
    return "".join(f"{_describe_fault(fault)}\n" for fault in _list_faults(measured))


def _list_faults(measured: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    for section in ("accuracy", "damage"):
        for tally in measured[section].values():
            yield from tally["faults"]


def _describe_fault(fault: Mapping[str, str]) -> str:
    where = f"{fault['document']} {fault['cell_code']}"
    return f"{fault['kind']}: {where} printed {fault['printed']!r} read {fault['read']!r}"


def _format_misreadings(measured: Mapping[str, Any]) -> Iterator[str]:
    lines = [f"- {_describe_fault(fault)}\n" for fault in _list_faults(measured) if fault["kind"] != "missed"]
    if lines:
        yield "Known misreadings, at most one cell of each kind for a document:\n\n" + "".join(lines)


def _format_tallies(heading: str, tallies: Mapping[str, Mapping[str, Any]], counts: Sequence[str]) -> str:
    rows = [[name, *(f"{tally[count]:,}" for count in counts)] for name, tally in tallies.items() if tally["documents"]]
    sums = (sum(tally[count] for tally in tallies.values()) for count in counts)
    rows.append(["**all**", *(f"**{total:,}**" for total in sums)])
    return format_table((heading, *counts), rows)


def _format_accuracy(tallies: Mapping[str, Mapping[str, Any]]) -> str:
    """The tallies of undamaged documents with their recall."""
    lines = _format_tallies("format", tallies, DOCUMENT_COUNTS).splitlines()
    shares = [_share_read([tally]) for tally in tallies.values() if tally["documents"]]
    shown = ["recall", "---", *shares, f"**{_share_read(tallies.values())}**"]
    return "".join(f"{line} {share} |\n" for line, share in zip(lines, shown, strict=True))


def _share_read(tallies: Iterable[Mapping[str, Any]]) -> str:
    """A percentage, rounded down: only what is complete shows as 100."""
    known = list(tallies)
    read, printed = (sum(tally[name] for tally in known) for name in ("read_numbers", "printed_numbers"))
    return f"{10_000 * read // printed / 100:g} %" if printed else "–"


def _format_outcomes(tallies: Mapping[str, Mapping[str, Any]]) -> str:
    outcomes: dict[str, int] = {}
    for tally in tallies.values():
        for outcome, count in tally["outcomes"].items():
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    not_made = sum(tally["not_made"] for tally in tallies.values())
    came_out = ", ".join(f"{outcome} {count:,}" for outcome, count in sorted(outcomes.items()))
    unmade = f" {not_made:,} more were not made by the program that should have." if not_made else ""
    return f"What the documents came to: {came_out}.{unmade}\n"


def _format_skipped(skipped: Mapping[str, str]) -> Iterator[str]:
    if skipped:
        yield "Not measured: " + "; ".join(f"{name} ({reason})" for name, reason in skipped.items()) + ".\n"


def _format_speed(timings: Sequence[Mapping[str, Any]]) -> str:
    headings = (
        "format",
        "KB",
        "pages",
        "reader",
        "form",
        "both",
        "bare parser",
        "bare",
        "reader / bare",
        "both / bare",
    )
    rows = []
    for timing in timings:
        both = timing["reader_ms"] + timing["form_ms"]
        times = (f"{timing['reader_ms']:.2f}", f"{timing['form_ms']:.2f}", f"**{both:.2f}**")
        ratios = [f"{ms / timing['raw_ms']:,.1f}" for ms in (timing["reader_ms"], both)]
        size = (f"{timing['mean_bytes'] / 1_000:.0f}", str(timing["pages"] or ""))
        # Decoding a few kilobytes takes microseconds: a ratio to it says nothing
        shown = ratios if timing["raw_ms"] >= 0.05 else ["", ""]
        rows.append([timing["format_name"], *size, *times, timing["raw_parser"], f"{timing['raw_ms']:.2f}", *shown])
    return format_table(headings, rows)


def _format_peers(timings: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [
        [timing["format_name"], name, f"{ms:.1f}", f"{ms / timing['reader_ms']:.1f} ×", f"{ms / both:.1f} ×"]
        for timing in timings
        for both in [timing["reader_ms"] + timing["form_ms"]]
        for name, ms in timing["peers"].items()
    ]
    headings = ("format", "library", "ms", "to our reader", "to reader and form")
    return [_PEERS, format_table(headings, rows)] if rows else []
