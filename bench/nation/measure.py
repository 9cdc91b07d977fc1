"""Nights over nations of growing size, measured one after the other; what is done is not done again.

Belongs here: the order of things at one size and over sizes, and the files that remember what is done. Does not belong
here: documents, a night, judging, showing.
"""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

from bench.machine import describe_machine
from bench.measure import show_progress
from bench.nation.documents import Nation, draw_kind, list_skipped_formats
from bench.nation.growth import describe_growth
from bench.nation.judge import count_verdicts, judge_warehouse
from bench.nation.limits import measure_limits
from bench.nation.night import describe_night, run_night
from bench.nation.write import write_nation
from bench.warehouse import time_questions, timed
from pipeline.paths import DataPaths

SIZES = (1_000, 10_000, 40_000)
# One report of so many is changed before the last night
CHANGED_EVERY = 100
_FIRST_CHANGED = 50
_WHOLE = ("page", "word", "word_light", "text_page", "pdf", "docx")
NIGHTS = ("first", "nothing new", "a hundredth changed")


@dataclass(frozen=True, slots=True)
class NationSettings:
    """How many agencies report, for how many years. is_quick: that size alone, without smaller ones before it."""

    reports_per_year: int = 10_000
    years: int = 1
    seed: int = 1
    is_quick: bool = False


QUICK_NATION = NationSettings(reports_per_year=300, is_quick=True)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one size is kept. Each figure that is known is a file, so that an interrupted measurement goes on."""

    root: Path

    @property
    def paths(self) -> DataPaths:
        return DataPaths(self.root / "data")

    @property
    def running(self) -> Path:
        """There while a night runs, and after one that failed."""
        return self.root / "night.running"

    def remember(self, name: str, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The figures of this name: as they were measured, else measured now."""
        path = self.root / f"{name.replace(' ', '_')}.figures.json"
        if path.is_file():
            known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return known
        measured = measure()
        path.write_text(json.dumps(measured, ensure_ascii=False), encoding="utf-8")
        return measured

    def forget_nights(self) -> None:
        """Begin again with the first night: an interrupted one would be measured as two."""
        shutil.rmtree(self.paths.root, ignore_errors=True)
        for path in self.root.glob("*.figures.json"):
            if path.name != "documents.figures.json":
                path.unlink()
        self.running.unlink(missing_ok=True)


def list_sizes(settings: NationSettings) -> list[int]:
    """Reports a year at each size, smallest first."""
    whole = settings.reports_per_year * settings.years
    smaller = () if settings.is_quick else (size for size in SIZES if size < whole)
    return [*(-(-size // settings.years) for size in smaller), settings.reports_per_year]


def measure_nation(settings: NationSettings, folder: Path, console: Console) -> dict[str, Any]:
    """Every size in turn, as one JSON object. Of all but the largest the data are deleted once they are measured."""
    sizes = []
    wanted = list_sizes(settings)
    for number in wanted:
        place = _Place(folder / f"{settings.years}x{number:06}-{settings.seed}")
        place.root.mkdir(parents=True, exist_ok=True)
        nation = Nation(number, settings.years, settings.seed)
        sizes.append(place.remember("whole", partial(_measure_size, nation, place, console)))
        if number != wanted[-1]:
            shutil.rmtree(place.paths.root, ignore_errors=True)
    return {
        "machine": describe_machine(),
        "settings": asdict(settings),
        "skipped": list_skipped_formats(),
        "sizes": sizes,
        "growth": describe_growth(sizes),
    }


def _measure_size(nation: Nation, place: _Place, console: Console) -> dict[str, Any]:
    if place.running.is_file():
        console.print("the last measurement stopped within a night: beginning again with the first", highlight=False)
        place.forget_nights()
    made = place.remember("documents", partial(_write_documents, nation, place, console))
    changed = place.root / "changed"
    nights, judged = {}, {}
    for name in NIGHTS:
        sources = {"first": [place.root / "documents"], "nothing new": [], NIGHTS[-1]: [changed / "documents"]}[name]
        nights[name] = place.remember(name, partial(_run_night, name, sources, place, console))
        truths = [place.root / "truth", *([changed / "truth"] if name == NIGHTS[-1] else [])]
        judged[name] = place.remember(f"{name} judged", partial(_judge, place, truths, console))
    limits = place.remember("limits", partial(measure_limits, place.paths, place.root / "truth"))
    questions = place.remember("questions", lambda: dict(time_questions(place.paths.published)))
    for done in (place.root / "documents", changed / "documents"):
        shutil.rmtree(done, ignore_errors=True)
    return {
        **made,
        "nights": nights,
        "bytes": nights["first"]["bytes"],
        "verdicts": {name: count_verdicts(each) for name, each in judged.items()},
        "judged": judged["first"],
        "limits": limits,
        "questions": questions,
    }


def _write_documents(nation: Nation, place: _Place, console: Console) -> dict[str, Any]:
    """Documents of all slots, and changed ones of a hundredth of them."""
    changed = list_changed_slots(nation)
    with timed() as writing, show_progress(console) as progress:
        total = nation.slot_count + len(changed)
        bar = progress.add_task(f"{nation.slot_count:,} reports", total=total)
        counts = write_nation(nation, place.root)
        done_before = next(counts)
        for count in itertools.chain([done_before], counts):
            progress.advance(bar, count)
        for count in write_nation(nation, place.root / "changed", changed, is_revised=True):
            progress.advance(bar, count)
    with duckdb.connect() as con:
        row = con.execute(
            "SELECT count(*), sum(byte_count) FROM read_parquet($truth)",
            {"truth": str(place.root / "truth" / "documents-*.parquet")},
        ).fetchone()
    assert row is not None
    return {
        "reports": nation.slot_count,
        "years": nation.years,
        "documents": row[0],
        "document_bytes": int(row[1]),
        "changed_documents": len(changed),
        # Of what was begun before only the end would be timed
        "writing_seconds": None if done_before else round(writing["seconds"], 1),
    }


def list_changed_slots(nation: Nation) -> list[int]:
    """The slots whose reports are changed before the last night; those that can be read, so that it shows."""
    chosen = range(min(_FIRST_CHANGED, nation.slot_count - 1), nation.slot_count, CHANGED_EVERY)
    return [slot for slot in chosen if _is_whole(*draw_kind(nation, slot))]


def _is_whole(format_name: str, fault: str) -> bool:
    return format_name in _WHOLE and fault == ""


def _run_night(name: str, sources: Sequence[Path], place: _Place, console: Console) -> dict[str, Any]:
    place.running.touch()
    with console.status(f"night: {name}"):
        night = run_night(place.paths, sources, place.root / f"{name.replace(' ', '_')}.log")
    if night.failed_steps:
        raise RuntimeError(f"night {name!r} in {place.root}: {'; '.join(night.failed_steps)}")
    place.running.unlink()
    console.print(f"night {name}: {night.seconds:,.0f} s, {night.peak_mebibytes:,.0f} MiB", highlight=False)
    return describe_night(night) | {"bytes": _measure_bytes(place.paths), "build_id": _read_build_id(place.paths)}


def _judge(place: _Place, truths: Sequence[Path], console: Console) -> dict[str, Any]:
    with console.status("judging every cell"):
        judged = judge_warehouse(place.paths.published, truths, place.root)
    console.print(_say(count_verdicts(judged)), highlight=False)
    return judged


def _say(counts: Mapping[str, int]) -> str:
    return "cells: " + ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _measure_bytes(paths: DataPaths) -> dict[str, int]:
    """Bytes of files by what they are."""
    places = {
        "blobs": paths.blobs,
        "captures": paths.captures,
        "batches of rows": paths.shards,
        "merged stages": paths.stage,
        "build": paths.build.parent,
        "published": paths.published,
        "runs": paths.dagster_home,
    }
    return {name: _sum_bytes(path) for name, path in places.items()}


def _sum_bytes(path: Path) -> int:
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


def _read_build_id(paths: DataPaths) -> str:
    with duckdb.connect(str(paths.published), read_only=True) as con:
        row = con.execute("SELECT build_id FROM meta.build").fetchone()
    return str(row[0]) if row else ""
