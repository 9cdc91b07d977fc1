"""Running the jobs from the command line, in this process, on the instance that the UI shows.

Belongs here: a job's configuration from plain values, and its outcome with how the documents stand. Does not belong
here: what is printed (cli/).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.orchestration.failures import describe_run_failure, write_last_failure
from pipeline.orchestration.instance import JobOutcome, run_on_instance
from pipeline.orchestration.selection import ReadingFilter
from pipeline.paths import DataPaths


def run_nightly(
    defs: dg.Definitions, paths: DataPaths, sources: Sequence[Path], *, accept_shrinkage: bool = False
) -> JobOutcome:
    """The whole night in one run: ingest the sources (files, folders, globs), read, merge, build, check, publish.

    accept_shrinkage: see warehouse/publish.py.
    """
    steps = {
        "raw__capture": {"config": {"paths": [str(source) for source in sources]}},
        "warehouse__published": {"config": {"accept_shrinkage": accept_shrinkage}},
    }
    return _run(defs, paths, "nightly", {"ops": steps, **_place(paths)})


def run_reparse(
    defs: dg.Definitions, paths: DataPaths, wanted: ReadingFilter, years: Sequence[str], regions: Sequence[str] = ()
) -> JobOutcome:
    """Read the wanted documents again, of these years and provinces or of all, and publish."""
    form = {**asdict(wanted), "document_ids": list(wanted.document_ids), "year": list(years), "region": list(regions)}
    config = {"ops": {"reread_documents": {"config": form}}, **_place(paths)}
    return _run(defs, paths, "reparse", config)


def _run(defs: dg.Definitions, paths: DataPaths, job: str, config: Mapping[str, Any]) -> JobOutcome:
    """One run; where it failed, that is written down as the UI's sensor does for runs of its own."""
    outcome = run_on_instance(paths, defs.resolve_job_def(job), config=config)
    if outcome.failed_steps:
        ended = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        steps = [(step.step, step.error_class) for step in outcome.failed_steps]
        # A disk that is full has its own message in the outcome
        with suppress(OSError):
            write_last_failure(paths, describe_run_failure(outcome.run_id, job, steps, ended))
    return outcome


def _place(paths: DataPaths) -> dict[str, object]:
    return {"resources": {"data": {"config": {"root": str(paths.root)}}}}
