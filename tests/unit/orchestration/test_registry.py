"""The register of sources in the warehouse: each line with its agency, where that is settled."""

from __future__ import annotations

import polars as pl

from pipeline.orchestration.registry import stage_sources
from pipeline.paths import DataPaths
from pipeline.sources.registry import load_sources


def test_every_source_is_staged_with_its_agency(tmp_path) -> None:
    paths = DataPaths(tmp_path)
    assert stage_sources(paths) == len(load_sources())
    staged = pl.read_parquet(paths.stage / "core" / "source" / "part.parquet")
    found = dict(staged.select("source_organ_name", "agency_id").iter_rows())
    assert found["洛阳市孟津区人民政府"] == "cn-410308-gov"
    assert found["湖口县大垅乡人民政府"] == "cn-360429200-gov"
    # A column of many organs stands for none of them
    assert found["广州市海珠区各街道"] is None


def test_an_unchanged_register_leaves_its_file_alone(tmp_path) -> None:
    paths = DataPaths(tmp_path)
    stage_sources(paths)
    path = paths.stage / "core" / "source" / "part.parquet"
    before = path.stat().st_ino
    stage_sources(paths)
    assert path.stat().st_ino == before
