"""Running the jobs from the command line, in this process, on the instance that the UI shows.

Belongs here: a job's configuration from plain values, and its outcome with how the documents stand. Does not belong
here: what is printed (cli/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import dagster as dg

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
    return run_on_instance(paths, defs.resolve_job_def("nightly"), config={"ops": steps, **_place(paths)})


def run_reparse(defs: dg.Definitions, paths: DataPaths, wanted: ReadingFilter, years: Sequence[str]) -> JobOutcome:
    """Read the wanted documents again, of these years or of all, and publish."""
    form = {**asdict(wanted), "document_ids": list(wanted.document_ids), "year": list(years)}
    config = {"ops": {"reread_documents": {"config": form}}, **_place(paths)}
    return run_on_instance(paths, defs.resolve_job_def("reparse"), config=config)


def _place(paths: DataPaths) -> dict[str, object]:
    return {"resources": {"data": {"config": {"root": str(paths.root)}}}}
