"""One measurement: accuracy, damage and speed of reading on this machine, as one JSON object.

Belongs here: what is measured and in which order, progress. Does not belong here: judging, timing, showing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.accuracy import Tally, describe_tallies, judge_many
from bench.formats import FORMATS
from bench.machine import describe_machine
from bench.producers import COMMANDS, explain_absence, find_producer
from bench.render_scan import explain_missing_libraries
from bench.speed import build_timed_documents, describe_timing, time_peers, time_reading


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is measured. peers: an interpreter that has the libraries to compare with, None to leave them out."""

    reports: int = 2_000
    mutations: int = 10_000
    rounds: int = 15
    seed: int = 1
    peers: Path | None = None


QUICK = Settings(reports=120, mutations=500, rounds=3)


def measure_reading(settings: Settings) -> dict[str, Any]:
    """Measure everything; takes minutes. Talk and progress go to stderr."""
    formats, skipped = list_available_formats()
    console = Console(stderr=True)
    for name, reason in skipped.items():
        console.print(f"skipped {name}: {reason}", highlight=False)
    # Timed first and alone: nothing else of ours is running on the other core yet
    speed = _measure_speed(settings, formats, console)
    judged = _judge(settings, formats, console)
    return {
        "machine": describe_machine(),
        "settings": {"reports": settings.reports, "mutations": settings.mutations, "rounds": settings.rounds}
        | {"seed": settings.seed},
        "skipped": skipped,
        "accuracy": describe_tallies(judged["accuracy"]),
        "damage": describe_tallies(judged["damage"]),
        "speed": speed,
    }


def list_available_formats() -> tuple[list[str], dict[str, str]]:
    """The formats that can be made here, and for every other one why not."""
    missing = {producer: explain_absence(producer) for producer in COMMANDS if find_producer(producer) is None}
    reasons = {
        name: missing.get(each.producer) or (explain_missing_libraries() if each.is_scanned else "")
        for name, each in FORMATS.items()
    }
    skipped = {name: reason for name, reason in reasons.items() if reason}
    return [name for name in FORMATS if name not in skipped], skipped


def _measure_speed(settings: Settings, formats: Sequence[str], console: Console) -> list[dict[str, Any]]:
    documents = build_timed_documents(formats, settings.seed)
    timings = []
    with show_progress(console) as progress:
        for timing in progress.track(time_reading(documents, settings.rounds), len(documents), description="speed"):
            timings.append(timing)
    if settings.peers is not None:
        console.print(f"timing other libraries with {settings.peers}", highlight=False)
        peers = time_peers(documents, settings.rounds, settings.peers)
        timings = [replace(timing, peers=peers.get(timing.format_name, {})) for timing in timings]
    return [describe_timing(timing) for timing in timings]


def _judge(settings: Settings, formats: Sequence[str], console: Console) -> dict[str, dict[str, Tally]]:
    judged: dict[str, dict[str, Tally]] = {"accuracy": {}, "damage": {}}
    with show_progress(console) as progress:
        totals = {"accuracy": settings.reports, "damage": settings.mutations}
        bars = {section: progress.add_task(section, total=total) for section, total in totals.items()}
        batches = judge_many(settings.reports, settings.mutations, settings.seed, formats, os.cpu_count() or 1)
        for section, count, tallies in batches:
            for name, tally in tallies.items():
                judged[section].setdefault(name, Tally()).add(tally)
            progress.advance(bars[section], count)
    return judged


def show_progress(console: Console) -> Progress:
    """A bar on a terminal, nothing elsewhere."""
    columns = (TextColumn("{task.description:8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)
