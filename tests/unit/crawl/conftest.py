from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.paths import DataPaths
from tests.unit.crawl.fakes import FakeClock, FakeSites


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(tmp_path)


@pytest.fixture
def sites() -> FakeSites:
    return FakeSites(FakeClock())
