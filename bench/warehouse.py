"""What building, publishing and asking a warehouse of a nation's size costs, on rows of row_corpus.py.

Belongs here: timing the steps of a first build, of one with nothing new and of one with a hundredth changed, and the
sample questions. Does not belong here: making rows, reading documents, showing figures.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.machine import describe_machine
from bench.row_corpus import change_rows, write_row_corpus
from pipeline.paths import SQL_ROOT, DataPaths
from pipeline.warehouse.build import load_core, open_build
from pipeline.warehouse.models import load_models, run_models
from pipeline.warehouse.publish import publish
from pipeline.warehouse.query import QueryError, run_query
from pipeline.warehouse.sql_files import read_sql_folder

CHANGED_SHARE = 0.01
_WARM_ROUNDS = 3
_LONGEST_QUESTION_SECONDS = 120.0
_STEPS = ("load", "models", "publish", "whole")


def measure_warehouse(
    folder: Path, reports_per_year: int, years: tuple[int, ...], base_count: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Figures of one size: rows, seconds by step, bytes, milliseconds by question."""
    with timed() as writing:
        corpus = write_row_corpus(folder, reports_per_year, years, base_count)
    say(f"rows of {reports_per_year * len(years):,} reports written in {writing['seconds']:.0f} s")
    paths = DataPaths(folder)
    nights = {}
    for night in ("first", "nothing new", "a hundredth changed"):
        changed = change_rows(folder, years[-1], CHANGED_SHARE) if night == "a hundredth changed" else 0
        nights[night] = {"changed reports": changed, **run_night(paths)}
        say(f"{night}: " + ", ".join(f"{step} {nights[night][step]:.1f}" for step in _STEPS))
    return {
        "machine": describe_machine(),
        "base": base_count,
        "reports_per_year": reports_per_year,
        "years": len(years),
        "cells": corpus.cell_count,
        "file_bytes": paths.published.stat().st_size,
        "nights": nights,
        "questions": dict(time_questions(paths.published)),
        "peak_mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def run_night(paths: DataPaths) -> dict[str, Any]:
    """Load the rows of a data folder, build and publish: seconds by step and by model, and what did not come out."""
    with timed() as whole:
        con = open_build(paths)
        try:
            with timed() as load:
                load_core(con, paths)
            with timed() as models:
                results = run_models(con, load_models())
        finally:
            con.close()
        with timed() as publishing:
            warehouse = publish(paths.build, paths)
    slowest = sorted(results, key=lambda result: -result.seconds)
    return {
        "load": load["seconds"],
        "models": models["seconds"],
        "publish": publishing["seconds"],
        "whole": whole["seconds"],
        "cpu": whole["cpu"],
        "by model": {result.name: round(result.seconds, 2) for result in slowest},
        "not built": [f"{result.name}: {result.error}" for result in results if result.status != "ok"],
        "failed checks": [check.name for check in warehouse.checks if not check.passed],
        "build_id": warehouse.build_id,
    }


def time_questions(published: Path) -> Iterator[tuple[str, float]]:
    """Milliseconds of each file of sql/examples, the best of the rounds after the first."""
    for file in read_sql_folder(SQL_ROOT / "examples"):
        rounds = []
        for _ in range(_WARM_ROUNDS + 1):
            with timed() as one:
                try:
                    run_query(published, file.sql, seconds=_LONGEST_QUESTION_SECONDS)
                except QueryError as error:
                    yield f"{file.name}: {error.code}", -1.0
                    break
            rounds.append(one["seconds"] * 1000)
        else:
            yield file.name, round(min(rounds[1:]), 1)


@contextmanager
def timed() -> Iterator[dict[str, float]]:
    """A dictionary that holds `seconds` and `cpu`, of this process, once the block is done."""
    figures: dict[str, float] = {}
    wall, cpu = time.perf_counter(), time.process_time()
    yield figures
    figures["seconds"] = time.perf_counter() - wall
    figures["cpu"] = time.process_time() - cpu
