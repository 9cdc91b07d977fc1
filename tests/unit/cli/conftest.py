"""Running commands as a person does, on a data folder of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from pipeline.cli.main import touming
from pipeline.paths import REPO_ROOT, DataPaths

SAMPLES = DataPaths(REPO_ROOT / "data").samples


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataPaths:
    monkeypatch.setenv("TOUMING_DATA", str(tmp_path / "data"))
    # Set first, so that what a command sets is undone even where nothing was set before
    monkeypatch.setenv("DAGSTER_HOME", "")
    monkeypatch.delenv("DAGSTER_HOME")
    return DataPaths.from_environment()


@pytest.fixture
def run(data: DataPaths) -> Callable[..., Result]:
    """Run one command; data goes to .stdout, everything else to .stderr."""

    def invoke(*arguments: str, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(touming, list(arguments), input=stdin, catch_exceptions=False)

    return invoke


@pytest.fixture
def publish_tables(data: DataPaths) -> Callable[[str], None]:
    """Put a file with these tables where the warehouse would be."""

    def publish(statements: str) -> None:
        data.published.parent.mkdir(parents=True)
        with duckdb.connect(str(data.published)) as con:
            con.execute(statements)

    return publish


@pytest.fixture(scope="session")
def sample() -> Path:
    return SAMPLES / "03-mengjin-office-2022-plain.txt"
