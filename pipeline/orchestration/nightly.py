"""Running the jobs from the command line, in this process, on the instance that the UI shows.

Belongs here: a job's configuration from plain values, and its outcome with how the documents stand. Does not belong
here: what is printed (cli/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import dagster as dg

from pipeline.orchestration.batches import list_years
from pipeline.orchestration.instance import JobOutcome, open_instance, run_job
from pipeline.orchestration.partitions import make_range_tags
from pipeline.orchestration.raw_assets import CAPTURE, DOCUMENT
from pipeline.orchestration.selection import ReadingFilter
from pipeline.paths import DataPaths


def run_nightly(
    defs: dg.Definitions, paths: DataPaths, sources: Sequence[Path], *, accept_shrinkage: bool = False
) -> JobOutcome:
    """The whole night in two runs: ingest the sources (files, folders, globs), then every year that has documents.

    Two, because only ingesting tells which years these are, and every year of a run costs its events: on SQLite all 24
    take longer to log than a night without news takes to do. accept_shrinkage: see warehouse/publish.py.
    """
    job = defs.resolve_job_def("nightly")
    config = {"ops": {"raw__capture": {"config": {"paths": [str(source) for source in sources]}}}}
    intake = [CAPTURE, DOCUMENT]
    with open_instance(paths) as instance:
        taken_in = run_job(instance, job, intake, config=config | _place(paths))
        if taken_in.failed_steps:
            return taken_in
        rest = [key for key in job.asset_layer.executable_asset_keys if key not in intake]
        gate = {"ops": {"warehouse__published": {"config": {"accept_shrinkage": accept_shrinkage}}}}
        built = run_job(instance, job, rest, config=gate | _place(paths), tags=make_range_tags(list_years(paths)))
    return JobOutcome(built.run_id, built.failed_steps, {**taken_in.metadata_totals, **built.metadata_totals})


def run_reparse(defs: dg.Definitions, paths: DataPaths, wanted: ReadingFilter, years: Sequence[str]) -> JobOutcome:
    """Read the wanted documents again, of these years or of all, and publish."""
    form = {**asdict(wanted), "document_ids": list(wanted.document_ids), "year": list(years)}
    config = {"ops": {"reread_documents": {"config": form}}, **_place(paths)}
    with open_instance(paths) as instance:
        return run_job(instance, defs.resolve_job_def("reparse"), config=config)


def _place(paths: DataPaths) -> dict[str, object]:
    return {"resources": {"data": {"config": {"root": str(paths.root)}}}}
