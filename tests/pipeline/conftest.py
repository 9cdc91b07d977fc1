"""One night over the samples, made once for all tests that begin with it; each spoils a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.definitions import defs
from pipeline.orchestration.instance import JobOutcome
from pipeline.orchestration.nightly import run_nightly
from pipeline.paths import REPO_ROOT, DataPaths

SAMPLES = DataPaths(REPO_ROOT / "data").samples


@pytest.fixture(scope="session")
def dagster_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("dagster")
    shutil.copyfile(REPO_ROOT / "dagster.yaml", home / "dagster.yaml")
    return home


@pytest.fixture(scope="session")
def first_night(dagster_home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[DataPaths, JobOutcome]:
    """One run over the samples in an empty data folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(dagster_home))
        paths = DataPaths(tmp_path_factory.mktemp("first"))
        return paths, run_nightly(defs, paths, [SAMPLES])


@pytest.fixture
def paths(first_night: tuple[DataPaths, JobOutcome], tmp_path: Path) -> DataPaths:
    """A copy of that data folder, to spoil."""
    shutil.copytree(first_night[0].root, tmp_path / "data")
    return DataPaths(tmp_path / "data")
