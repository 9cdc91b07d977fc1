"""The measurement of a nation's nights as a section of the page.

Belongs here: which figures are shown and how. Does not belong here: any figure.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.machine import format_machine
from bench.table import format_table

_VERDICTS = ("right", "wrong", "invented", "missed", "withheld", "unread")
# Where documents are read, whichever of them does it
_READING_STEPS = ("raw__document", "stage__reading")
_NATION = """\
## A nation's nights

Simulated agencies of real divisions, one report a year each: HTML pages of 4 to 141 KB (80 %), PDF (12 %), Word (6 %),
pictures (2 %); in one of seven something is wrong (`bench/nation/nation.yml` has the shares). The nightly job takes in
the files, reads, merges, builds, checks and publishes; then it runs with nothing new, and with a hundredth of the
reports changed. PDF files are written without another program and carry no fonts: those of real programs are ten times
as large and take as long to read (see Speed).
"""
_VERDICT_TEXT = """\
Every published cell against what was printed. *Missed*: a number of a whole document that is not published. *Withheld*:
one of a document that damage made unreadable. *Unread*: one of a document that is not published as a report, such as a
picture where no recognition is installed.
"""
_STEP_TEXT = """\
Steps of {documents:,} documents. CPU is that of all processes, memory the most they held together, pages that they
share counted once. *Growth*: the exponent of the first night's seconds over all sizes, *last*: between the two largest;
1 is linear. What Dagster shows as one step is split where a colon stands.
"""
_LIMIT_TEXT = """\
Milliseconds of CPU a document: a parser that only parses, the whole reading of the same bytes by one process (with the
program that opens DOC files), and their ratio.
"""


def format_nation(measured: Mapping[str, Any]) -> str:
    """The section, ended by a newline."""
    largest = measured["sizes"][-1]
    parts = [_NATION, format_machine(measured["machine"]), *_format_skipped(measured["skipped"])]
    parts += [_format_sizes(measured["sizes"]), _VERDICT_TEXT, _format_verdicts(measured["sizes"])]
    parts += [
        _format_counts("format", largest["judged"]["formats"]),
        _format_counts("fault", largest["judged"]["faults"]),
    ]
    parts += [_format_outcomes(largest["judged"]), *_format_misreadings(largest["judged"])]
    parts += [_STEP_TEXT.format(**largest), _format_steps(largest["nights"], measured["growth"])]
    parts += [_format_growth(measured["growth"]), _format_bytes(largest)]
    parts += [
        _LIMIT_TEXT,
        _format_limits(largest["limits"]),
        _format_distance(largest),
        format_questions(largest["questions"]),
    ]
    return "\n".join(part for part in parts if part)


def format_questions(questions: Mapping[str, float]) -> str:
    """A line on how long the sample questions take, and which take longest."""
    answered = {name: ms for name, ms in questions.items() if ms >= 0}
    slowest = sorted(answered, key=lambda name: -answered[name])[:3]
    shown = ", ".join(f"{name} {answered[name]:,.0f}" for name in slowest)
    unanswered = "".join(f" Not answered: {name}." for name in questions.keys() - answered.keys())
    median = statistics.median(answered.values()) if answered else 0
    return f"{len(answered)} sample questions: median {median:,.0f} ms, slowest {shown} ms.{unanswered}\n"


def _format_skipped(skipped: Mapping[str, str]) -> Iterator[str]:
    if skipped:
        yield "Not made: " + "; ".join(f"{name} ({reason})" for name, reason in skipped.items()) + ".\n"


def _format_sizes(sizes: Sequence[Mapping[str, Any]]) -> str:
    nights = list(sizes[-1]["nights"])
    headings = ("reports", "documents", "MB", "written s", *(f"{night} s" for night in nights), "documents / s")
    rows = []
    for one in sizes:
        seconds = [one["nights"][night]["seconds"] for night in nights]
        peak = max(night["peak_mebibytes"] for night in one["nights"].values())
        shown = [f"{one['reports']:,}", f"{one['documents']:,}", f"{one['document_bytes'] / 1e6:,.0f}"]
        written = one["writing_seconds"]
        shown += ["" if written is None else f"{written:,.0f}", *(f"{each:,.0f}" for each in seconds)]
        rows.append(
            [
                *shown,
                f"{one['documents'] / seconds[0]:,.1f}",
                f"{peak:,.0f}",
                f"{sum(one['bytes'].values()) / 1e6:,.0f}",
            ]
        )
    return format_table((*headings, "peak MiB", "MB on disk"), rows)


def _format_verdicts(sizes: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [f"{one['reports']:,}", night, *(_stress(name, counts[name]) for name in _VERDICTS)]
        for one in sizes
        for night, counts in one["verdicts"].items()
    ]
    return format_table(("reports", "after the night", *_VERDICTS), rows)


def _stress(name: str, count: int) -> str:
    return f"**{count:,}**" if name in ("wrong", "invented") else f"{count:,}"


def _format_counts(heading: str, groups: Mapping[str, Mapping[str, int]]) -> str:
    columns = ("documents", *_VERDICTS)
    rows = [[name or "none", *(f"{counts[column]:,}" for column in columns)] for name, counts in groups.items()]
    return format_table((heading, *columns), rows)


def _format_outcomes(judged: Mapping[str, Any]) -> str:
    outcomes = ", ".join(
        f"{'reports' if each['is_report'] else 'other pages'} read as {each['outcome']} {each['documents']:,}"
        for each in judged["outcomes"]
    )
    found = judged["identities"]
    return (
        f"What documents came to: {outcomes}. Agencies of {found['reports']:,} reports: division right "
        f"{found['right']:,}, wrong {found['wrong']:,}, left open {found['unsettled']:,}; report year wrong "
        f"{found['wrong_year']:,}.\n"
    )


def _format_misreadings(judged: Mapping[str, Any]) -> Iterator[str]:
    lines = [
        f"- {each['verdict']}: {each['path']} {each['cell_code']} printed {each['printed']!r} read {each['found']!r}\n"
        for each in judged["misreadings"]
    ]
    if lines:
        yield "The first of the cells published otherwise than printed:\n\n" + "".join(lines)


def _format_steps(nights: Mapping[str, Mapping[str, Any]], growth: Mapping[str, Mapping[str, Any]]) -> str:
    first, *later = nights.values()
    headings = ("step", "first s", "CPU s", "peak MiB", "growth", "last", *(f"{name} s" for name in list(nights)[1:]))
    rows = []
    for name, step in first["steps"].items():
        seconds = [night["steps"].get(name, {"seconds": 0.0})["seconds"] for night in later]
        shown = [f"{step['seconds']:,.1f}", f"{step['cpu_seconds']:,.1f}", f"{step['peak_mebibytes']:,.0f}"]
        rows.append(
            [name, *shown, *_show_growth(growth.get(f"step {name}: seconds", {})), *(f"{s:,.1f}" for s in seconds)]
        )
    nights_shown = [f"{first['seconds']:,.1f}", f"{first['cpu_seconds']:,.1f}", f"{first['peak_mebibytes']:,.0f}"]
    whole = _show_growth(growth.get(f"{next(iter(nights))}: seconds", {}))
    rows.append(["**whole night**", *nights_shown, *whole, *(f"{night['seconds']:,.1f}" for night in later)])
    return format_table(headings, rows)


def _show_growth(exponents: Mapping[str, float | None]) -> list[str]:
    return ["" if exponents.get(name) is None else f"{exponents[name]:.2f}" for name in ("all", "last")]


def _format_growth(growth: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [[name, *_show_growth(each)] for name, each in growth.items() if not name.startswith("step ")]
    rows = [row for row in rows if any(row[1:])]
    return format_table(("what grows", "exponent over all sizes", "between the two largest"), rows) if rows else ""


def _format_bytes(one: Mapping[str, Any]) -> str:
    kinds = ", ".join(f"{name} {count / 1e6:,.0f}" for name, count in one["bytes"].items())
    return f"MB on disk after the first night of {one['documents']:,} documents: {kinds}.\n"


def _format_limits(limits: Mapping[str, Any]) -> str:
    rows = []
    for name, each in limits["formats"].items():
        size = [f"{each['documents']:,}", f"{each['mean_bytes'] / 1_000:,.0f}", each["raw_parser"]]
        rows.append([name, *size, *_compare(each["raw_ms"], each["read_ms"])])
    mean = limits["mean"]
    rows.append(["**mean of these with a bare parser**", "", "", "", *_compare(mean["raw_ms"], mean["read_ms"])])
    rows.append(["**mean of all**", "", "", "", *_compare(None, mean["whole_ms"])])
    return format_table(("format", "documents", "KB", "bare parser", "bare ms", "read ms", "read / bare"), rows)


def _compare(bare: float | None, read: float) -> list[str]:
    return ["" if bare is None else f"{bare:.2f}", f"{read:.2f}", _divide(read, bare or 0.0)]


def _format_distance(one: Mapping[str, Any]) -> str:
    scans, first = one["limits"]["scans"], next(iter(one["nights"].values()))
    spent = 1_000 * first["cpu_seconds"] / max(1, one["documents"])
    reading = sum(first["steps"].get(name, {"cpu_seconds": 0.0})["cpu_seconds"] for name in _READING_STEPS)
    bare = one["limits"]["mean"]["raw_ms"]
    return (
        f"The whole first night spends {spent:,.1f} ms of CPU a document, {_divide(spent, bare)} times what bare "
        f"parsing does; {1_000 * reading / max(1, one['documents']):,.1f} of them are spent filing and reading. "
        f"Decoding every value of the {scans['bytes'] / 1e6:,.0f} MB of rows ({scans['files']:,} files) once takes "
        f"DuckDB {scans['duckdb_seconds']:.1f} s and Polars {scans['polars_seconds']:.1f} s.\n"
    )


def _divide(whole: float, part: float) -> str:
    return f"{whole / part:,.1f}" if part else ""
